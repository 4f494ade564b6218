import { arange, type DType, type Shape, type Tensor } from '@gradus/core'
import * as nn from '../src/index.ts'

/** A layer and the arguments of one call. */
export type Sample = readonly [layer: nn.Module, ...args: unknown[]]

const count = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)
/** Numbers in (0, 1), none of them twice in a row. */
const x = (...shape: number[]): Tensor =>
  arange(count(shape)).mul(0.37).remainder(0.9).add(0.05).reshape(shape)
const classes = (n: number, below: number, dtype: DType = 'int64'): Tensor =>
  arange(n).remainder(below).to(dtype)
const signs = (...shape: number[]): Tensor =>
  x(...shape)
    .sub(0.5)
    .sign()
const image = (): Tensor => x(2, 4, 32, 32)
const volume = (): Tensor => x(1, 4, 8, 16, 16)
const line = (): Tensor => x(4, 4, 512)
const rows = (): Tensor => x(128, 64)

/**
 * One sample of every layer and loss, by its name in `nn`. An input has 8192 elements where the layer allows: a tensor of its
 * size that is left behind shows in the memory of the backend.
 */
export const layerSamples: Readonly<Record<string, () => Sample>> = {
  AdaptiveAvgPool1d: () => [new nn.AdaptiveAvgPool1d(100), line()],
  AdaptiveAvgPool2d: () => [new nn.AdaptiveAvgPool2d([16, 10]), image()],
  AdaptiveAvgPool3d: () => [new nn.AdaptiveAvgPool3d(5), volume()],
  AdaptiveLogSoftmaxWithLoss: () => [
    new nn.AdaptiveLogSoftmaxWithLoss(64, 100, [20, 60]),
    rows(),
    classes(128, 100),
  ],
  AdaptiveMaxPool1d: () => [new nn.AdaptiveMaxPool1d(100), line()],
  AdaptiveMaxPool2d: () => [new nn.AdaptiveMaxPool2d([16, 10]), image()],
  AdaptiveMaxPool3d: () => [new nn.AdaptiveMaxPool3d(5), volume()],
  AlphaDropout: () => [new nn.AlphaDropout(0.3), rows()],
  AveragedModel: () => [new nn.AveragedModel(new nn.Linear(64, 64)), rows()],
  AvgPool1d: () => [new nn.AvgPool1d(3, { padding: 1 }), line()],
  AvgPool2d: () => [new nn.AvgPool2d(3, { padding: 1 }), image()],
  AvgPool3d: () => [new nn.AvgPool3d(2), volume()],
  BatchNorm1d: () => [new nn.BatchNorm1d(64), rows()],
  BatchNorm2d: () => [new nn.BatchNorm2d(4), image()],
  BatchNorm3d: () => [new nn.BatchNorm3d(4), volume()],
  BCELoss: () => [new nn.BCELoss(), rows(), rows()],
  BCEWithLogitsLoss: () => [new nn.BCEWithLogitsLoss(), rows(), rows()],
  Bilinear: () => [new nn.Bilinear(64, 8, 16), rows(), x(128, 8)],
  CELU: () => [new nn.CELU(), rows()],
  ChannelShuffle: () => [new nn.ChannelShuffle(2), image()],
  CircularPad1d: () => [new nn.CircularPad1d(1), line()],
  CircularPad2d: () => [new nn.CircularPad2d(1), image()],
  CircularPad3d: () => [new nn.CircularPad3d(1), volume()],
  ConstantPad1d: () => [new nn.ConstantPad1d(1, 2), line()],
  ConstantPad2d: () => [new nn.ConstantPad2d(1, 2), image()],
  ConstantPad3d: () => [new nn.ConstantPad3d(1, 2), volume()],
  Conv1d: () => [new nn.Conv1d(4, 8, 3, { padding: 1 }), line()],
  Conv2d: () => [new nn.Conv2d(4, 8, 3, { padding: 1 }), image()],
  Conv3d: () => [new nn.Conv3d(4, 2, 3), volume()],
  ConvTranspose1d: () => [new nn.ConvTranspose1d(4, 8, 3), line()],
  ConvTranspose2d: () => [new nn.ConvTranspose2d(4, 2, 3), image()],
  ConvTranspose3d: () => [new nn.ConvTranspose3d(4, 2, 3), volume()],
  CosineEmbeddingLoss: () => [new nn.CosineEmbeddingLoss(), rows(), rows().neg(), signs(128)],
  CosineSimilarity: () => [new nn.CosineSimilarity(), rows(), rows().neg()],
  CrossEntropyLoss: () => [new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }), rows(), classes(128, 64)],
  CTCLoss: () => [
    new nn.CTCLoss(),
    x(32, 16, 16).logSoftmax(2),
    classes(16 * 8, 15)
      .add(1)
      .reshape([16, 8]),
    new Array<number>(16).fill(32),
    new Array<number>(16).fill(8),
  ],
  Dropout: () => [new nn.Dropout(), rows()],
  Dropout1d: () => [new nn.Dropout1d(), line()],
  Dropout2d: () => [new nn.Dropout2d(), image()],
  Dropout3d: () => [new nn.Dropout3d(), volume()],
  ELU: () => [new nn.ELU(), rows()],
  Embedding: () => [new nn.Embedding(100, 64), classes(128, 100)],
  EmbeddingBag: () => [new nn.EmbeddingBag(100, 64), classes(128 * 16, 100).reshape([128, 16])],
  FeatureAlphaDropout: () => [new nn.FeatureAlphaDropout(0.3), image()],
  FractionalMaxPool2d: () => [new nn.FractionalMaxPool2d(2, { outputSize: 15 }), image()],
  FractionalMaxPool3d: () => [new nn.FractionalMaxPool3d(2, { outputRatio: 0.5 }), volume()],
  Flatten: () => [new nn.Flatten(), image().transpose(1, 2)],
  Fold: () => [new nn.Fold(32, 2), x(1, 16, 961)],
  GaussianNLLLoss: () => [new nn.GaussianNLLLoss(), rows(), rows(), rows()],
  GELU: () => [new nn.GELU(), rows()],
  GLU: () => [new nn.GLU(), rows()],
  GroupNorm: () => [new nn.GroupNorm(2, 4), image()],
  GRU: () => [new nn.GRU(16, 32, { numLayers: 2 }), x(8, 64, 16), null, { lengths: lengths(64, 8) }],
  GRUCell: () => [new nn.GRUCell(64, 32), rows()],
  Hardshrink: () => [new nn.Hardshrink(), rows()],
  Hardsigmoid: () => [new nn.Hardsigmoid(), rows()],
  Hardswish: () => [new nn.Hardswish(), rows()],
  Hardtanh: () => [new nn.Hardtanh(), rows()],
  HingeEmbeddingLoss: () => [new nn.HingeEmbeddingLoss(), rows(), signs(128, 64)],
  HuberLoss: () => [new nn.HuberLoss(), rows(), rows()],
  Identity: () => [new nn.Identity(), rows()],
  InstanceNorm1d: () => [new nn.InstanceNorm1d(4, { affine: true }), line()],
  InstanceNorm2d: () => [new nn.InstanceNorm2d(4), x(4, 32, 32)],
  InstanceNorm3d: () => [new nn.InstanceNorm3d(4), volume()],
  KLDivLoss: () => [new nn.KLDivLoss({ reduction: 'batchmean' }), rows(), rows()],
  L1Loss: () => [new nn.L1Loss(), rows(), rows()],
  LayerNorm: () => [new nn.LayerNorm(64), rows()],
  LazyLinear: () => [new nn.LazyLinear(32), rows()],
  LazyBatchNorm1d: () => [new nn.LazyBatchNorm1d(), rows()],
  LazyBatchNorm2d: () => [new nn.LazyBatchNorm2d(), image()],
  LazyBatchNorm3d: () => [new nn.LazyBatchNorm3d(), volume()],
  LazyInstanceNorm1d: () => [new nn.LazyInstanceNorm1d({ affine: true }), line()],
  LazyInstanceNorm2d: () => [new nn.LazyInstanceNorm2d(), image()],
  LazyInstanceNorm3d: () => [new nn.LazyInstanceNorm3d(), volume()],
  LazyConv1d: () => [new nn.LazyConv1d(8, 3, { padding: 1 }), line()],
  LazyConv2d: () => [new nn.LazyConv2d(8, 3, { padding: 1 }), image()],
  LazyConv3d: () => [new nn.LazyConv3d(2, 3), volume()],
  LazyConvTranspose1d: () => [new nn.LazyConvTranspose1d(8, 3), line()],
  LazyConvTranspose2d: () => [new nn.LazyConvTranspose2d(2, 3), image()],
  LazyConvTranspose3d: () => [new nn.LazyConvTranspose3d(2, 3), volume()],
  LeakyReLU: () => [new nn.LeakyReLU(), rows()],
  Linear: () => [new nn.Linear(64, 32), rows()],
  LinearCrossEntropyLoss: () => [new nn.LinearCrossEntropyLoss(64, 64), rows(), classes(128, 64)],
  LocalResponseNorm: () => [new nn.LocalResponseNorm(2), image()],
  LogSigmoid: () => [new nn.LogSigmoid(), rows()],
  LogSoftmax: () => [new nn.LogSoftmax(1), rows()],
  LPPool1d: () => [new nn.LPPool1d(2, 2), line()],
  LPPool2d: () => [new nn.LPPool2d(2, 2), image()],
  LPPool3d: () => [new nn.LPPool3d(2, 2), volume()],
  LSTM: () => [
    new nn.LSTM(16, 32, { numLayers: 2, bidirectional: true, dropout: 0.2, projSize: 8 }),
    x(8, 64, 16),
    null,
    { lengths: lengths(64, 8) },
  ],
  LSTMCell: () => [new nn.LSTMCell(64, 32), rows()],
  MarginRankingLoss: () => [new nn.MarginRankingLoss(), rows(), rows().neg(), signs(128, 64)],
  MaxPool1d: () => [new nn.MaxPool1d(2), line()],
  MaxPool2d: () => [new nn.MaxPool2d(2), image()],
  MaxPool3d: () => [new nn.MaxPool3d(2), volume()],
  Mish: () => [new nn.Mish(), rows()],
  MaxUnpool1d: () => [new nn.MaxUnpool1d(2), x(4, 4, 512), arange(512).mul(2).to('int64').expand(4, 4, 512)],
  MaxUnpool2d: () => [
    new nn.MaxUnpool2d(2),
    x(2, 4, 32, 32),
    arange(1024).reshape([32, 32]).to('int64').expand(2, 4, 32, 32),
  ],
  MaxUnpool3d: () => [
    new nn.MaxUnpool3d(2),
    x(1, 4, 8, 16, 16),
    arange(2048).reshape([8, 16, 16]).to('int64').expand(1, 4, 8, 16, 16),
  ],
  MSELoss: () => [new nn.MSELoss(), rows(), rows()],
  MultiheadAttention: () => [
    new nn.MultiheadAttention(64, 4, { batchFirst: true }),
    ...[x(4, 32, 64), x(4, 32, 64), x(4, 32, 64)],
  ],
  MultiLabelMarginLoss: () => [
    new nn.MultiLabelMarginLoss(),
    rows(),
    classes(128 * 64, 64).reshape([128, 64]),
  ],
  MultiLabelSoftMarginLoss: () => [new nn.MultiLabelSoftMarginLoss(), rows(), rows()],
  MultiMarginLoss: () => [new nn.MultiMarginLoss(), rows(), classes(128, 64)],
  NLLLoss: () => [new nn.NLLLoss(), x(2, 4, 32, 32).log(), classes(2 * 1024, 4).reshape([2, 32, 32])],
  PairwiseDistance: () => [new nn.PairwiseDistance(), rows(), rows().neg()],
  PixelShuffle: () => [new nn.PixelShuffle(2), image()],
  PixelUnshuffle: () => [new nn.PixelUnshuffle(2), image()],
  PoissonNLLLoss: () => [new nn.PoissonNLLLoss(), rows(), rows()],
  PReLU: () => [new nn.PReLU(), rows()],
  ReflectionPad1d: () => [new nn.ReflectionPad1d(1), line()],
  ReflectionPad2d: () => [new nn.ReflectionPad2d(1), image()],
  ReflectionPad3d: () => [new nn.ReflectionPad3d(1), volume()],
  RReLU: () => [new nn.RReLU(), rows()],
  ReLU: () => [new nn.ReLU(), rows()],
  ReLU6: () => [new nn.ReLU6(), rows()],
  ReplicationPad1d: () => [new nn.ReplicationPad1d(1), line()],
  ReplicationPad2d: () => [new nn.ReplicationPad2d(1), image()],
  ReplicationPad3d: () => [new nn.ReplicationPad3d(1), volume()],
  RMSNorm: () => [new nn.RMSNorm(64), rows()],
  RNN: () => [new nn.RNN(16, 32), x(8, 64, 16)],
  RNNCell: () => [new nn.RNNCell(64, 32), rows()],
  SELU: () => [new nn.SELU(), rows()],
  Sequential: () => [new nn.Sequential(new nn.Linear(64, 64), new nn.Tanh()), rows()],
  Sigmoid: () => [new nn.Sigmoid(), rows()],
  SiLU: () => [new nn.SiLU(), rows()],
  SmoothL1Loss: () => [new nn.SmoothL1Loss(), rows(), rows()],
  SoftMarginLoss: () => [new nn.SoftMarginLoss(), rows(), signs(128, 64)],
  Softmax: () => [new nn.Softmax(1), rows()],
  Softmax2d: () => [new nn.Softmax2d(), image()],
  Softmin: () => [new nn.Softmin(1), rows()],
  Softplus: () => [new nn.Softplus(), rows()],
  Softshrink: () => [new nn.Softshrink(), rows()],
  Softsign: () => [new nn.Softsign(), rows()],
  Tanh: () => [new nn.Tanh(), rows()],
  Tanhshrink: () => [new nn.Tanhshrink(), rows()],
  Threshold: () => [new nn.Threshold(0.5, 0), rows()],
  Transformer: () => [
    new nn.Transformer({ ...transformer, dModel: 64, nhead: 4, numEncoderLayers: 1, numDecoderLayers: 1 }),
    ...[x(16, 8, 64), x(16, 8, 64)],
  ],
  TransformerDecoder: () => [
    new nn.TransformerDecoder(new nn.TransformerDecoderLayer(64, 4, transformer), 2),
    ...[x(16, 8, 64), x(16, 8, 64)],
  ],
  TransformerDecoderLayer: () => [
    new nn.TransformerDecoderLayer(64, 4, transformer),
    ...[x(16, 8, 64), x(16, 8, 64)],
  ],
  TransformerEncoder: () => [
    new nn.TransformerEncoder(new nn.TransformerEncoderLayer(64, 4, transformer), 2),
    x(16, 8, 64),
  ],
  TransformerEncoderLayer: () => [new nn.TransformerEncoderLayer(64, 4, transformer), x(16, 8, 64)],
  TripletMarginLoss: () => [new nn.TripletMarginLoss({ swap: true }), rows(), rows().neg(), rows().mul(2)],
  TripletMarginWithDistanceLoss: () => [
    new nn.TripletMarginWithDistanceLoss(),
    rows(),
    rows().neg(),
    rows().mul(2),
  ],
  Unflatten: () => [new nn.Unflatten(1, [8, 8]), rows()],
  Unfold: () => [new nn.Unfold(2), image()],
  Upsample: () => [new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }), image()],
  UpsamplingBilinear2d: () => [new nn.UpsamplingBilinear2d({ scaleFactor: 2 }), image()],
  UpsamplingNearest2d: () => [new nn.UpsamplingNearest2d({ scaleFactor: 2 }), image()],
  ZeroPad1d: () => [new nn.ZeroPad1d(1), line()],
  ZeroPad2d: () => [new nn.ZeroPad2d(1), image()],
  ZeroPad3d: () => [new nn.ZeroPad3d(1), volume()],
}

const transformer = { dimFeedforward: 64, dropout: 0.1 }
const lengths = (n: number, most: number): number[] => Array.from({ length: n }, (_, i) => 1 + (i % most))

/** Modules that hold others and are not called. */
const holders = ['ModuleDict', 'ModuleList', 'ParameterDict', 'ParameterList']

/** The classes of `nn` that are modules and can be called, by name. */
export const layerClasses: readonly [string, typeof nn.Module][] = Object.entries(nn).flatMap(
  ([name, Class]): [string, typeof nn.Module][] =>
    typeof Class === 'function' &&
    Class.prototype instanceof nn.Module &&
    'forward' in Class.prototype && // bases have none
    !holders.includes(name)
      ? [[name, Class as unknown as typeof nn.Module]] // extends Module, see above
      : [],
)
