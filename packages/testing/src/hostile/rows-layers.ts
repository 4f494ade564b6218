import type { Tensor } from '@gradus/core'
import { nn } from 'gradus'
import { group, whole, x } from './rows.ts'

const m = (): Tensor => x(2, 3)
const image = (): Tensor => x(1, 4, 4, 4)
const line = (): Tensor => x(1, 4, 8)
const volume = (): Tensor => x(1, 4, 4, 4, 4)
const signs = (): Tensor => x(2).sub(0.4).sign()
const classes = (): Tensor => whole(3, 2)

// functions
group(() => [line(), 2, {}], 'maxPool1d avgPool1d')
group(() => [image(), 2, {}], 'maxPool2d avgPool2d')
group(() => [volume(), 2, {}], 'maxPool3d avgPool3d')
group(() => [line(), 2, 2, {}], 'lpPool1d')
group(() => [image(), 2, 2, {}], 'lpPool2d')
group(() => [volume(), 2, 2, {}], 'lpPool3d')
group(() => [line(), 2, {}], 'adaptiveMaxPool1d')
group(() => [line(), 2], 'adaptiveMaxPool1dWithIndices')
group(() => [image(), 2, {}], 'adaptiveMaxPool2d')
group(() => [image(), 2], 'adaptiveMaxPool2dWithIndices')
group(() => [volume(), 2, {}], 'adaptiveMaxPool3d')
group(() => [volume(), 2], 'adaptiveMaxPool3dWithIndices')
group(() => [line(), 2], 'adaptiveAvgPool1d')
group(() => [image(), 2], 'adaptiveAvgPool2d channelShuffle pixelShuffle pixelUnshuffle')
group(() => [volume(), 2], 'adaptiveAvgPool3d')
group(() => [line(), x(4, 4, 3), x(4), {}], 'conv1d convTranspose1d')
group(() => [image(), x(4, 4, 3, 3), x(4), {}], 'conv2d convTranspose2d')
group(() => [volume(), x(4, 4, 2, 2, 2), x(4), {}], 'conv3d convTranspose3d')
group(() => [m(), 0.5, { training: true }], 'dropout alphaDropout')
group(() => [line(), 0.5, { training: true }], 'dropout1d featureDropout')
group(() => [image(), 0.5, { training: true }], 'dropout2d')
group(() => [volume(), 0.5, { training: true }], 'dropout3d')
group(() => [image(), [1, 1], { mode: 'constant', value: 1 }], 'pad')
group(() => [image(), 2, {}], 'im2col')
group(() => [x(1, 16, 9), 4, 2, {}], 'col2im')
group(() => [image(), { scaleFactor: 2, mode: 'bilinear', alignCorners: false }], 'interpolate')
group(() => [image(), 3, {}], 'localResponseNorm')
group(() => [m(), x(3), x(3).abs(), x(3), x(3), { training: false, eps: 1e-5 }], 'batchNorm')
group(() => [line(), x(4), x(4), {}], 'instanceNorm')
group(() => [line(), 2, x(4), x(4), {}], 'groupNorm')
group(() => [m(), [3], x(3), x(3), {}], 'layerNorm')
group(() => [m(), [3], x(3), {}], 'rmsNorm')
group(() => [m(), x(4, 3), x(4)], 'linear')
group(() => [m(), x(2, 4), x(5, 3, 4), x(5)], 'bilinear')
group(() => [classes(), x(5, 3), {}], 'embedding')
group(() => [whole(5, 2, 3), x(5, 3), { mode: 'mean' }], 'embeddingBag')
group(() => [classes(), 3], 'oneHot')
group(() => [x(1, 2, 3, 4), x(1, 2, 3, 4), x(1, 2, 3, 4), {}], 'scaledDotProductAttention')
group(() => [x(2, 16), x(2, 16), x(2, 4)], 'lstmCell')
group(() => [x(2, 12), x(2, 12), x(2, 4)], 'gruCell')
group(() => [m(), m(), {}], 'pairwiseDistance mseLoss l1Loss smoothL1Loss huberLoss klDiv binaryCrossEntropy') // prettier-ignore
group(() => [m(), m(), {}], 'binaryCrossEntropyWithLogits softMarginLoss multilabelSoftMarginLoss poissonNllLoss hingeEmbeddingLoss') // prettier-ignore
group(() => [m(), m(), 1, {}], 'cosineSimilarity')
group(() => [m(), m(), m(), {}], 'gaussianNllLoss tripletMarginLoss tripletMarginWithDistanceLoss')
group(() => [m(), m(), signs(), {}], 'cosineEmbeddingLoss')
group(() => [x(2), x(2), signs(), {}], 'marginRankingLoss')
group(() => [m(), classes(), {}], 'crossEntropy nllLoss multiMarginLoss')
group(() => [m(), whole(3, 2, 3), {}], 'multilabelMarginLoss')
group(() => [m(), x(3, 3), classes(), {}], 'linearCrossEntropy')
group(() => [x(4, 2, 3).logSoftmax(2), whole(2, 2, 2).add(1), [4, 4], [2, 2], {}], 'ctcLoss')

