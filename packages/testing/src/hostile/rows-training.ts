import type { Tensor } from '@gradus/core'
import { mul, ones, tensor } from '@gradus/core'
import { amp, autograd, io, nn, optim, utils } from 'gradus'
import { group, whole, x } from './rows.ts'

const leaf = (): Tensor => {
  const p = x(2, 3).requiresGrad_()
  p.grad = ones(2, 3)
  return p
}
const sgd = (): optim.SGD => new optim.SGD([leaf()], { lr: 0.1, momentum: 0.9 })
const { lrScheduler } = optim
const { data } = utils
const L = 'optim.lrScheduler'

group(
  () => [[leaf()], { lr: 0.1 }],
  `optim.SGD optim.Adam optim.AdamW optim.Adadelta optim.Adafactor optim.Adagrad optim.Adamax optim.ASGD optim.LBFGS
   optim.Lion optim.Muon optim.NAdam optim.RAdam optim.RMSprop optim.Rprop`,
)
group(() => [[leaf()], { lr: 0.1 }], 'optim.Optimizer')
group(() => [[leaf()], ['a']], 'optim.Group')
group(() => [sgd(), { params: [leaf()], lr: 0.2 }], 'optim.Optimizer.addParamGroup')
group(() => [new optim.LBFGS([leaf()]), { params: [leaf()] }], 'optim.LBFGS.addParamGroup')
group(() => [sgd(), {}], 'optim.Optimizer.zeroGrad')
group(() => [sgd(), () => tensor(1)], 'optim.Optimizer.step')
group(() => [sgd(), 0.5, () => 1], 'optim.Optimizer.withGradFactor')
group(() => [sgd(), sgd().stateDict()], 'optim.Optimizer.loadStateDict')
group(
  () => [sgd(), () => {}],
  `optim.Optimizer.registerStepPreHook optim.Optimizer.registerStepPostHook optim.Optimizer.registerStateDictPreHook
   optim.Optimizer.registerStateDictPostHook optim.Optimizer.registerLoadStateDictPreHook
   optim.Optimizer.registerLoadStateDictPostHook`,
)
group(() => [[leaf()], 1, {}], 'nn.utils.clipGradNorm_')
group(() => [[leaf()], 1, tensor(2)], 'nn.utils.clipGradsWithNorm_')
group(() => [[leaf()], 1], 'nn.utils.clipGradValue_')
group(() => [[ones(2)], {}], 'nn.utils.getTotalNorm')

group(
  () => [sgd(), {}],
  `${L}.LRScheduler ${L}.ConstantLR ${L}.LinearLR ${L}.PolynomialLR ${L}.ReduceLROnPlateau`,
)
group(() => [sgd(), 0.9, {}], `${L}.ExponentialLR`)
group(() => [sgd(), [2, 4], {}], `${L}.MultiStepLR`)
group(() => [sgd(), 3, {}], `${L}.StepLR ${L}.CosineAnnealingLR ${L}.CosineAnnealingWarmRestarts`)
group(() => [sgd(), () => 0.5, {}], `${L}.LambdaLR ${L}.MultiplicativeLR`)
group(() => [sgd(), 0.1, 1, {}], `${L}.CyclicLR`)
group(() => [sgd(), 1, { totalSteps: 10 }], `${L}.OneCycleLR`)
group(() => [sgd(), 0.1, {}], `${L}.SWALR`)
const step = (optimizer = sgd()): optim.lrScheduler.StepLR => new lrScheduler.StepLR(optimizer, 2)
group(() => {
  const optimizer = sgd()
  return [[step(optimizer)], optimizer]
}, `${L}.ChainedScheduler`)
group(() => {
  const optimizer = sgd()
  return [optimizer, [step(optimizer), step(optimizer)], [2], {}]
}, `${L}.SequentialLR`)
group(() => [step(), 3], `${L}.LRScheduler.moveTo ${L}.LRScheduler.step`)
group(
  () => [new lrScheduler.CosineAnnealingWarmRestarts(sgd(), 3), 3],
  `${L}.CosineAnnealingWarmRestarts.moveTo`,
)
group(() => [step(), step().stateDict()], `${L}.LRScheduler.loadStateDict`)
const plateau = (): optim.lrScheduler.ReduceLROnPlateau => new lrScheduler.ReduceLROnPlateau(sgd())
group(() => [plateau(), 1], `${L}.ReduceLROnPlateau.step`)
group(() => [plateau(), plateau().stateDict()], `${L}.ReduceLROnPlateau.loadStateDict`)
group(
  () => [new lrScheduler.CosineAnnealingWarmRestarts(sgd(), 3), 2],
  `${L}.CosineAnnealingWarmRestarts.step`,
)

