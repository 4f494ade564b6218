export { currentBackend, memory, setBackend } from './backend/current.ts'
export { defineOp, defineListOp, type Op } from './op/define-op.ts'
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
} from './base/dtype.ts'
export type { DType, FloatInfo, Num, TypedArray } from './base/dtype.ts'
export {
  ArgumentError,
  BackendError,
  DTypeError,
  GradError,
  IndexError,
  ShapeError,
  TensorError,
  unreachable,
  ValueError,
} from './base/errors.ts'
export { Layout, layoutLike, sameShape, type Shape } from './base/layout.ts'
export {
  isGradEnabled,
  setGradEnabled,
  setInterceptors,
  interceptors,
  synchronous,
  withInterceptor,
} from './op/modes.ts'
export type { CallInputs, Interceptor } from './op/modes.ts'
export { masterOf, setMaster, type Master } from './tensor/master.ts'
export { attributes, plain, saving, savingAll, slotOf } from './op/declaration.ts'
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
} from './op/declaration.ts'
export { definePointwise, type Operand, type PointwiseOp, type PointwiseSpec } from './op/pointwise.ts'
export { escape, keep, outsideScope, scope, Storage, tidy } from './tensor/storage.ts'
export { currentTape, isStale, ownerOf, setTape } from './op/tape.ts'
export type { BackwardOptions, Call, GradNode, HookHandle, Tape, ViewInfo } from './op/tape.ts'
export { Tensor, type NestedValues } from './tensor/tensor.ts'
export { setWarningHandler, warn } from './base/warnings.ts'
export * from './create/create.ts'
export * from './ops/elementwise/arithmetic.ts'
export * from './ops/elementwise/convert.ts'
export * from './ops/layers/linear.ts'
export { matmul } from './ops/linalg/matmul.ts'
export * from './ops/reduce/reduce.ts'
export * from './ops/view/view.ts'
export * from './create/like.ts'
export * from './ops/view/join.ts'
export * from './ops/view/split.ts'
export * from './ops/view/stride.ts'
export * from './ops/elementwise/activation.ts'
export * from './ops/elementwise/binary.ts'
export * from './ops/elementwise/compare.ts'
export * from './ops/elementwise/exponential.ts'
export * from './ops/elementwise/logical.ts'
export * from './ops/elementwise/power.ts'
export * from './ops/elementwise/rectifier.ts'
export * from './ops/elementwise/special.ts'
export * from './ops/elementwise/ternary.ts'
export * from './ops/elementwise/trigonometry.ts'
export * from './ops/elementwise/unary.ts'
export { gather, scatter, scatter_, scatterAdd, scatterAdd_ } from './ops/index/gather.ts'
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
} from './ops/index/index-along.ts'
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
} from './ops/view/rearrange.ts'
export { blockDiag } from './ops/view/block-diagonal.ts'
export * from './ops/view/triangle.ts'
export {
  amax,
  amin,
  aminmax,
  max,
  min,
  argmax,
  argmin,
  type ValuesAndIndices,
} from './ops/reduce/extremes.ts'
export { prod } from './ops/reduce/prod.ts'
export {
  nonzero,
  nonzeroTuple,
  argwhere,
  maskedSelect,
  maskedScatter,
  maskedScatter_,
} from './ops/index/masked.ts'
export { crossEntropy, nllLoss, type Reduction, type CrossEntropyOptions } from './ops/loss/cross-entropy.ts'
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
} from './ops/random/in-place-draws.ts'
export * from './create/random.ts'
export * from './ops/index/indexing.ts'
export * from './random/default.ts'
export * from './ops/reduce/truth.ts'
export * from './ops/reduce/variance.ts'
export * from './ops/linalg/vector-norm.ts'
export * from './ops/reduce/logsumexp.ts'
export * from './ops/reduce/nan-reduce.ts'
export * from './ops/reduce/logcumsumexp.ts'
export { cumsum, cumprod, cummax, cummin, type ScanOptions } from './ops/reduce/scan.ts'
export * from './ops/layers/softmax.ts'
export * from './ops/layers/normalization.ts'
export * from './ops/loss/elementwise-loss.ts'
export * from './ops/window/conv.ts'
export * from './ops/view/pad.ts'
export * from './ops/window/pool.ts'
export * from './ops/window/adaptive-pool.ts'
export * from './ops/reduce/sort.ts'
export * from './ops/reduce/median.ts'
export * from './ops/layers/embedding.ts'
export * from './ops/random/dropout.ts'
export * from './ops/linalg/inverse.ts'
export * from './ops/linalg/matrix-products.ts'
export * from './ops/linalg/einsum.ts'
export { Generator } from './random/index.ts'
export * from './ops/index/scatter-reduce.ts'
export * from './ops/index/unique.ts'
export * from './ops/linalg/difference.ts'
export * from './ops/reduce/quantile.ts'
export { scaledDotProductAttention, type AttentionOptions } from './ops/layers/attention.ts'
export { attentionWeights } from './ops/layers/attention-weights.ts'
export * from './ops/layers/recurrent.ts'
export * from './ops/loss/margin-loss.ts'
export * from './ops/loss/distance.ts'
export * from './ops/loss/likelihood-loss.ts'
export * from './ops/loss/linear-cross-entropy.ts'
export * from './ops/loss/ctc.ts'
export * from './ops/layers/bilinear.ts'
export * from './ops/window/local-response.ts'
export * from './ops/view/columns.ts'
export * from './ops/window/interpolate.ts'
export * from './ops/view/pixel-shuffle.ts'
export * from './ops/layers/embedding-bag.ts'
export { getPrintOptions, setPrintOptions, type PrintOptions } from './tensor/format.ts'
/** The words that formulas of {@link definePointwise} are written in. */
export * as formula from './program/formula.ts'
