import * as g from 'gradus'
import { sample, type Sample } from './values.ts'

const f64 = (data: readonly number[] | readonly (readonly number[])[]): g.Tensor =>
  g.tensor(data, { dtype: 'float64' })

const rows: Sample[] = [
  sample('softmax', (x) => g.softmax(x, 1), [[2, 3]]),
  sample('softmax over the first axis', (x) => g.softmax(x, 0), [[3, 2]]),
  sample('logSoftmax', (x) => g.logSoftmax(x, -1), [[2, 3]]),
  sample('glu', (x) => g.glu(x, 1), [[2, 4]]),
]

const [mean, variance] = [f64([0.2, -0.1]), f64([0.7, 1.4])]
const norms: Sample[] = [
  sample('layerNorm', (x, w, b) => g.layerNorm(x, [3], w, b), [[2, 3]], [[3]], [[3]]),
  sample('layerNorm over two axes, plain', (x) => g.layerNorm(x, [2, 3]), [[2, 2, 3]]),
  sample('rmsNorm', (x, w) => g.rmsNorm(x, [3], w), [[2, 3]], [[3]]),
  sample('groupNorm', (x, w, b) => g.groupNorm(x, 2, w, b), [[2, 4, 2]], [[4]], [[4]]),
  sample('instanceNorm', (x, w, b) => g.instanceNorm(x, w, b), [[2, 2, 3]], [[2]], [[2]]),
  sample(
    'batchNorm, training',
    (x, w, b) => g.batchNorm(x, null, null, w, b, { training: true }),
    [[3, 2]],
    [[2]],
    [[2]],
  ),
  sample(
    'batchNorm by running statistics',
    (x, w, b) => g.batchNorm(x, mean, variance, w, b),
    [[3, 2]],
    [[2]],
    [[2]],
  ),
]

const scores: readonly [g.Shape, g.Shape, g.Shape] = [[1, 2, 3], [1, 4, 3], [1, 4, 2]] // prettier-ignore
const attention: Sample[] = [
  sample('attention', (q, k, v) => g.scaledDotProductAttention(q, k, v), ...scores.map((s) => [s] as const)),
  sample(
    'attention, causal',
    (q, k, v) => g.scaledDotProductAttention(q, k, v, { isCausal: true, scale: 0.7 }),
    ...scores.map((s) => [s] as const),
  ),
  sample(
    'attention with an added mask',
    (q, k, v, m) => g.scaledDotProductAttention(q, k, v, { attnMask: m }),
    ...scores.map((s) => [s] as const),
    [[2, 4]],
  ),
  sample(
    'attention by blocks, causal',
    (q, k, v) => g.scaledDotProductAttention(q, k, v, { isCausal: true }),
    [[33, 1]],
    [[3, 1]],
    [[3, 1]],
  ),
  sample(
    'attention by blocks, weights not kept',
    (q, k, v) => g.scaledDotProductAttention(q, k, v),
    [[33, 1]],
    [[17, 1]],
    [[17, 1]],
  ),
]

const cells: Sample[] = [
  sample('lstmCell', (x, h, c) => Object.values(g.lstmCell(x, h, c)), [[2, 8]], [[2, 8]], [[2, 2]]),
  sample('gruCell', (x, h, s) => g.gruCell(x, h, s), [[2, 6]], [[2, 6]], [[2, 2]]),
]

const ix = (data: readonly number[]): g.Tensor => g.tensor(data, { dtype: 'int64' })
const images: Sample[] = [
  sample('bilinear', (x, y, w, b) => g.bilinear(x, y, w, b), [[2, 2]], [[2, 3]], [[2, 2, 3]], [[2]]),
  sample('im2col', (x) => g.im2col(x, 2, { padding: 1, stride: 2 }), [[1, 2, 3, 3]]),
  sample('col2im', (x) => g.col2im(x, [3, 3], 2), [[1, 4, 4]]),
  sample('localResponseNorm', (x) => g.localResponseNorm(x, 2, { alpha: 0.5 }), [[1, 3, 2]]),
  sample('lpPool2d', (x) => g.lpPool2d(x, 3, 2), [[1, 2, 4], 0.3, 2]),
  sample('pixelShuffle', (x) => g.pixelShuffle(x, 2), [[1, 4, 2, 1]]),
  sample('pixelUnshuffle', (x) => g.pixelUnshuffle(x, 2), [[1, 1, 4, 2]]),
  sample('channelShuffle', (x) => g.channelShuffle(x, 2), [[1, 4, 2]]),
  ...(['nearest', 'bilinear', 'bicubic', 'area'] as const).map((mode) =>
    sample(`interpolate, ${mode}`, (x) => g.interpolate(x, { mode, size: [3, 5] }), [[1, 1, 4, 3]]),
  ),
  ...(['sum', 'mean', 'max'] as const).map((mode) =>
    sample(
      `embeddingBag, ${mode}`,
      (w) => g.embeddingBag(ix([0, 2, 1, 2]), w, { mode, offsets: ix([0, 3]) }),
      [[3, 2]],
    ),
  ),
]

const seeded = <T>(fn: () => T): T => {
  g.manualSeed(0)
  return fn()
}
const random: Sample[] = [
  sample('dropout', (x) => seeded(() => g.dropout(x, 0.4)), [[2, 3]]),
  sample('featureDropout', (x) => seeded(() => g.featureDropout(x, 0.4)), [[2, 3, 2]]),
  sample('alphaDropout', (x) => seeded(() => g.alphaDropout(x, 0.4)), [[2, 3]]),
  // what is drawn does not vary with the probabilities: a gradient of zeros
  { ...sample('bernoulli', (x) => seeded(() => g.bernoulli(x)), [[2, 3], 0.2, 0.8]), twice: false },
]

export const layers: readonly Sample[] = [...rows, ...norms, ...attention, ...cells, ...images, ...random]
