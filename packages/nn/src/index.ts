export { Module } from './module.ts'
export type { NamedOptions } from './members.ts'
export { Parameter } from './parameter.ts'
export { IncompatibleKeys, type StateDict } from './state-dict.ts'
export type {
  BackwardHook,
  BackwardPreHook,
  ForwardHook,
  ForwardHookOptions,
  ForwardPreHook,
  Gradients,
  HookOptions,
} from './hooks.ts'
export * as functional from './functional.ts'
export * as init from './init.ts'
export {
  Hardsigmoid,
  Hardswish,
  LogSigmoid,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  SiLU,
  Sigmoid,
  Softsign,
  Tanh,
  Tanhshrink,
  type InplaceOptions,
} from './layers/activation.ts'
export {
  CELU,
  ELU,
  GELU,
  GLU,
  Hardshrink,
  Hardtanh,
  LeakyReLU,
  LogSoftmax,
  PReLU,
  Softmax,
  Softmax2d,
  Softmin,
  Softplus,
  Softshrink,
  Threshold,
} from './layers/activation-with-options.ts'
export {
  ModuleDict,
  ModuleList,
  ParameterDict,
  ParameterList,
  Sequential,
  type Layer,
} from './layers/containers.ts'
export {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvOptions,
  type ConvTransposeOptions,
} from './layers/conv.ts'
export { AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d } from './layers/dropout.ts'
export { Embedding, type EmbeddingOptions } from './layers/embedding.ts'
export {
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
} from './layers/instance-norm.ts'
export { Linear, type LinearOptions } from './layers/linear.ts'
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MSELoss,
  NLLLoss,
  SmoothL1Loss,
  type BCEWithLogitsLossOptions,
  type CrossEntropyLossOptions,
  type KLDivLossOptions,
  type LossOptions,
  type NLLLossOptions,
  type WeightedLossOptions,
} from './layers/loss.ts'
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  LayerNorm,
  RMSNorm,
  type BatchNormOptions,
  type GroupNormOptions,
  type LayerNormOptions,
} from './layers/normalization.ts'
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
} from './layers/pad.ts'
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type MaxPoolLayerOptions,
} from './layers/pool.ts'
export { Flatten, Identity, Unflatten } from './layers/shape.ts'
export { copyModule } from './copy-module.ts'
export {
  MultiheadAttention,
  type MultiheadAttentionCall,
  type MultiheadAttentionOptions,
} from './layers/attention.ts'
export { Bilinear } from './layers/bilinear.ts'
export { CosineSimilarity, PairwiseDistance } from './layers/distance.ts'
export { EmbeddingBag, type EmbeddingBagLayerOptions } from './layers/embedding-bag.ts'
export {
  CTCLoss,
  GaussianNLLLoss,
  LinearCrossEntropyLoss,
  PoissonNLLLoss,
  type LinearCrossEntropyLossOptions,
} from './layers/likelihood-loss.ts'
export { LocalResponseNorm, LPPool1d, LPPool2d, LPPool3d } from './layers/local-response.ts'
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
} from './layers/margin-loss.ts'
export { GRU, LSTM, RNN, type LSTMOptions, type RNNOptions } from './layers/recurrent.ts'
export type { CellWeights, RecurrentOptions, SequenceOptions } from './layers/recurrent-base.ts'
export { GRUCell, LSTMCell, RNNCell, type CellOptions, type RNNCellOptions } from './layers/recurrent-cell.ts'
export {
  ChannelShuffle,
  Fold,
  PixelShuffle,
  PixelUnshuffle,
  Unfold,
  Upsample,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
  type UpsampleOptions,
} from './layers/resample.ts'
export {
  Transformer,
  TransformerDecoder,
  TransformerEncoder,
  type EncoderCall,
  type TransformerCall,
  type TransformerOptions,
} from './layers/transformer.ts'
export {
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type Activation,
  type DecoderLayerCall,
  type EncoderLayerCall,
  type TransformerLayerOptions,
} from './layers/transformer-layer.ts'
export {
  AveragedModel,
  emaAverage,
  swaAverage,
  updateBn,
  type AveragedModelOptions,
  type AverageFn,
} from './averaged-model.ts'
export { parametersToVector, vectorToParameters } from './parameter-vector.ts'
export * as parametrize from './parametrize/index.ts'
export { AdaptiveLogSoftmaxWithLoss, type AdaptiveLogSoftmaxOptions } from './layers/adaptive-softmax.ts'
