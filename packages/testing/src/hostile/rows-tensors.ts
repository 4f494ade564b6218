import type { Tensor } from '@gradus/core'
import { mul, ones, tensor } from '@gradus/core'
import { linalg, nn } from 'gradus'
import { group, whole, x } from './rows.ts'

// Calls whose arguments depend on each other: what `derived.ts` cannot find by types.
const m = (): Tensor => x(2, 3)
const square = (): Tensor => x(3, 3).add(ones(3).mul(2).diag())

const factors = (): Tensor[] => {
  const { LU, pivots } = linalg.luFactor(square())
  return [LU, pivots]
}
const symmetric = (): Tensor[] => {
  const { LD, pivots } = linalg.ldlFactor(square())
  return [LD, pivots]
}

group(() => [x(2, 2), x(1, 2, 3), x(1, 3, 2), {}], 'addbmm_')
group(() => [x(2), m(), x(3), {}], 'addmv_')
group(() => [x(3, 3), x(3), x(3), {}], 'addr_')
group(() => [x(1, 2, 2), x(1, 2, 3), x(1, 3, 2), {}], 'baddbmm_')
group(() => [x(1, 2, 3), [1, 1, 2, 2], {}], 'affineGrid')
group(() => [m(), x(4), 1, [2], [1]], 'set_')
group(() => [x(4, 1, 2), x(3, 2, 5), x(5), 1], 'convTbc')
group(() => [x(1, 1, 6, 6), 2, { outputSize: 3 }], 'fractionalMaxPool2dWithIndices')
group(() => [x(1, 1, 6, 6, 6), 2, { outputSize: 3 }], 'fractionalMaxPool3dWithIndices')
group(() => [x(1, 1, 3, 3), x(1, 2, 2, 2), {}], 'gridSample')
group(() => [m(), x(2), [2], [1], 0], 'asStridedScatter')
group(() => [m(), x(2), 0, 0, 1], 'diagonalScatter')
group(() => [m(), x(3), 0, 1], 'selectScatter')
group(() => [m(), x(3, 2)], 'chainMatmul')
group(() => [[2, 3], [1, 0], {}], 'emptyPermuted')
group(() => [x(1, 1, 6, 6), 2, { outputSize: 3 }], 'fractionalMaxPool2d')
group(() => [x(1, 1, 6, 6, 6), 2, { outputSize: 3 }], 'fractionalMaxPool3d')
group(() => [x(1, 1, 3), whole(6, 1, 1, 3), 2, {}], 'maxUnpool1d')
group(() => [x(1, 1, 2, 2), whole(16, 1, 1, 2, 2), 2, {}], 'maxUnpool2d')
group(() => [x(1, 1, 2, 2, 2), whole(64, 1, 1, 2, 2, 2), 2, {}], 'maxUnpool3d')
group(() => [m(), [whole(2, 2)], x(3), {}], 'indexPut indexPut_')
group(() => [m(), 0, whole(2, 2), m(), 'prod', {}], 'indexReduce_')
group(() => [[[1, 2], [3, 4]], {}], 'asTensor') // prettier-ignore
group(() => [m(), [1, 2], {}], 'newTensor')
group(() => [m()], 'isTensor')
group(() => [m(), { size: 4 }], 'nonzeroStatic')
group(() => [x(4), 'sum', { lengths: tensor([1, 3], { dtype: 'int64' }) }], 'segmentReduce')
group(() => [x(3, 1), ...factors()], 'luSolve')
group(() => [...factors(), {}], 'luUnpack')
group(() => [...factors(), x(3, 1), {}], 'linalg.luSolve')
group(() => [...symmetric(), x(3, 1), {}], 'linalg.ldlSolve')
group(() => [square().triu(), x(3, 1), { upper: true }], 'linalg.solveTriangular')
group(() => [4, { a: [0.5, 0.5] }], 'signal.windows.generalCosine')

// a function that says what it takes, as those of users need not
const sum = (t: Tensor): Tensor => mul(t, t).sum()
const F = 'autograd.functional'
group(() => [sum, [m()], {}], `${F}.hessian ${F}.jacobian`)
group(() => [sum, [m()], [m()], {}], `${F}.hvp ${F}.vhp ${F}.jvp`)
group(() => [sum, [m()], [tensor(1)], {}], `${F}.vjp`)
group(() => [sum, {}], 'func.vmap func.grad func.gradAndValue func.hessian func.jacfwd func.jacrev')
group(() => [sum, [m()], [m()], {}], 'func.jvp')
group(() => [sum, [m()], {}], 'func.vjp')
group(() => [sum, [m()]], 'func.linearize')
group(() => [new nn.Linear(3, 3), { weight: square() }, [m()], {}], 'func.functionalCall')
group(() => [[new nn.Linear(3, 3), new nn.Linear(3, 3)]], 'func.stackModuleState')
group(() => [new nn.BatchNorm1d(3)], 'func.replaceAllBatchNormModules_')
group(() => [() => 1, true], 'autograd.detectAnomaly')
group(() => [sum, m()], 'autograd.checkpoint')
group(() => [[sum], 1, m(), {}], 'autograd.checkpointSequential')