// constructors and calls
type Build = () => nn.Module
function layer(name: string, args: () => readonly unknown[], inputs: () => readonly unknown[]): void {
  const Class = Reflect.get(nn, name) as new (...args: readonly unknown[]) => nn.Module // of these names, all are layers
  const build: Build = () => new Class(...args())
  group(args, `nn.${name}`)
  group(() => [build(), ...inputs()], `nn.${name}.forward`)
}
const layers = (names: string, args: () => readonly unknown[], inputs: () => readonly unknown[]): void =>
  names.split(' ').forEach((name) => layer(name, args, inputs))
const none = (): readonly unknown[] => []

layers(
  'ReLU ReLU6 SELU SiLU Mish Hardsigmoid Hardswish CELU ELU Hardtanh LeakyReLU GELU Softplus Hardshrink',
  () => [{}],
  () => [m()],
)
layers('Softshrink PReLU Identity Flatten', () => [{}], () => [m()]) // prettier-ignore
layers('Dropout AlphaDropout', () => [0.5, {}], () => [m()]) // prettier-ignore
layers('LogSigmoid Sigmoid Softsign Tanh Tanhshrink', none, () => [m()])
layer('GLU', () => [{ dim: 1 }], () => [x(2, 4)]) // prettier-ignore
layer('Threshold', () => [0.5, 0, {}], () => [m()]) // prettier-ignore
layers('LogSoftmax Softmax Softmin', () => [1], () => [m()]) // prettier-ignore
layer('Softmax2d', none, () => [image()])
layer('Unflatten', () => [1, [3, 1]], () => [m()]) // prettier-ignore
layers('Conv1d ConvTranspose1d', () => [4, 2, 3, {}], () => [line()]) // prettier-ignore
layers('Conv2d ConvTranspose2d', () => [4, 2, 3, {}], () => [image()]) // prettier-ignore
layers('Conv3d ConvTranspose3d', () => [4, 2, 2, {}], () => [volume()]) // prettier-ignore
layers('MaxPool1d AvgPool1d', () => [2, {}], () => [line()]) // prettier-ignore
layers('MaxPool2d AvgPool2d Unfold', () => [2, {}], () => [image()]) // prettier-ignore
layers('MaxPool3d AvgPool3d', () => [2, {}], () => [volume()]) // prettier-ignore
layer('LPPool1d', () => [2, 2, {}], () => [line()]) // prettier-ignore
layer('LPPool2d', () => [2, 2, {}], () => [image()]) // prettier-ignore
layer('LPPool3d', () => [2, 2, {}], () => [volume()]) // prettier-ignore
layer('AdaptiveMaxPool1d', () => [2, {}], () => [line()]) // prettier-ignore
layer('AdaptiveMaxPool2d', () => [2, {}], () => [image()]) // prettier-ignore
layer('AdaptiveMaxPool3d', () => [2, {}], () => [volume()]) // prettier-ignore
layer('AdaptiveAvgPool1d', () => [2], () => [line()]) // prettier-ignore
layers('AdaptiveAvgPool2d ChannelShuffle PixelShuffle PixelUnshuffle', () => [2], () => [image()]) // prettier-ignore
layer('AdaptiveAvgPool3d', () => [2], () => [volume()]) // prettier-ignore
layer('Dropout1d', () => [0.5, {}], () => [line()]) // prettier-ignore
layer('Dropout2d', () => [0.5, {}], () => [image()]) // prettier-ignore
layer('Dropout3d', () => [0.5, {}], () => [volume()]) // prettier-ignore
layers('BatchNorm1d InstanceNorm1d', () => [4, {}], () => [line()]) // prettier-ignore
layers('BatchNorm2d InstanceNorm2d', () => [4, {}], () => [image()]) // prettier-ignore
layers('BatchNorm3d InstanceNorm3d', () => [4, {}], () => [volume()]) // prettier-ignore
layer('GroupNorm', () => [2, 4, {}], () => [line()]) // prettier-ignore
layers('LayerNorm RMSNorm', () => [3, {}], () => [m()]) // prettier-ignore
layer('LocalResponseNorm', () => [2, {}], () => [image()]) // prettier-ignore
for (const kind of ['CircularPad', 'ReflectionPad', 'ReplicationPad', 'ZeroPad']) {
  layer(`${kind}1d`, () => [1], () => [line()]) // prettier-ignore
  layer(`${kind}2d`, () => [1], () => [image()]) // prettier-ignore
  layer(`${kind}3d`, () => [1], () => [volume()]) // prettier-ignore
}
layer('ConstantPad1d', () => [1, 2], () => [line()]) // prettier-ignore
layer('ConstantPad2d', () => [1, 2], () => [image()]) // prettier-ignore
layer('ConstantPad3d', () => [1, 2], () => [volume()]) // prettier-ignore
layer('Embedding', () => [5, 3, {}], () => [classes()]) // prettier-ignore
layer('EmbeddingBag', () => [5, 3, {}], () => [whole(5, 2, 3), null, {}]) // prettier-ignore
layer('Linear', () => [3, 2, {}], () => [m()]) // prettier-ignore
layer('Bilinear', () => [3, 3, 2, {}], () => [m(), m()]) // prettier-ignore
layer('Fold', () => [4, 2, {}], () => [x(1, 16, 9)]) // prettier-ignore
layer('Upsample', () => [{ scaleFactor: 2 }], () => [image()]) // prettier-ignore
layers('UpsamplingBilinear2d UpsamplingNearest2d', () => [{ scaleFactor: 2 }], () => [image()]) // prettier-ignore
layers(
  `BCELoss BCEWithLogitsLoss KLDivLoss HuberLoss L1Loss MSELoss SmoothL1Loss CosineSimilarity PairwiseDistance`,
  () => [{}],
  () => [m(), m()],
)
layers('PoissonNLLLoss HingeEmbeddingLoss MultiLabelSoftMarginLoss SoftMarginLoss', () => [{}], () => [m(), m()]) // prettier-ignore
layers('CrossEntropyLoss NLLLoss MultiMarginLoss', () => [{}], () => [m(), classes()]) // prettier-ignore
layers('GaussianNLLLoss TripletMarginLoss TripletMarginWithDistanceLoss', () => [{}], () => [m(), m(), m()]) // prettier-ignore
layer('CosineEmbeddingLoss', () => [{}], () => [m(), m(), signs()]) // prettier-ignore
layer('MarginRankingLoss', () => [{}], () => [x(2), x(2), signs()]) // prettier-ignore
layer('MultiLabelMarginLoss', () => [{}], () => [m(), whole(3, 2, 3)]) // prettier-ignore
layer('LinearCrossEntropyLoss', () => [3, 3, {}], () => [m(), classes()]) // prettier-ignore
layer('CTCLoss', () => [{}], () => [x(4, 2, 3).logSoftmax(2), whole(2, 2, 2).add(1), [4, 4], [2, 2]]) // prettier-ignore
layer('AdaptiveLogSoftmaxWithLoss', () => [3, 6, [2, 4], {}], () => [m(), classes()]) // prettier-ignore
layer('MultiheadAttention', () => [4, 2, {}], () => [x(3, 1, 4), x(3, 1, 4), x(3, 1, 4), {}]) // prettier-ignore
layers('GRU RNN', () => [3, 4, {}], () => [x(2, 1, 3), x(1, 1, 4), {}]) // prettier-ignore
layer('LSTM', () => [3, 4, {}], () => [x(2, 1, 3), [x(1, 1, 4), x(1, 1, 4)], {}]) // prettier-ignore
layers('GRUCell RNNCell', () => [3, 4, {}], () => [m(), x(2, 4)]) // prettier-ignore
layer('LSTMCell', () => [3, 4, {}], () => [m(), [x(2, 4), x(2, 4)]]) // prettier-ignore
const small = { dimFeedforward: 4, dropout: 0.1 }
const encoderLayer = (): nn.TransformerEncoderLayer => new nn.TransformerEncoderLayer(4, 2, small)
const decoderLayer = (): nn.TransformerDecoderLayer => new nn.TransformerDecoderLayer(4, 2, small)
const sequence = (): Tensor => x(3, 1, 4)
layer('TransformerEncoderLayer', () => [4, 2, small], () => [sequence(), {}]) // prettier-ignore
layer('TransformerDecoderLayer', () => [4, 2, small], () => [sequence(), sequence(), {}]) // prettier-ignore
layer('TransformerEncoder', () => [encoderLayer(), 1, new nn.LayerNorm(4)], () => [sequence(), {}]) // prettier-ignore
layer('TransformerDecoder', () => [decoderLayer(), 1, new nn.LayerNorm(4)], () => [sequence(), sequence(), {}]) // prettier-ignore
layer(
  'Transformer',
  () => [{ ...small, dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1 }],
  () => [sequence(), sequence(), {}],
)
const linear = (): nn.Linear => new nn.Linear(3, 3)
layer('Sequential', () => [linear(), new nn.ReLU()], () => [m()]) // prettier-ignore
layer('AveragedModel', () => [linear(), {}], () => [m()]) // prettier-ignore
