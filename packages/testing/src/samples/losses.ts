import * as g from 'gradus'
import { sample, type Sample } from './values.ts'

const ix = (data: readonly number[] | readonly (readonly number[])[]): g.Tensor =>
  g.tensor(data, { dtype: 'int64' })
const f64 = (data: readonly number[] | readonly (readonly number[])[]): g.Tensor =>
  g.tensor(data, { dtype: 'float64' })

const chances = f64([[0, 1], [0.3, 0.8]]) // prettier-ignore

const pairs: Sample[] = [
  sample('mseLoss', (x, y) => g.mseLoss(x, y), [[2, 3]], [[2, 3]]),
  sample('l1Loss', (x, y) => g.l1Loss(x, y, { reduction: 'none' }), [[2, 3]], [[2, 3]]),
  sample('smoothL1Loss', (x, y) => g.smoothL1Loss(x, y, { beta: 0.7 }), [[2, 3]], [[2, 3]]),
  sample('huberLoss', (x, y) => g.huberLoss(x, y, { delta: 0.7 }), [[2, 3]], [[2, 3]]),
  sample('binaryCrossEntropy', (x) => g.binaryCrossEntropy(x, chances), [[2, 2], 0.1, 0.9]),
  sample('binaryCrossEntropyWithLogits', (x) => g.binaryCrossEntropyWithLogits(x, chances), [[2, 2]]),
  sample(
    'binaryCrossEntropyWithLogits with weights',
    (x) => g.binaryCrossEntropyWithLogits(x, chances, { weight: f64([1, 2]), posWeight: f64([3, 0.5]) }),
    [[2, 2]],
  ),
  sample('klDiv', (x, y) => g.klDiv(x, y, { reduction: 'batchmean' }), [[2, 3]], [[2, 3], 0.1, 0.9]),
  sample('klDiv of logarithms', (x, y) => g.klDiv(x, y, { logTarget: true }), [[2, 3]], [[2, 3]]),
  sample('crossEntropy', (x) => g.crossEntropy(x, ix([2, 0, 1])), [[3, 3]]),
  sample(
    'crossEntropy with weights, an ignored row and smoothing',
    (x) => g.crossEntropy(x, ix([2, -100, 1]), { weight: f64([1, 2, 3]), labelSmoothing: 0.1 }),
    [[3, 3]],
  ),
  sample('crossEntropy against probabilities', (x, t) => g.crossEntropy(x, t), [[2, 3]], [[2, 3], 0.1, 0.9]),
  sample('nllLoss', (x) => g.nllLoss(x, ix([2, 0])), [[2, 3]]),
]

const signs = f64([1, -1])
const margins: Sample[] = [
  sample('marginRankingLoss', (x, y) => g.marginRankingLoss(x, y, signs, { margin: 0.5 }), [[2]], [[2]]),
  sample('hingeEmbeddingLoss', (x) => g.hingeEmbeddingLoss(x, signs), [[2, 2]]),
  sample('softMarginLoss', (x) => g.softMarginLoss(x, signs), [[2, 2]]),
  sample('multiMarginLoss', (x) => g.multiMarginLoss(x, ix([2, 0]), { weight: f64([1, 2, 3]) }), [[2, 3]]),
  sample('multiMarginLoss, squared', (x) => g.multiMarginLoss(x, ix([2, 0]), { p: 2 }), [[2, 3]]),
  sample('multilabelMarginLoss', (x) => g.multilabelMarginLoss(x, ix([[2, 0, -1], [1, -1, 0]])), [[2, 3]]), // prettier-ignore
  sample('multilabelSoftMarginLoss', (x) => g.multilabelSoftMarginLoss(x, chances), [[2, 2]]),
]

const distances: Sample[] = [
  sample('cosineSimilarity', (x, y) => g.cosineSimilarity(x, y, 1), [[2, 3]], [[2, 3]]),
  sample('pairwiseDistance', (x, y) => g.pairwiseDistance(x, y, { p: 3 }), [[2, 3]], [[2, 3]]),
  sample('normalize', (x) => g.normalize(x), [[2, 3]]),
  sample(
    'cosineEmbeddingLoss',
    (x, y) => g.cosineEmbeddingLoss(x, y, signs, { margin: -0.5 }),
    [[2, 3]],
    [[2, 3]],
  ),
  sample(
    'tripletMarginLoss',
    (x, y, z) => g.tripletMarginLoss(x, y, z, { swap: true, margin: 3 }),
    [[2, 3]],
    [[2, 3]],
    [[2, 3]],
  ),
]

const likelihoods: Sample[] = [
  sample('gaussianNllLoss', (x, t, v) => g.gaussianNllLoss(x, t, v), [[2, 3]], [[2, 3]], [[2, 3], 0.3, 2]),
  sample('poissonNllLoss', (x) => g.poissonNllLoss(x, chances), [[2, 2]]),
  sample('poissonNllLoss of rates', (x) => g.poissonNllLoss(x, chances, { logInput: false }), [
    [2, 2],
    0.3,
    2,
  ]),
  sample('linearCrossEntropy', (x, w) => g.linearCrossEntropy(x, w, ix([2, 0])), [[2, 3]], [[3, 3]]),
  // PyTorch has no second derivative of it
  {
    ...sample(
      'ctcLoss',
      (x) => g.ctcLoss(g.logSoftmax(x, -1), ix([[1, 1], [2, 1]]), [4, 3], [2, 1]), // prettier-ignore
      [[4, 2, 3]],
    ),
    twice: false,
  },
]

export const losses: readonly Sample[] = [...pairs, ...margins, ...distances, ...likelihoods]
