import type { Tensor } from '@gradus/core'
import { Generator, tensor } from '@gradus/core'
import * as g from 'gradus'

/** A valid call: fresh arguments, and for a method what it is called on before them. */
export type Arguments = () => readonly unknown[]

const rows = new Map<string, Arguments>()

/** One valid call of each of these. */
export function group(make: Arguments, names: string): void {
  for (const name of names.split(/\s+/).filter((n) => n !== '')) {
    if (rows.has(name)) throw new Error(`${name} has two rows`)
    rows.set(name, make)
  }
}

/** The valid call of an export; a method of tensors has that of its function where it has none of its own. */
export function rowOf(name: string): Arguments | undefined {
  return rows.get(name) ?? (name.startsWith('Tensor.') ? rows.get(name.slice('Tensor.'.length)) : undefined)
}

/** The names that have a row. */
export const rowNames = (): string[] => [...rows.keys()]

/** Numbers in (0, 1). */
export function x(...shape: number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(Array.from({ length: size }, (_, i) => ((i * 37) % 90) / 100 + 0.05)).reshape(shape)
}
/** Whole numbers below `below`. */
export function whole(below: number, ...shape: number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Array.from({ length: size }, (_, i) => i % below),
    { dtype: 'int64' },
  ).reshape(shape)
}
const m = (): Tensor => x(2, 3)
const v = (): Tensor => x(3)
const sq = (): Tensor => x(3, 3)
const mask = (): Tensor => m().gt(0.4)
const leaf = (): Tensor => m().requiresGrad_()

group(
  () => [m()],
  `abs abs_ acos acos_ acosh acosh_ all angle any argwhere asin asin_ asinh asinh_ atan atan_ atanh atanh_
   atleast1d atleast2d atleast3d ceil ceil_ clone contiguous cos cos_ cosh cosh_ deg2rad deg2rad_ digamma digamma_ entr
   erf erf_ erfc erfc_ erfinv erfinv_ exp exp_ exp2 exp2_ expm1 expm1_ fliplr flipud floor floor_ frac frac_ hardsigmoid
   hardsigmoid_ hardswish hardswish_ isfinite isinf isnan isneginf isposinf isreal lgamma lgamma_ log log_ log10 log10_
   log1p log1p_ log2 log2_ logicalNot logicalNot_ logsigmoid mish mish_ msort ndtr ndtri neg neg_ nonzeroTuple
   positive rad2deg rad2deg_ ravel reciprocal reciprocal_ relu relu_ relu6 relu6_ rsqrt rsqrt_ selu selu_ sigmoid sigmoid_
   sign sign_ signbit silu silu_ sin sin_ sinc sinc_ sinh sinh_ softsign sqrt sqrt_ square square_ t tan tan_ tanh tanh_
   tanhshrink trunc trunc_ requireGrad`,
)
group(() => [sq()], 'det inv trace')
group(() => [m(), {}], 'diff unique uniqueConsecutive round round_ nanToNum nanToNum_ gelu normalize')
group(() => [m(), { alpha: 1 }], 'celu celu_ elu elu_')
group(() => [m(), { negativeSlope: 0.1 }], 'leakyRelu leakyRelu_')
group(() => [m(), { minVal: -1, maxVal: 1 }], 'hardtanh hardtanh_')
group(() => [m(), { beta: 1, threshold: 20 }], 'softplus')
group(() => [m(), 0.5], 'hardshrink softshrink logit logit_')
group(() => [x(2, 4), 1], 'glu')
group(() => [m(), m()], 'isSameSize')
group(() => [m()], 'keep')
group(() => [m(), 0.5, 0], 'threshold threshold_')
group(() => [m(), v()], 'prelu')
group(() => [m(), m(), {}], 'add add_ sub sub_ rsub div div_ isclose allclose')
group(
  () => [m(), m()],
  `atan2 atan2_ copysign copysign_ dist eq eq_ equal floatPower floorDivide fmax fmin fmod fmod_ ge ge_ gt gt_ heaviside
   heaviside_ hypot hypot_ ldexp ldexp_ le le_ logaddexp logaddexp2 logicalAnd logicalAnd_ logicalOr logicalOr_ logicalXor
   logicalXor_ lt lt_ maximum minimum mul mul_ ne ne_ pow pow_ remainder remainder_ xlog1py xlogy xlogy_ copy_ clampMax
   clampMax_ clampMin clampMin_ Tensor.viewAs Tensor.reshapeAs Tensor.expandAs Tensor.grad= Tensor.data=`,
)
group(() => [whole(5, 2, 3)], 'bitwiseNot bitwiseNot_')
group(
  () => [whole(5, 2, 3), whole(3, 2, 3)],
  `bitwiseAnd bitwiseAnd_ bitwiseOr bitwiseOr_ bitwiseXor bitwiseXor_ bitwiseLeftShift bitwiseLeftShift_
   bitwiseRightShift bitwiseRightShift_`,
)
group(() => [m(), m(), m(), { value: 2 }], 'addcdiv addcdiv_ addcmul addcmul_')
group(() => [m(), m(), 0.5], 'lerp lerp_')
group(() => [m(), 0, 1], 'clamp clamp_')
group(() => [m(), 2], 'mvlgamma')
group(() => [1, m()], 'polygamma')
group(() => [m(), 0.3], 'fill_ Tensor.fill_')
group(() => [mask(), m(), m()], 'where')
group(() => [m(), mask(), m()], 'Tensor.where')