const accumulator = (): optim.GradAccumulator => new optim.GradAccumulator(sgd())
const A = 'optim.GradAccumulator'
group(() => [sgd(), {}], A)
group(() => {
  const parameter = x(2).requiresGrad_()
  return [new optim.GradAccumulator(new optim.SGD([parameter], { lr: 0.1 })), parameter.sum(), {}]
}, `${A}.backward`)
group(() => [accumulator(), accumulator().stateDict()], `${A}.loadStateDict`)
group(() => [whole(3, 4), {}], 'optim.countTargets')
group(() => [10, 2], 'optim.stepsPerEpoch')

const scaler = (): amp.GradScaler => {
  const made = new amp.GradScaler({ initScale: 4 })
  made.scale(tensor(1))
  return made
}
const S = 'amp.GradScaler'
group(() => [{}], S)
group(() => [scaler(), leaf().sum()], `${S}.scale`)
group(() => [scaler(), sgd()], `${S}.unscale_ ${S}.step`)
group(() => [scaler(), 4], `${S}.update`)
group(() => [scaler(), 2], `${S}.setGrowthFactor ${S}.setGrowthInterval`)
group(() => [scaler(), 0.5], `${S}.setBackoffFactor`)
group(() => [scaler(), scaler().stateDict()], `${S}.loadStateDict`)
group(() => [{ dtype: 'bfloat16' }, () => 1], 'autocast')
group(() => [], 'amp.getAutocastDtype amp.isAutocastEnabled')
group(() => [() => 1], 'amp.customBwd')
group(() => [() => 1, {}], 'amp.customFwd')
group(() => [new nn.Linear(3, 3), {}], 'amp.halfPrecision')

group(() => [leaf().sum(), {}], 'autograd.backward')
group(() => {
  const p = leaf()
  return [p.mul(2).sum(), [p], {}]
}, 'autograd.grad')
group(() => [() => 1], 'enableGrad noGrad inferenceMode autograd.onceDifferentiable')
group(() => [true, () => 1], 'autograd.setGradEnabled')
const double = (p: Tensor): Tensor => mul(p, 2)
const wide = (): Tensor => x(2).to('float64').requiresGrad_()
group(() => [double, [wide()], {}], 'autograd.gradcheck')
group(() => [double, [wide()], null, {}], 'autograd.gradgradcheck')
group(() => [], 'autograd.Context autograd.Function')
const context = (): autograd.Context => new autograd.Context()
const C = 'autograd.Context'
group(() => [context(), x(2)], `${C}.saveForBackward ${C}.markDirty ${C}.markNonDifferentiable`)
group(() => [context(), true], `${C}.setMaterializeGrads`)
class Twice extends autograd.Function {
  static forward(_ctx: autograd.Context, y: Tensor): Tensor {
    return mul(y, 2)
  }
  static backward(_ctx: autograd.Context, g: Tensor): Tensor {
    return g.mul(2)
  }
}
group(() => [Twice, x(2)], 'autograd.Function.apply')