const lines = (): Tensor => x(1, 4, 8)
const images = (): Tensor => x(1, 4, 6, 6)
const volumes = (): Tensor => x(1, 4, 6, 6, 6)
type Layer = () => nn.Module
const both = (
  name: string,
  args: () => readonly unknown[],
  build: Layer,
  ...inputs: (() => Tensor)[]
): void => {
  group(args, `nn.${name}`)
  group(() => {
    const [module, given] = [build(), inputs.map((input) => input())]
    if (name.startsWith('Lazy')) Reflect.apply(module, undefined, given)
    return [module, ...given]
  }, `nn.${name}.forward`)
}
both('FeatureAlphaDropout', () => [0.5, {}], () => new nn.FeatureAlphaDropout(0.5), lines) // prettier-ignore
both('FractionalMaxPool2d', () => [2, { outputSize: 3 }], () => new nn.FractionalMaxPool2d(2, { outputSize: 3 }), images) // prettier-ignore
both('FractionalMaxPool3d', () => [2, { outputSize: 3 }], () => new nn.FractionalMaxPool3d(2, { outputSize: 3 }), volumes) // prettier-ignore
both('MaxUnpool1d', () => [2, {}], () => new nn.MaxUnpool1d(2), () => x(1, 1, 3), () => whole(6, 1, 1, 3)) // prettier-ignore
both('MaxUnpool2d', () => [2, {}], () => new nn.MaxUnpool2d(2), () => x(1, 1, 2, 2), () => whole(16, 1, 1, 2, 2)) // prettier-ignore
both('MaxUnpool3d', () => [2, {}], () => new nn.MaxUnpool3d(2), () => x(1, 1, 2, 2, 2), () => whole(64, 1, 1, 2, 2, 2)) // prettier-ignore
both('LazyLinear', () => [2, {}], () => new nn.LazyLinear(2), m) // prettier-ignore
both('LazyConv1d', () => [2, 3, {}], () => new nn.LazyConv1d(2, 3), lines) // prettier-ignore
both('LazyConv2d', () => [2, 3, {}], () => new nn.LazyConv2d(2, 3), images) // prettier-ignore
both('LazyConv3d', () => [2, 3, {}], () => new nn.LazyConv3d(2, 3), volumes) // prettier-ignore
both('LazyConvTranspose1d', () => [2, 3, {}], () => new nn.LazyConvTranspose1d(2, 3), lines) // prettier-ignore
both('LazyConvTranspose2d', () => [2, 3, {}], () => new nn.LazyConvTranspose2d(2, 3), images) // prettier-ignore
both('LazyConvTranspose3d', () => [2, 3, {}], () => new nn.LazyConvTranspose3d(2, 3), volumes) // prettier-ignore
both('LazyBatchNorm1d', () => [{}], () => new nn.LazyBatchNorm1d(), lines) // prettier-ignore
both('LazyBatchNorm2d', () => [{}], () => new nn.LazyBatchNorm2d(), images) // prettier-ignore
both('LazyBatchNorm3d', () => [{}], () => new nn.LazyBatchNorm3d(), volumes) // prettier-ignore
both('LazyInstanceNorm1d', () => [{}], () => new nn.LazyInstanceNorm1d(), lines) // prettier-ignore
both('LazyInstanceNorm2d', () => [{}], () => new nn.LazyInstanceNorm2d(), images) // prettier-ignore
both('LazyInstanceNorm3d', () => [{}], () => new nn.LazyInstanceNorm3d(), volumes) // prettier-ignore

const hooked =
  'registerStateDictPreHook registerStateDictPostHook registerLoadStateDictPreHook registerLoadStateDictPostHook'
for (const name of hooked.split(' ')) group(() => [new nn.Linear(3, 3), () => {}], `nn.Module.${name}`)
class Counting extends nn.Module {
  count = 0
  forward(): Tensor {
    return tensor(this.count)
  }
  override getExtraState(): Tensor {
    return tensor(this.count)
  }
  override setExtraState(state: Tensor): void {
    this.count = mul(state, 1).item()
  }
}
group(() => [new Counting(), tensor(2)], 'nn.Module.setExtraState')
const lengths = (): Tensor => tensor([2, 1], { dtype: 'int64' })
const packed = (): nn.PackedSequence => nn.packPaddedSequence(x(2, 2, 3), lengths())
group(() => [x(3, 3), [2, 1], null, null], 'nn.PackedSequence')
group(() => [packed(), 'float64'], 'nn.PackedSequence.to')
group(() => [x(2, 2, 3), lengths(), {}], 'nn.packPaddedSequence nn.unpadSequence')
group(() => [packed(), {}], 'nn.padPackedSequence')
group(() => [packed()], 'nn.unpackSequence')
group(() => [tensor([1, 0], { dtype: 'int64' })], 'nn.invertPermutation')
group(() => ['GRU', 3, 4, {}], 'nn.RNNBase')
group(() => [new nn.GRU(3, 4), 0, 0], 'nn.RNNBase.weightsOf')
group(() => {
  const layer = nn.parametrize.weightNorm(new nn.Linear(3, 3))
  return [layer.getSubmodule('parametrizations.weight'), new nn.Identity()]
}, 'nn.parametrize.ParametrizationList.append')