group(
  () => [m(), 0, {}],
  `sum mean amax amin aminmax argmax argmin cumsum cumprod nansum nanmean prod std var stdMean varMean logsumexp max min
   median nanmedian mode sort argsort softmax logSoftmax softmin`,
)
group(
  () => [m(), 0],
  'countNonzero cummax cummin logcumsumexp unbind squeeze unsqueeze flip Tensor.size Tensor.flip',
)
group(() => [m(), 2, 0, {}], 'norm vectorNorm kthvalue topk')
group(() => [m(), 0.5, 0, {}], 'quantile nanquantile')

group(() => [[m(), m()], 0], 'cat stack')
group(() => [[m(), m()]], 'blockDiag broadcastTensors columnStack dstack hstack vstack')
group(() => [[v(), v()]], 'cartesianProd')
group(() => [[v(), v()], { indexing: 'ij' }], 'meshgrid')
group(() => [m(), 1, 0], 'chunk split tensorSplit roll select Tensor.select')
group(() => [x(2, 2, 2), 1], 'dsplit hsplit vsplit')
group(() => [m(), 1], 'diag diagflat tril triu')
group(() => [m(), 0, 0, 1], 'diagonal diagEmbed')
group(() => [m(), 0, 1], 'flatten transpose swapaxes moveaxis Tensor.movedim')
group(() => [m(), 1, [0, 1]], 'rot90')
group(() => [m(), [3, 2]], 'reshape view')
group(() => [m(), 3, 2], 'Tensor.view Tensor.reshape')
group(() => [m(), [1, 0]], 'permute')
group(() => [m(), 1, 0], 'Tensor.permute')
group(() => [m(), [2, 3]], 'expand broadcastTo newEmpty newOnes newZeros')
group(() => [m(), 2, 3], 'Tensor.expand')
group(() => [m(), [2, 1]], 'repeat tile')
group(() => [m(), 2, 1], 'Tensor.repeat Tensor.tile')
group(() => [m(), [2], 1], 'newFull')
group(() => [m(), 2, 1], 'repeatInterleave')
group(() => [m(), 1, [3, 1]], 'unflatten')
group(() => [m(), 1, 2, 1], 'unfold')
group(() => [m(), 1, 0, 2], 'narrow narrowCopy')
group(() => [m(), 0, 1, { axis: 1, step: 1 }], 'slice')
group(() => [m(), [2, 2], [1, 1], 0], 'asStrided')
group(() => [0, 1, 1], 'sl')
group(() => [m(), 0, 1], 'at')
group(() => [m(), [0], 1, {}], 'setAt_')
group(() => [m(), 'float64'], 'to')

group(() => [m(), 0, whole(2, 2, 3)], 'gather')
group(() => [m(), 0, whole(2, 2, 3), m()], 'scatter scatter_ scatterAdd scatterAdd_')
group(() => [m(), 0, whole(2, 2, 3), m(), 'sum', {}], 'scatterReduce scatterReduce_')
group(() => [m(), 0, whole(2, 2), m(), {}], 'indexAdd indexAdd_')
group(() => [m(), 0, whole(2, 2), m(), 'prod', {}], 'indexReduce')
group(() => [m(), 0, whole(2, 2), m()], 'indexCopy indexCopy_')
group(() => [m(), 0, whole(2, 2), 1], 'indexFill indexFill_')
group(() => [m(), 0, whole(2, 2)], 'indexSelect')
group(() => [m(), whole(2, 3)], 'take')
group(() => [m(), whole(2, 2, 3), 0], 'takeAlongDim')
group(() => [m(), mask(), 1], 'maskedFill maskedFill_')
group(() => [m(), mask(), m()], 'maskedScatter maskedScatter_')
group(() => [m(), mask()], 'maskedSelect')
group(() => [whole(5, 6), x(6), { minlength: 2 }], 'bincount')
group(() => [m(), v().sort().values, {}], 'bucketize')
group(() => [v().sort().values, v(), {}], 'searchsorted')
group(() => [m(), v(), {}], 'isin')

