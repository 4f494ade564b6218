/** All that the package exports. The class of tensors has the methods that gradus itself calls; `index.ts` adds the others. */
export { currentBackend, memory, setBackend } from './backend/current.ts'
export {
  type DType,
  type FloatInfo,
  type TypedArray,
  dtypes,
  finfo,
  iinfo,
  isDType,
  isFloat,
  isHalf,
  isInteger,
  canCast,
  promoteTypes,
} from './base/dtype.ts'
export {
  ArgumentError,
  BackendError,
  DTypeError,
  GradError,
  IndexError,
  ShapeError,
  TensorError,
  ValueError,
} from './base/errors.ts'
export { Layout, type Shape } from './base/layout.ts'
export { setWarningHandler } from './base/warnings.ts'
export {
  type SizesAndOptions,
  type TensorOptions,
  arange,
  asTensor,
  empty,
  full,
  ones,
  tensor,
  zeros,
} from './create/create.ts'
export { type WithTensors, fromJSON } from './create/json.ts'
export {
  emptyLike,
  eye,
  fromTypedArray,
  fullLike,
  linspace,
  logspace,
  newEmpty,
  newFull,
  newOnes,
  newTensor,
  newZeros,
  onesLike,
  scalarTensor,
  trilIndices,
  triuIndices,
  zerosLike,
} from './create/like.ts'
export {
  type MultinomialOptions,
  type RandomTensorOptions,
  type SizesAndRandom,
  bernoulli,
  binomial,
  multinomial,
  normal,
  poisson,
  rand,
  randLike,
  randint,
  randintLike,
  randn,
  randnLike,
  randperm,
} from './create/random.ts'
export {
  type AnyOp,
  type Attributes,
  type Autocast,
  type Meta,
  type Named,
  type OpSpec,
  type Vjp,
  type WholeVjp,
  attributes,
  plain,
  saving,
  savingAll,
} from './op/declaration.ts'
export { type ListOp, defineListOp } from './op/define-list-op.ts'
export { type Op, defineOp } from './op/define-op.ts'
export {
  type CallInputs,
  type Interceptor,
  isGradEnabled,
  setGradEnabled,
  withInterceptor,
} from './op/modes.ts'
export { type Operand, type PointwiseOp, type PointwiseSpec, definePointwise } from './op/pointwise.ts'
export { type BackwardOptions, type GradNode, type HookHandle, setTape } from './op/tape.ts'
export {
  type EluOptions,
  type GeluOptions,
  type SoftplusOptions,
  celu,
  celu_,
  elu,
  elu_,
  gelu,
  glu,
  logit,
  logit_,
  logsigmoid,
  mish,
  mish_,
  prelu,
  selu,
  selu_,
  silu,
  silu_,
  softplus,
  softsign,
  tanhshrink,
} from './ops/elementwise/activation.ts'
export {
  type AlphaOptions,
  type DivOptions,
  add,
  add_,
  div,
  div_,
  floorDivide,
  fmod,
  fmod_,
  mul,
  mul_,
  remainder,
  remainder_,
  sub,
  sub_,
} from './ops/elementwise/arithmetic.ts'
export {
  atan2,
  atan2_,
  copysign,
  copysign_,
  fmax,
  fmin,
  heaviside,
  heaviside_,
  hypot,
  hypot_,
  logaddexp,
  logaddexp2,
  maximum,
  minimum,
  rsub,
  xlog1py,
  xlogy,
  xlogy_,
} from './ops/elementwise/binary.ts'
export {
  type ClosenessOptions,
  allclose,
  eq,
  eq_,
  equal,
  ge,
  ge_,
  gt,
  gt_,
  isclose,
  le,
  le_,
  lt,
  lt_,
  ne,
  ne_,
} from './ops/elementwise/compare.ts'
export { clone, contiguous, copy_, to } from './ops/elementwise/convert.ts'
export {
  exp,
  exp2,
  exp2_,
  exp_,
  expm1,
  expm1_,
  log,
  log10,
  log10_,
  log1p,
  log1p_,
  log2,
  log2_,
  log_,
  sigmoid,
  sigmoid_,
} from './ops/elementwise/exponential.ts'
export {
  bitwiseAnd,
  bitwiseAnd_,
  bitwiseLeftShift,
  bitwiseLeftShift_,
  bitwiseOr,
  bitwiseOr_,
  bitwiseRightShift,
  bitwiseRightShift_,
  bitwiseXor,
  bitwiseXor_,
  logicalAnd,
  logicalAnd_,
  logicalOr,
  logicalOr_,
  logicalXor,
  logicalXor_,
} from './ops/elementwise/logical.ts'
export {
  floatPower,
  ldexp,
  ldexp_,
  pow,
  pow_,
  reciprocal,
  reciprocal_,
  rsqrt,
  rsqrt_,
  sqrt,
  sqrt_,
  square,
  square_,
} from './ops/elementwise/power.ts'
export {
  type HardtanhOptions,
  type LeakyReluOptions,
  hardshrink,
  hardsigmoid,
  hardsigmoid_,
  hardswish,
  hardswish_,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  relu,
  relu6,
  relu6_,
  relu_,
  softshrink,
  threshold,
  threshold_,
} from './ops/elementwise/rectifier.ts'
export {
  digamma,
  digamma_,
  entr,
  erf,
  erf_,
  erfc,
  erfc_,
  erfinv,
  erfinv_,
  lgamma,
  lgamma_,
  mvlgamma,
  ndtr,
  ndtri,
  polygamma,
} from './ops/elementwise/special.ts'
export {
  type ValueOptions,
  addcdiv,
  addcdiv_,
  addcmul,
  addcmul_,
  clamp,
  clampMax,
  clampMax_,
  clampMin,
  clampMin_,
  clamp_,
  lerp,
  lerp_,
  maskedFill,
  maskedFill_,
  where,
} from './ops/elementwise/ternary.ts'
export {
  acos,
  acos_,
  acosh,
  acosh_,
  asin,
  asin_,
  asinh,
  asinh_,
  atan,
  atan_,
  atanh,
  atanh_,
  cos,
  cos_,
  cosh,
  cosh_,
  deg2rad,
  deg2rad_,
  rad2deg,
  rad2deg_,
  sin,
  sin_,
  sinc,
  sinc_,
  sinh,
  sinh_,
  tan,
  tan_,
  tanh,
  tanh_,
} from './ops/elementwise/trigonometry.ts'
export {
  type NanToNumOptions,
  type RoundOptions,
  abs,
  abs_,
  angle,
  bitwiseNot,
  bitwiseNot_,
  ceil,
  ceil_,
  floor,
  floor_,
  frac,
  frac_,
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  isreal,
  logicalNot,
  logicalNot_,
  nanToNum,
  nanToNum_,
  neg,
  neg_,
  positive,
  round,
  round_,
  sign,
  sign_,
  signbit,
  trunc,
  trunc_,
} from './ops/elementwise/unary.ts'
export { gather, scatter, scatterAdd, scatterAdd_, scatter_ } from './ops/index/gather.ts'
export {
  type IndexAddOptions,
  indexAdd,
  indexAdd_,
  indexCopy,
  indexCopy_,
  indexFill,
  indexFill_,
  indexSelect,
  take,
  takeAlongDim,
} from './ops/index/index-along.ts'
export {
  type Bound,
  type Index,
  type SetAtOptions,
  type Slice,
  at,
  setAt_,
  sl,
} from './ops/index/indexing.ts'
export {
  argwhere,
  maskedScatter,
  maskedScatter_,
  maskedSelect,
  nonzero,
  nonzeroTuple,
} from './ops/index/masked.ts'
export {
  type ScatterReduceOptions,
  type ScatterReduction,
  indexReduce,
  scatterReduce,
  scatterReduce_,
} from './ops/index/scatter-reduce.ts'
export {
  type SearchOptions,
  type Unique,
  type UniqueOptions,
  bincount,
  bucketize,
  isin,
  searchsorted,
  unique,
  uniqueConsecutive,
} from './ops/index/unique.ts'
export { type AttentionOptions, scaledDotProductAttention } from './ops/layers/attention.ts'
export { bilinear } from './ops/layers/bilinear.ts'
export { type EmbeddingBagOptions, embeddingBag } from './ops/layers/embedding-bag.ts'
export { type EmbeddingOptions, embedding, oneHot } from './ops/layers/embedding.ts'
export { linear } from './ops/layers/linear.ts'
export { type NormOptions, groupNorm, layerNorm, rmsNorm } from './ops/layers/layer-norm.ts'
export { type BatchNormOptions, batchNorm, instanceNorm } from './ops/layers/batch-norm.ts'
export { gruCell, lstmCell } from './ops/layers/recurrent.ts'
export { type SoftmaxOptions, logSoftmax, softmax, softmin } from './ops/layers/softmax.ts'
export { cross, tensordot, vdot, vecdot } from './ops/linalg/contraction.ts'
export { type DiffOptions, cumulativeTrapezoid, diff, trapezoid, trapz } from './ops/reduce/difference.ts'
export { einsum } from './ops/linalg/einsum.ts'
// kept a file of its own in the build: a program that takes one function does not get all
export * as linalg from './linalg.ts'
export { i0 } from './ops/special/bessel-i.ts'
export { igamma, igamma_, igammac, igammac_ } from './ops/special/incomplete-gamma.ts'
export {
  type CholeskyExOptions,
  type CholeskyOptions,
  cholesky,
  choleskyInverse,
  choleskySolve,
} from './ops/linalg/cholesky.ts'
export { type Eigh, type UPLO } from './ops/linalg/eigh.ts'
export {
  type CheckOptions,
  type SignAndLog,
  inv,
  inv as inverse,
  logdet,
  slogdet,
} from './ops/linalg/inverse.ts'
export { det } from './ops/linalg/determinant.ts'
export { type LDL, type LDLExOptions, type LDLOptions } from './ops/linalg/ldl.ts'
export { type Lstsq, type LstsqDriver, type LstsqOptions } from './ops/linalg/lstsq.ts'
export {
  type LU,
  type LUFactorExOptions,
  type LUFactors,
  type LUFactorsAndInfo,
  type LUOptions,
  type LUSolveOptions,
  type LUUnpackOptions,
  luSolveOf as luSolve,
  luUnpack,
} from './ops/linalg/lu.ts'
export { matrixExp, matrixPower } from './ops/linalg/matrix-function.ts'
export { type MatrixOrder } from './ops/linalg/matrix-norm.ts'
export { type LinalgVanderOptions, chainMatmul } from './ops/linalg/multi-dot.ts'
export {
  type Bound as ToleranceBound,
  type MatrixRankOptions,
  type PinvOptions,
  type ToleranceOptions,
  pinverse,
} from './ops/linalg/pinv.ts'
export {
  type OrmqrOptions,
  type QR,
  type QRMode,
  geqrf,
  orgqr,
  ormqr,
  qrSome as qr,
} from './ops/linalg/qr.ts'
export { type SolveExOptions, type SolveOptions } from './ops/linalg/solve.ts'
export {
  type OldSVDOptions,
  type SVD,
  type SVDDriver,
  type SVDOptions,
  type SvdvalsOptions,
  svdV as svd,
} from './ops/linalg/svd.ts'
export {
  type OldTriangularOptions,
  type SolveTriangularOptions,
  oldTriangularSolve as triangularSolve,
} from './ops/linalg/triangular.ts'
export { matmul } from './ops/linalg/matmul.ts'
export {
  type AddProductOptions,
  addbmm,
  addmm,
  addmv,
  addr,
  baddbmm,
  bmm,
  dot,
  inner,
  mm,
  mv,
  outer,
} from './ops/linalg/matrix-products.ts'
export { dist, norm, vectorNorm } from './ops/linalg/vector-norm.ts'
export { type CrossEntropyOptions, crossEntropy, nllLoss } from './ops/loss/cross-entropy.ts'
export { type Reduction } from './ops/loss/reduction.ts'
export { type CtcLossOptions, type Lengths, ctcLoss } from './ops/loss/ctc.ts'
export {
  type Distance,
  type TripletMarginLossOptions,
  cosineEmbeddingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from './ops/loss/distance-loss.ts'
export {
  type PairwiseDistanceOptions,
  cosineSimilarity,
  normalize,
  pairwiseDistance,
} from './ops/linalg/distance.ts'
export {
  type BinaryCrossEntropyOptions,
  type LossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  huberLoss,
  klDiv,
  l1Loss,
  mseLoss,
  smoothL1Loss,
} from './ops/loss/elementwise-loss.ts'
export {
  type GaussianNllLossOptions,
  type PoissonNllLossOptions,
  gaussianNllLoss,
  poissonNllLoss,
} from './ops/loss/likelihood-loss.ts'
export { type LinearCrossEntropyOptions, linearCrossEntropy } from './ops/loss/linear-cross-entropy.ts'
export {
  type MarginOptions,
  type MultiMarginLossOptions,
  hingeEmbeddingLoss,
  marginRankingLoss,
  multiMarginLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  softMarginLoss,
} from './ops/loss/margin-loss.ts'
export {
  type DropoutOptions,
  alphaDropout,
  featureAlphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureDropout,
} from './ops/random/dropout.ts'
export {
  type RandomOptions,
  bernoulli_,
  cauchy_,
  exponential_,
  geometric_,
  logNormal_,
  normal_,
  random_,
  uniform_,
} from './ops/random/in-place-draws.ts'
export {
  type ValuesAndIndices,
  amax,
  amin,
  aminmax,
  argmax,
  argmin,
  max,
  min,
} from './ops/reduce/extremes.ts'
export { logcumsumexp } from './ops/reduce/logcumsumexp.ts'
export { logsumexp } from './ops/reduce/logsumexp.ts'
export { median, nanmedian } from './ops/reduce/median.ts'
export { nanmean, nansum } from './ops/reduce/nan-reduce.ts'
export { prod } from './ops/reduce/prod.ts'
export { type QuantileOptions, mode, nanquantile, quantile } from './ops/reduce/quantile.ts'
export { type AccumulateOptions, type ReduceOptions, mean, sum } from './ops/reduce/reduce.ts'
export { type ScanOptions, cummax, cummin, cumprod, cumsum } from './ops/reduce/scan.ts'
export {
  type KeepdimOptions,
  type SortOptions,
  type TopkOptions,
  argsort,
  kthvalue,
  msort,
  sort,
  topk,
} from './ops/reduce/sort.ts'
export { all, any, countNonzero } from './ops/reduce/truth.ts'
export { type VarianceOptions, std, stdMean, var, varMean } from './ops/reduce/variance.ts'
export { blockDiag } from './create/block-diagonal.ts'
export { type ColumnsOptions, col2im, im2col } from './ops/shape/columns.ts'
export {
  atleast1d,
  atleast2d,
  atleast3d,
  cat,
  columnStack,
  concat,
  dstack,
  hstack,
  stack,
  vstack,
} from './ops/shape/join.ts'
export { type PadOptions, pad } from './ops/shape/pad.ts'
export { channelShuffle, pixelShuffle, pixelUnshuffle } from './ops/shape/pixel-shuffle.ts'
export {
  cartesianProd,
  flip,
  fliplr,
  flipud,
  meshgrid,
  repeat,
  repeatInterleave,
  roll,
  rot90,
  tile,
} from './ops/shape/rearrange.ts'
export {
  adjoint,
  broadcastTensors,
  broadcastTo,
  moveaxis,
  movedim,
  ravel,
  swapaxes,
  unflatten,
} from './ops/view/axes.ts'
export { chunk, dsplit, hsplit, split, tensorSplit, unbind, vsplit } from './ops/view/split.ts'
export { asStrided, unfold } from './ops/view/stride.ts'
export { diag, diagEmbed, diagflat, trace, tril, triu } from './ops/shape/triangle.ts'
export {
  diagonal,
  expand,
  flatten,
  isSameSize,
  narrow,
  narrowCopy,
  permute,
  reshape,
  select,
  slice,
  type SliceOptions,
  squeeze,
  t,
  transpose,
  unsqueeze,
  view,
} from './ops/view/view.ts'
export {
  type AdaptiveMaxPoolOptions,
  type OutputSize,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from './ops/window/adaptive-pool.ts'
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from './ops/window/conv.ts'
export { type InterpolateOptions, type InterpolationMode, interpolate } from './ops/window/interpolate.ts'
export {
  type LocalResponseNormOptions,
  type LpPoolOptions,
  localResponseNorm,
  lpPool1d,
  lpPool2d,
  lpPool3d,
} from './ops/window/local-response.ts'
export {
  type AvgPoolOptions,
  type MaxPoolOptions,
  type PoolOptions,
  type PooledWithIndices,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from './ops/window/pool.ts'
export {
  defaultGenerator,
  getRngState,
  initialSeed,
  manualSeed,
  seed,
  setDefaultGenerator,
  setRngState,
} from './random/default.ts'
export { Generator } from './random/index.ts'
export {
  type PrintOptions,
  getPrintOptions,
  setPrintOptions,
  setPrintOptions as setPrintoptions,
} from './tensor/format.ts'
export { isTensor } from './tensor/kind.ts'
export { Storage, keep, tidy } from './tensor/storage.ts'
export { type NestedValues, Tensor } from './fluent/tensor.ts'
export type { TensorJSON } from './tensor/json.ts'
export * from './fluent/aliases.ts'
export { asStridedScatter, diagonalScatter, selectScatter, sliceScatter } from './ops/index/scatter-view.ts'
export { type PutOptions, indexPut, indexPut_, put, put_ } from './ops/index/put.ts'
export { type SegmentReduceOptions, segmentReduce } from './ops/index/segment-reduce.ts'
export { type NonzeroStaticOptions, nonzeroStatic } from './ops/index/nonzero-static.ts'
export { cdist, pdist } from './ops/linalg/pairwise.ts'
export { type VanderOptions, kron, vander } from './ops/linalg/kron.ts'
export { renorm, renorm_ } from './ops/linalg/renorm.ts'
export { type CovOptions, corrcoef, cov } from './ops/reduce/covariance.ts'
export { type GradientOptions, gradient } from './ops/reduce/gradient.ts'
export {
  type HistcOptions,
  type HistogramOptions,
  histc,
  histogram,
  histogramdd,
} from './ops/reduce/histogram.ts'
export { frexp, nextafter, nextafter_ } from './ops/elementwise/float-parts.ts'
export { gcd, gcd_, lcm, lcm_ } from './ops/elementwise/integers.ts'
export { type MaxUnpoolOptions, maxUnpool1d, maxUnpool2d, maxUnpool3d } from './ops/window/unpool.ts'
export {
  type AffineGridOptions,
  type GridSampleOptions,
  affineGrid,
  gridSample,
} from './ops/window/grid-sample.ts'
export {
  type FractionalMaxPoolOptions,
  fractionalMaxPool2d,
  fractionalMaxPool3d,
} from './ops/window/fractional-pool.ts'
export { type RreluOptions, rrelu, rrelu_ } from './ops/random/rrelu.ts'
export { type GumbelSoftmaxOptions, gumbelSoftmax } from './ops/random/gumbel-softmax.ts'
export { type CombinationsOptions, combinations } from './ops/shape/combinations.ts'
export {
  asStrided_,
  detach_,
  set_,
  squeeze_,
  swapaxes_,
  t_,
  transpose_,
  unsqueeze_,
} from './ops/view/in-place-views.ts'
export { isInference, isNonzero, isSetTo, isSigned, resultType } from './ops/view/queries.ts'
export { type FillDiagonalOptions, fill, fillDiagonal_ } from './ops/index/fill.ts'
export { convTbc } from './ops/window/conv-tbc.ts'
export {
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3dWithIndices,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3dWithIndices,
  maxPool1dWithIndices,
  maxPool2dWithIndices,
  maxPool3dWithIndices,
} from './ops/window/with-indices.ts'
export { broadcastShapes, resizeAs_, resize_, sumToSize } from './ops/view/resize.ts'
export { emptyPermuted, emptyStrided, newEmptyStrided } from './create/strided.ts'
export {
  type HammingWindowOptions,
  type KaiserWindowOptions,
  type WindowOptions,
  bartlettWindow,
  blackmanWindow,
  hammingWindow,
  hannWindow,
  kaiserWindow,
} from './create/window.ts'
export * as fft from './namespaces/fft.ts'
/** Reductions of the elements that a mask keeps. */
export * as masked from './namespaces/masked.ts'
export * as signal from './namespaces/signal.ts'
export * as special from './namespaces/special.ts'
export {
  addbmm_,
  addmm_,
  addmv_,
  addr_,
  alphaDropout_,
  baddbmm_,
  cumprod_,
  cumsum_,
  dropout_,
  featureAlphaDropout_,
  floatPower_,
  floorDivide_,
  i0_,
  indexReduce_,
  mvlgamma_,
  polygamma_,
  tril_,
  triu_,
} from './ops/in-place-forms.ts'
/** Names for the terms that formulas of {@link definePointwise} are made of. */
export * as formula from './program/formula.ts'
