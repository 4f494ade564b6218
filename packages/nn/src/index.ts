export { Module } from './module/module.ts'
export type { SetSubmoduleOptions } from './module/set-submodule.ts'
export type { NamedOptions } from './module/members.ts'
export { Parameter } from './module/parameter.ts'
export { IncompatibleKeys, type StateDict } from './module/state-dict.ts'
export type {
  BackwardHook,
  BackwardPreHook,
  ForwardHook,
  ForwardHookOptions,
  ForwardPreHook,
  Gradients,
  HookOptions,
  LoadStateDictHook,
  LoadStateDictPreHook,
  StateDictHook,
  StateDictPreHook,
} from './module/hooks.ts'
export * as functional from './functional.ts'
export * as init from './init/index.ts'
export {
  Hardsigmoid,
  Hardswish,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  SiLU,
  type InplaceOptions,
} from './layers/activation/inplace.ts'
export { LogSigmoid, Sigmoid, Softsign, Tanh, Tanhshrink } from './layers/activation/plain.ts'
export { CELU, ELU, Hardtanh, LeakyReLU, Threshold } from './layers/activation/piecewise.ts'
export { GELU, GLU, Softplus } from './layers/activation/smooth.ts'
export { Hardshrink, Softshrink } from './layers/activation/shrink.ts'
export { LogSoftmax, Softmax, Softmax2d, Softmin } from './layers/activation/softmax.ts'
export { RReLU, type RReLUOptions } from './layers/activation/rrelu.ts'
export { PReLU } from './layers/activation/prelu.ts'
export { ModuleDict } from './layers/container/module-dict.ts'
export { ModuleList } from './layers/container/module-list.ts'
export { ParameterDict } from './layers/container/parameter-dict.ts'
export { ParameterList } from './layers/container/parameter-list.ts'
export {
  Sequential,
  type Layer,
  type Layers,
  type SequentialConstructor,
} from './layers/container/sequential.ts'
export { Conv1d, Conv2d, Conv3d, type ConvOptions, type PaddingMode } from './layers/conv/conv.ts'
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
} from './layers/conv/conv-transpose.ts'
export {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  FeatureAlphaDropout,
} from './layers/dropout.ts'
export { Embedding, type EmbeddingOptions } from './layers/dense/embedding.ts'
export {
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
} from './layers/norm/instance-norm.ts'
export { Linear, type LinearOptions } from './layers/dense/linear.ts'
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  KLDivLoss,
  NLLLoss,
  type BCEWithLogitsLossOptions,
  type CrossEntropyLossOptions,
  type KLDivLossOptions,
  type NLLLossOptions,
} from './layers/loss/classification.ts'
export { HuberLoss, L1Loss, MSELoss, SmoothL1Loss } from './layers/loss/regression.ts'
export { type LossOptions, type WeightedLossOptions } from './layers/loss/loss.ts'
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from './layers/norm/batch-norm.ts'
export { GroupNorm, type GroupNormOptions } from './layers/norm/group-norm.ts'
export { LayerNorm, RMSNorm, type LayerNormOptions } from './layers/norm/layer-norm.ts'
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
  type Padding,
} from './layers/shape/pad.ts'
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
} from './layers/pool/adaptive-pool.ts'
export { AvgPool1d, AvgPool2d, AvgPool3d } from './layers/pool/avg-pool.ts'
export { MaxPool1d, MaxPool2d, MaxPool3d, type MaxPoolLayerOptions } from './layers/pool/max-pool.ts'
export {
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
  type MaxUnpoolLayerOptions,
} from './layers/pool/max-unpool.ts'
export {
  FractionalMaxPool2d,
  FractionalMaxPool3d,
  type FractionalMaxPoolLayerOptions,
} from './layers/pool/fractional-pool.ts'
export {
  invertPermutation,
  padSequence,
  unpadSequence,
  type PadSequenceOptions,
  type UnpadSequenceOptions,
} from './layers/recurrent/pad-sequence.ts'
export { Flatten, Identity, Unflatten } from './layers/shape/flatten.ts'
export { copyModule } from './module/copy-module.ts'
export {
  MultiheadAttention,
  type MultiheadAttentionCall,
  type MultiheadAttentionOptions,
} from './layers/attention/multihead-attention.ts'
export { Bilinear } from './layers/dense/bilinear.ts'
export { CosineSimilarity, PairwiseDistance } from './layers/distance.ts'
export {
  EmbeddingBag,
  type EmbeddingBagCall,
  type EmbeddingBagLayerOptions,
} from './layers/dense/embedding-bag.ts'
export { CTCLoss, GaussianNLLLoss, PoissonNLLLoss } from './layers/loss/likelihood.ts'
export {
  LinearCrossEntropyLoss,
  type LinearCrossEntropyLossOptions,
} from './layers/loss/linear-cross-entropy.ts'
export { LocalResponseNorm } from './layers/norm/local-response-norm.ts'
export { LPPool1d, LPPool2d, LPPool3d } from './layers/pool/lp-pool.ts'
export {
  CosineEmbeddingLoss,
  HingeEmbeddingLoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
  type MarginLossOptions,
  type MultiMarginOptions,
  type TripletMarginOptions,
  type TripletMarginWithDistanceOptions,
} from './layers/loss/margin.ts'
export { GRU, LSTM, RNN, type LSTMOptions, type RNNOptions } from './layers/recurrent/sequence.ts'
export {
  RNNBase,
  type CellWeights,
  type RecurrentOptions,
  type RNNBaseOptions,
  type RNNMode,
} from './layers/recurrent/rnn-base.ts'
export { PackedSequence } from './layers/recurrent/packed-sequence.ts'
export {
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  unpackSequence,
  type PackPaddedSequenceOptions,
  type PackSequenceOptions,
  type PadPackedSequenceOptions,
} from './layers/recurrent/pack.ts'
export type { SequenceOptions } from './layers/recurrent/padding.ts'
export {
  GRUCell,
  LSTMCell,
  RNNCell,
  RNNCellBase,
  type CellOptions,
  type RNNCellOptions,
} from './layers/recurrent/cell.ts'
export { ChannelShuffle, PixelShuffle, PixelUnshuffle } from './layers/shape/shuffle.ts'
export { Fold, Unfold } from './layers/shape/fold.ts'
export {
  Upsample,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
  type UpsampleOptions,
} from './layers/shape/upsample.ts'
export {
  Transformer,
  TransformerDecoder,
  TransformerEncoder,
  type EncoderCall,
  type TransformerCall,
  type TransformerOptions,
} from './layers/attention/transformer.ts'
export {
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type Activation,
  type DecoderLayerCall,
  type EncoderLayerCall,
  type TransformerLayerOptions,
} from './layers/attention/transformer-layer.ts'
export {
  AveragedModel,
  emaAverage,
  getSwaAvgFn,
  swaAverage,
  updateBn,
  type AveragedModelOptions,
  type AverageFn,
} from './layers/container/averaged-model.ts'
export { fuseConvBnEval, fuseConvBnWeights, fuseLinearBnEval, fuseLinearBnWeights } from './fuse.ts'
export { parametersToVector, vectorToParameters } from './module/parameter-vector.ts'
export { skipInit } from './module/skip-init.ts'
export * as parametrize from './parametrize/index.ts'
export { AdaptiveLogSoftmaxWithLoss, type AdaptiveLogSoftmaxOptions } from './layers/loss/adaptive-softmax.ts'
export {
  UninitializedBuffer,
  UninitializedParameter,
  type MaterializeOptions,
  type UninitializedOptions,
} from './module/uninitialized.ts'
export { LazyLinear } from './layers/lazy/lazy-linear.ts'
export {
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
} from './layers/lazy/lazy-conv.ts'
export {
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
} from './layers/lazy/lazy-norm.ts'