group(() => [m(), x(3, 2)], 'matmul mm')
group(() => [m(), v()], 'mv')
group(() => [v(), v()], 'dot vdot inner outer')
group(() => [m(), m(), 1], 'vecdot cross')
group(() => [m(), m(), 2], 'tensordot')
group(() => [x(1, 2, 3), x(1, 3, 2)], 'bmm')
group(() => [x(2, 2), m(), x(3, 2), {}], 'addmm')
group(() => [x(2), m(), v(), {}], 'addmv')
group(() => [x(3, 3), v(), v(), {}], 'addr')
group(() => [x(2, 2), x(1, 2, 3), x(1, 3, 2), {}], 'addbmm')
group(() => [x(1, 2, 2), x(1, 2, 3), x(1, 3, 2), {}], 'baddbmm')
group(() => ['ij,jk->ik', m(), x(3, 2)], 'einsum')
group(() => [m(), v(), 1], 'trapezoid')

group(() => [4, {}], 'eye randperm')
group(() => [0, 4, 1, {}], 'arange')
group(() => [0, 4, 3, {}], 'linspace')
group(() => [0, 4, 3, 2, {}], 'logspace')
group(() => [3, 3, 0, {}], 'trilIndices triuIndices')
group(() => [2, 3, {}], 'empty ones zeros rand randn')
group(() => [[2, 3], 1, {}], 'full')
group(() => [m(), {}], 'emptyLike onesLike zerosLike randLike randnLike')
group(() => [m(), 1, {}], 'fullLike')
group(() => [m(), 0, 5, {}], 'randintLike')
group(() => [0, 5, [2, 3], {}], 'randint')
group(() => [0, 1, [2, 3], {}], 'normal')
group(() => [[[1, 2], [3, 4]], {}], 'tensor') // prettier-ignore
group(() => [new Float32Array(6), [2, 3], {}], 'fromTypedArray')
group(() => [m().toJSON()], 'fromJSON')
group(() => [m(), 0.5, {}], 'bernoulli bernoulli_')
group(() => [m(), 2, {}], 'multinomial')
group(() => [m(), 0, 1, {}], 'cauchy_ logNormal_ normal_ uniform_')
group(() => [m(), 0, 5, {}], 'random_')
group(() => [m(), 1, {}], 'exponential_')
group(() => [m(), 0.5, {}], 'geometric_')

group(() => ['float32'], 'finfo')
group(() => ['int32'], 'iinfo')
group(() => ['float32'], 'isDType isFloat isHalf isInteger')
group(() => ['float32', 'int64'], 'promoteTypes')
group(
  () => [],
  'getPrintOptions currentBackend memory defaultGenerator getRngState seed isGradEnabled initialSeed',
)
group(() => [1], 'manualSeed')
group(() => [g.getRngState()], 'setRngState')
group(() => [new Generator(1)], 'setDefaultGenerator')
group(() => [g.currentBackend()], 'setBackend')
group(() => [g.autograd.tape], 'setTape')
group(() => [true], 'setGradEnabled')
group(() => [() => {}], 'setWarningHandler')
group(() => [{ precision: 4 }], 'setPrintOptions')
group(() => [() => 1], 'tidy')
group(() => [(_op: unknown, inputs: unknown, attrs: unknown, next: (i: unknown, a: unknown) => unknown) => next(inputs, attrs), () => 1], 'withInterceptor') // prettier-ignore

group(() => [1], 'Generator')
const generator = (): Generator => new Generator(1)
group(() => [generator(), 1], 'Generator.manualSeed')
group(() => [generator(), generator().getState()], 'Generator.setState')
group(() => [leaf(), true], 'Tensor.requiresGrad_ Tensor.requiresGrad=')
group(() => [leaf().sum(), tensor(1), {}], 'Tensor.backward')
group(() => [leaf(), () => {}], 'Tensor.registerHook Tensor.registerPostAccumulateGradHook')
