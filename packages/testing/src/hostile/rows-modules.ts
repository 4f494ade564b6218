import { tensor } from '@gradus/core'
import { nn } from 'gradus'
import { group, x } from './rows.ts'

const linear = (): nn.Linear => new nn.Linear(3, 3)
const net = (): nn.Sequential => new nn.Sequential(linear(), new nn.ReLU())
const parameter = (): nn.Parameter => new nn.Parameter(x(3))
const list = (): nn.ModuleList => new nn.ModuleList([linear()])
const dict = (): nn.ModuleDict => new nn.ModuleDict({ a: linear() })
const parameters = (): nn.ParameterList => new nn.ParameterList([x(3)])
const named = (): nn.ParameterDict => new nn.ParameterDict({ a: x(3) })

group(() => [], 'nn.Module')
group(() => [x(3), true], 'nn.Parameter')
group(() => [[], []], 'nn.IncompatibleKeys')
group(() => [[linear()]], 'nn.ModuleList')
group(() => [{ a: linear() }], 'nn.ModuleDict')
group(() => [[x(3)]], 'nn.ParameterList')
group(() => [{ a: x(3) }], 'nn.ParameterDict')
group(() => [net(), () => {}], 'nn.Module.apply')
group(() => [net(), true], 'nn.Module.train nn.Module.requiresGrad_')
group(
  () => [net(), {}],
  `nn.Module.zeroGrad nn.Module.stateDict nn.Module.parameters nn.Module.namedParameters nn.Module.buffers
   nn.Module.namedBuffers nn.Module.namedModules`,
)
group(() => [net(), 'float64'], 'nn.Module.to')
group(() => [net(), net().stateDict(), {}], 'nn.Module.loadStateDict')
group(() => [net(), null, x(2, 3)], 'nn.Module.call nn.Module.bind')
group(() => [net(), 'extra', x(3), {}], 'nn.Module.registerBuffer')
group(() => [net(), 'extra', parameter()], 'nn.Module.registerParameter')
group(() => [net(), 'extra', linear()], 'nn.Module.registerModule nn.Module.addModule')
group(() => [net(), '0'], 'nn.Module.getSubmodule')
group(() => [net(), '0.weight'], 'nn.Module.getParameter')
group(() => [new nn.BatchNorm1d(3), 'running_mean'], 'nn.Module.getBuffer')
group(
  () => [net(), () => undefined, {}],
  `nn.Module.registerForwardPreHook nn.Module.registerForwardHook nn.Module.registerFullBackwardPreHook
   nn.Module.registerFullBackwardHook`,
)
group(() => [list(), 0], 'nn.ModuleList.at')
group(() => [list(), linear()], 'nn.ModuleList.append')
group(() => [list(), [linear()]], 'nn.ModuleList.extend')
group(() => [list(), 0, linear()], 'nn.ModuleList.insert')
group(() => [dict(), 'a'], 'nn.ModuleDict.get nn.ModuleDict.has')
group(() => [dict(), 'b', linear()], 'nn.ModuleDict.set')
group(() => [parameters(), 0], 'nn.ParameterList.at')
group(() => [parameters(), x(3)], 'nn.ParameterList.append')
group(() => [parameters(), [x(3)]], 'nn.ParameterList.extend')
group(() => [named(), 'a'], 'nn.ParameterDict.get nn.ParameterDict.has')
group(() => [named(), 'b', x(3)], 'nn.ParameterDict.set')
group(() => [nn.Transformer, 3], 'nn.Transformer.generateSquareSubsequentMask')
const averaged = (): nn.AveragedModel<nn.Linear> => new nn.AveragedModel(linear())
group(() => [averaged(), linear()], 'nn.AveragedModel.updateParameters')
const adaptive = (): nn.AdaptiveLogSoftmaxWithLoss => new nn.AdaptiveLogSoftmaxWithLoss(3, 6, [2, 4])
group(
  () => [adaptive(), x(2, 3)],
  'nn.AdaptiveLogSoftmaxWithLoss.logProb nn.AdaptiveLogSoftmaxWithLoss.predict',
)

group(() => [linear()], 'nn.copyModule')
group(() => [0.9], 'nn.emaAverage')
group(() => [tensor([1]), tensor([2]), 1], 'nn.swaAverage')
group(() => [[x(2, 3)], new nn.Sequential(new nn.BatchNorm1d(3))], 'nn.updateBn')
group(() => [linear().parameters()], 'nn.parametersToVector')
group(() => [x(12), linear().parameters()], 'nn.vectorToParameters')

const P = 'nn.parametrize'
group(() => [x(3), null], `${P}.ParametrizationList`)
group(() => [linear(), {}], `${P}.spectralNorm ${P}.weightNorm ${P}.orthogonal`)
group(() => [nn.parametrize.weightNorm(linear()), 'weight'], `${P}.isParametrized`)
group(() => [nn.parametrize.weightNorm(linear()), 'weight', {}], `${P}.removeParametrizations`)
group(() => [linear(), 'weight', new nn.Identity(), {}], `${P}.registerParametrization`)

group(() => [x(2, 3), 1], 'nn.init.constant_')
group(() => [x(2, 3), 0, 1, {}], 'nn.init.normal_ nn.init.uniform_')
group(() => [x(2, 3)], 'nn.init.ones_ nn.init.zeros_ nn.init.eye_ nn.init.fanOf')
group(() => [x(2, 2, 3), {}], 'nn.init.dirac_')
group(() => [x(2, 3), 0.5, {}], 'nn.init.sparse_')
group(() => ['leaky_relu', 0.1], 'nn.init.calculateGain')
group(() => [x(2, 3), 0, 1, -2, 2, {}], 'nn.init.truncNormal_')
group(
  () => [x(2, 3), {}],
  'nn.init.orthogonal_ nn.init.kaimingNormal_ nn.init.kaimingUniform_ nn.init.xavierNormal_ nn.init.xavierUniform_',
)

const inEvaluation = <M extends nn.Module>(module: M): M => module.eval()
group(
  () => [inEvaluation(new nn.Conv1d(2, 3, 1)), inEvaluation(new nn.BatchNorm1d(3)), false],
  'nn.fuseConvBnEval',
)
group(() => [inEvaluation(linear()), inEvaluation(new nn.BatchNorm1d(3))], 'nn.fuseLinearBnEval')
const statistics = (): readonly unknown[] => [null, x(3), x(3), 0.1, null, null]
group(() => [x(3, 2, 1), ...statistics(), false], 'nn.fuseConvBnWeights')
group(() => [x(3, 2), ...statistics()], 'nn.fuseLinearBnWeights')
group(() => [nn.Linear, 2, 3], 'nn.skipInit')
group(() => [() => 1], `${P}.cached`)
group(() => [linear()], `${P}.typeBeforeParametrizations`)
group(
  () => [nn.parametrize.weightNorm(linear()), linear(), 'weight'],
  `${P}.transferParametrizationsAndParams`,
)
