export { currentBackend, memory, setBackend } from './backend/current.ts'
export { defineOp, defineListOp, type Op } from './define.ts'
export {
  dtypes,
  finfo,
  iinfo,
  isDType,
  isFloat,
  isHalf,
  isInteger,
  promoteTypes,
  resultType,
} from './dtype.ts'
export type { DType, FloatInfo, Num, TypedArray } from './dtype.ts'
export {
  BackendError,
  DTypeError,
  GradError,
  IndexError,
  ShapeError,
  TensorError,
  unreachable,
  ValueError,
} from './errors.ts'
export { Layout, layoutLike, sameShape, type Shape } from './layout.ts'
export {
  isGradEnabled,
  setGradEnabled,
  setInterceptors,
  interceptors,
  synchronous,
  withInterceptor,
} from './modes.ts'
export type { CallInputs, Interceptor } from './modes.ts'
export { masterOf, setMaster, type Master } from './master.ts'
export { attributes, plain, saving, savingAll, slotOf } from './op.ts'
export type {
  AnyOp,
  Attributes,
  Autocast,
  GradRule,
  Meta,
  Named,
  OpSpec,
  RecordedCall,
  Vjp,
  WholeRule,
  WholeVjp,
} from './op.ts'
export { definePointwise, type Operand, type PointwiseOp, type PointwiseSpec } from './pointwise.ts'
export { escape, keep, outsideScope, scope, Storage, tidy } from './storage.ts'
export { currentTape, setTape } from './tape.ts'
export type { BackwardOptions, Call, GradNode, HookHandle, Tape } from './tape.ts'
export { Tensor, type NestedValues, type ViewInfo } from './tensor.ts'
export { setWarningHandler, warn } from './warnings.ts'
export * from './create.ts'
export * from './ops/arithmetic.ts'
export * from './ops/convert.ts'
export * from './ops/linear.ts'
export { matmul } from './ops/matmul.ts'
export * from './ops/reduce.ts'
export * from './ops/view.ts'
export * from './create-like.ts'
export * from './ops/join.ts'
export * from './ops/split.ts'
export * from './ops/stride.ts'
export * from './ops/activation.ts'
export * from './ops/binary.ts'
export * from './ops/compare.ts'
export * from './ops/exponential.ts'
export * from './ops/logical.ts'
export * from './ops/power.ts'
export * from './ops/rectifier.ts'
export * from './ops/special.ts'
export * from './ops/ternary.ts'
export * from './ops/trigonometry.ts'
export * from './ops/unary.ts'
export { gather, scatter, scatter_, scatterAdd, scatterAdd_ } from './ops/gather.ts'
export {
  indexSelect,
  indexAdd,
  indexAdd_,
  indexCopy,
  indexCopy_,
  indexFill,
  indexFill_,
  take,
  takeAlongDim,
  type IndexAddOptions,
} from './ops/index-along.ts'
export {
  repeat,
  tile,
  repeatInterleave,
  flip,
  fliplr,
  flipud,
  roll,
  rot90,
  meshgrid,
  movedim,
  moveaxis,
  swapaxes,
  unflatten,
  broadcastTo,
  broadcastTensors,
  ravel,
  cartesianProd,
} from './ops/rearrange.ts'
export { blockDiag } from './ops/block-diagonal.ts'
export * from './ops/triangle.ts'
export { amax, amin, aminmax, max, min, argmax, argmin, type ValuesAndIndices } from './ops/extremes.ts'
export { prod } from './ops/product.ts'
export { nonzero, nonzeroTuple, argwhere, maskedSelect, maskedScatter, maskedScatter_ } from './ops/masked.ts'
export { crossEntropy, nllLoss, type Reduction, type CrossEntropyOptions } from './ops/cross-entropy.ts'
export {
  uniform_,
  normal_,
  logNormal_,
  exponential_,
  cauchy_,
  geometric_,
  bernoulli_,
  random_,
  type RandomOptions,
} from './ops/random.ts'
export * from './create-random.ts'
export * from './indexing.ts'
export * from './random/default.ts'
export * from './ops/truth.ts'
export * from './ops/variance.ts'
export * from './ops/vector-norm.ts'
export * from './ops/logsumexp.ts'
export * from './ops/nan-reduce.ts'
export * from './ops/logcumsumexp.ts'
export { cumsum, cumprod, cummax, cummin, type ScanOptions } from './ops/scan.ts'
export * from './ops/softmax.ts'
export * from './ops/norm.ts'
export * from './ops/loss.ts'
export * from './ops/conv.ts'
export * from './ops/pad.ts'
export * from './ops/pool.ts'
export * from './ops/adaptive-pool.ts'
export * from './ops/sort.ts'
export * from './ops/median.ts'
export * from './ops/embedding.ts'
export * from './ops/dropout.ts'
export * from './ops/linalg.ts'
export * from './ops/products.ts'
export * from './ops/einsum.ts'
export { Generator } from './random/index.ts'
export * from './ops/scatter-reduce.ts'
export * from './ops/unique.ts'
export * from './ops/difference.ts'
export * from './ops/quantile.ts'
export { scaledDotProductAttention, type AttentionOptions } from './ops/attention.ts'
export { attentionWeights } from './ops/attention-weights.ts'
export * from './ops/recurrent.ts'
export * from './ops/margin-loss.ts'
export * from './ops/distance.ts'
export * from './ops/likelihood-loss.ts'
export * from './ops/linear-cross-entropy.ts'
export * from './ops/ctc.ts'
export * from './ops/bilinear.ts'
export * from './ops/local-response.ts'
export * from './ops/columns.ts'
export * from './ops/interpolate.ts'
export * from './ops/pixel-shuffle.ts'
export * from './ops/embedding-bag.ts'
export { getPrintOptions, setPrintOptions, type PrintOptions } from './format.ts'
/** The words that formulas of {@link definePointwise} are written in. */
export * as formula from './program/formula.ts'