const dataset = (): utils.data.TensorDataset<[Tensor, Tensor]> => new data.TensorDataset(x(6, 3), whole(3, 6))
const D = 'utils.data'
group(() => [x(6, 3), whole(3, 6)], `${D}.TensorDataset`)
group(() => [dataset(), 1], `${D}.TensorDataset.get`)
group(() => [dataset(), [1, 2]], `${D}.TensorDataset.batch ${D}.Subset`)
group(() => [new data.Subset(dataset(), [1, 2]), 1], `${D}.Subset.get`)
group(() => [[dataset(), dataset()]], `${D}.ConcatDataset`)
group(() => [new data.ConcatDataset([dataset()]), 1], `${D}.ConcatDataset.get`)
group(() => [[new data.TextDataset(new Uint8Array([97, 10]))]], `${D}.ChainDataset`)
group(() => [dataset(), dataset()], `${D}.StackDataset`)
group(() => [new data.StackDataset(dataset(), dataset()), 1], `${D}.StackDataset.get`)
group(() => [], `${D}.Dataset ${D}.IterableDataset ${D}.Sampler ${D}.getWorkerInfo`)
group(() => [dataset(), [2, 4], {}], `${D}.randomSplit`)
group(() => [[x(3), x(3)]], `${D}.defaultCollate`)
group(() => [{ a: new Float32Array(2) }], `${D}.defaultConvert`)
group(() => [dataset(), { batchSize: 2 }], `${D}.DataLoader`)
const loader = (): utils.data.DataLoader<[Tensor, Tensor]> => new data.DataLoader(dataset(), { batchSize: 2 })
group(() => [loader(), loader().stateDict()], `${D}.DataLoader.loadStateDict`)
group(() => [new data.SequentialSampler({ length: 6 }), 2, false], `${D}.BatchSampler`)
const distributed = (): utils.data.DistributedSampler => new data.DistributedSampler({ length: 6 }, { numReplicas: 2, rank: 0 }) // prettier-ignore
group(() => [{ length: 6 }, { numReplicas: 2, rank: 0 }], `${D}.DistributedSampler`)
group(() => [distributed(), 1], `${D}.DistributedSampler.setEpoch`)
group(() => [distributed(), { epoch: 1 }], `${D}.DistributedSampler.loadStateDict`)
group(() => [{ length: 6 }, {}], `${D}.RandomSampler`)
group(() => [{ length: 6 }], `${D}.SequentialSampler`)
group(() => [[1, 2], {}], `${D}.SubsetRandomSampler`)
group(() => [[0.5, 0.5], 4, {}], `${D}.WeightedRandomSampler`)
group(() => [new Uint8Array([97, 10]), {}], `${D}.TextDataset`)
group(() => [new Uint8Array([49, 10])], `${D}.JsonLinesDataset`)
group(() => [whole(3, 4).to('uint8')], `${D}.toIdx`)
group(() => [data.toIdx(whole(3, 4).to('uint8')), {}], `${D}.readIdx`)
group(() => [new Uint8Array(44)], `${D}.readWav`)
group(() => ['nowhere.txt', { folder: 'downloads' }], `${D}.downloadable`)
group(() => [() => dataset()], `${D}.serveDataset`)
const T = `${D}.transforms`
group(() => [2], `${T}.centerCrop`)
group(() => [2, {}], `${T}.randomCrop ${T}.resize`)
group(() => [0.5], `${T}.randomHorizontalFlip ${T}.randomVerticalFlip`)
group(() => [[data.transforms.toFloat()]], `${T}.compose`)
group(() => [[0.5], [0.5]], `${T}.normalize`)
group(() => [{}], `${T}.randomErasing`)
group(() => [], `${T}.toFloat`)

// the length of the header, and the header
const empty = (): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d)
group(() => [empty()], 'load io.openSafetensors')
group(() => [{ a: x(2) }, 'saved.safetensors', {}], 'save io.saveSafetensors')
group(() => [{ a: x(2) }, {}], 'io.toBytes')
group(() => [{ a: x(2) }, io.memoryFolder(), {}], 'io.saveShards')
group(() => [{ a: x(2) }], 'io.exportState io.importState')
group(() => [new Uint8Array(4), 'a'], 'io.bytesSource')
group(() => [new Blob(['a']), 'a'], 'io.blobSource')
group(() => [new URL('http://localhost:9/')], 'io.httpSource')
group(() => ['folder'], 'io.fileFolder')
group(() => [], 'io.memoryFolder io.opfsFolder io.indexedDbFolder')
const checkpoints = (): io.Checkpoints =>
  new io.Checkpoints(io.memoryFolder(), { model: new nn.Linear(2, 2) })
const K = 'io.Checkpoints'
group(() => [io.memoryFolder(), { model: new nn.Linear(2, 2) }, {}], K)
group(() => [checkpoints(), { step: 1 }], `${K}.save ${K}.saveInBackground`)
group(() => [checkpoints(), 'step-1'], `${K}.load`)
const writer = (): io.SummaryWriter => new io.SummaryWriter(io.memoryFolder())
const W = 'io.SummaryWriter'
group(() => [io.memoryFolder()], W)
group(() => [writer(), 'a', 1, 2, {}], `${W}.addScalar`)
group(() => [writer(), 'a', x(3), 2, {}], `${W}.addHistogram`)
group(() => [writer(), 'a', x(3, 4, 4), 2, {}], `${W}.addImage`)
group(() => [writer(), 'a', 'text', 2, {}], `${W}.addText`)

group(() => [{ threads: 1 }], 'wasmBackend init')
group(() => [new nn.Linear(3, 2), [x(2, 3)], {}], 'onnx.exportOnnx')
