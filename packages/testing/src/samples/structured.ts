import * as g from 'gradus'
import { sample, type Sample } from './values.ts'

const views: Sample[] = [
  sample('reshape', (x) => g.reshape(x, [3, -1]), [[2, 3]]),
  sample('reshape of a transpose', (x) => x.t().reshape([6]), [[2, 3]]),
  sample('permute', (x) => x.permute(2, 0, 1), [[2, 3, 2]]),
  sample('expand', (x) => x.expand(2, 3, 2), [[3, 1]]),
  sample('unsqueeze', (x) => x.unsqueeze(1), [[2, 3]]),
  sample('squeeze', (x) => x.squeeze(), [[2, 1, 3]]),
  sample('select', (x) => x.select(1, -1), [[2, 3]]),
  sample('slice with a step', (x) => x.slice(1, 0, 5, 2), [[2, 5]]),
  sample('an empty slice', (x) => x.slice(1, 2, 2).sum().add(x.sum()), [[2, 3]]),
  sample('narrow', (x) => x.narrow(0, 1, 2), [[3, 2]]),
  sample('diagonal', (x) => x.diagonal(1), [[3, 4]]),
  sample('unfold, overlapping', (x) => x.unfold(1, 3, 2), [[2, 7]]),
  sample('asStrided, overlapping', (x) => x.asStrided([3, 3], [1, 1]), [[5]]),
  sample('unbind', (x) => x.unbind(1), [[2, 3]]),
  sample('split', (x) => x.split(2), [[5, 2]]),
  sample('clone', (x) => x.clone(), [[2, 3]]),
  sample('contiguous of a transpose', (x) => x.t().contiguous(), [[2, 3]]),
  sample('to', (x) => x.to('float64').mul(x), [[2, 3]]),
]

const products: Sample[] = [
  sample('matmul', (x, y) => x.matmul(y), [[2, 3]], [[3, 2]]),
  sample('matmul of vectors', (x, y) => x.matmul(y), [[3]], [[3]]),
  sample('matmul, batch against one', (x, y) => x.matmul(y), [[2, 2, 3]], [[3, 2]]),
  sample('matmul, broadcast batches', (x, y) => x.matmul(y), [[2, 1, 2, 3]], [[2, 3, 2]]),
  sample('linear', (x, w, b) => g.linear(x, w, b), [[2, 2, 3]], [[4, 3]], [[4]]),
]

const ix = (data: number[] | number[][]): g.Tensor => g.tensor(data, { dtype: 'int64' })

const reductions: Sample[] = [
  sample('sum', (x) => x.sum(), [[2, 3]]),
  sample('sum over axes', (x) => x.sum([0, 2], { keepdim: true }), [[2, 3, 2]]),
  sample('mean', (x) => x.mean(1), [[2, 3]]),
  sample('prod', (x) => g.prod(x), [[2, 3]]),
  sample('prod over an axis', (x) => g.prod(x, 1), [[2, 3]]),
  sample('prod with one zero', (x) => g.prod(x.mul(g.tensor([1, 0, 1], { dtype: 'float64' })), 1), [[2, 3]]),
  sample('amax', (x) => g.amax(x, 1), [[2, 3]]),
  sample('amin', (x) => g.amin(x, [0, 1]), [[2, 3]]),
  sample('max over an axis', (x) => g.max(x, 1).values, [[2, 3]]),
  sample('min over an axis', (x) => g.min(x, 0, { keepdim: true }).values, [[2, 3]]),
  sample('aminmax', (x) => Object.values(g.aminmax(x, 1)), [[2, 3]]),
  sample('logsumexp', (x) => g.logsumexp(x, 1), [[2, 3]]),
  sample('var', (x) => g.varMean(x, 1), [[2, 3]]),
  sample('std', (x) => g.std(x, [0, 1], { correction: 0 }), [[2, 3]]),
  sample('norm', (x) => g.norm(x), [[2, 3]]),
  sample('vectorNorm of order 1', (x) => g.vectorNorm(x, 1, 1), [[2, 3]]),
  sample('vectorNorm of order 3', (x) => g.vectorNorm(x, 3, 0), [[2, 3], 0.3, 2]),
  sample('vectorNorm of order infinity', (x) => g.vectorNorm(x, Infinity, 1), [[2, 3]]),
  sample('nansum', (x) => g.nansum(x, 1), [[2, 3]]),
  sample('cumsum', (x) => g.cumsum(x, 1), [[2, 3]]),
  sample('cumprod', (x) => g.cumprod(x, 1), [[2, 3], 0.3, 2]),
  sample('cummax', (x) => g.cummax(x, 1).values, [[2, 4]]),
  sample('cummin', (x) => g.cummin(x, 1).values, [[2, 4]]),
  sample('logcumsumexp', (x) => g.logcumsumexp(x, 1), [[2, 3]]),
]

const rows: Sample[] = [
  sample('softmax', (x) => g.softmax(x, 1), [[2, 3]]),
  sample('softmax over the first axis', (x) => g.softmax(x, 0), [[3, 2]]),
  sample('logSoftmax', (x) => g.logSoftmax(x, -1), [[2, 3]]),
  sample('layerNorm', (x, w, b) => g.layerNorm(x, [3], w, b), [[2, 3]], [[3]], [[3]]),
  sample('layerNorm over two axes, plain', (x) => g.layerNorm(x, [2, 3]), [[2, 2, 3]]),
  sample('rmsNorm', (x, w) => g.rmsNorm(x, [3], w), [[2, 3]], [[3]]),
]

const joins: Sample[] = [
  sample('cat', (x, y) => g.cat([x, y], 1), [[2, 1]], [[2, 3]]),
  sample('stack', (x, y) => g.stack([x, y], 1), [[2, 3]], [[2, 3]]),
  sample('repeat', (x) => x.repeat(2, 3), [[2, 2]]),
  sample('flip', (x) => g.flip(x, [0, 1]), [[2, 3]]),
  sample('roll', (x) => g.roll(x, 1, 1), [[2, 3]]),
  sample('tril', (x) => g.tril(x), [[3, 3]]),
  sample('triu', (x) => g.triu(x, 1), [[3, 3]]),
  sample('diagEmbed', (x) => g.diagEmbed(x), [[2, 3]]),
  sample(
    'gather',
    (x) =>
      g.gather(
        x,
        1,
        ix([
          [0, 0],
          [2, 1],
        ]),
      ),
    [[2, 3]],
  ),
  sample(
    'scatter',
    (x, s) =>
      g.scatter(
        x,
        1,
        ix([
          [0, 1],
          [2, 1],
        ]),
        s,
      ),
    [[2, 3]],
    [[2, 2]],
  ),
  sample(
    'scatterAdd',
    (x, s) =>
      g.scatterAdd(
        x,
        1,
        ix([
          [0, 0],
          [2, 0],
        ]),
        s,
      ),
    [[2, 3]],
    [[2, 2]],
  ),
  sample('indexSelect', (x) => g.indexSelect(x, 0, ix([1, 1, 0])), [[2, 3]]),
  sample('indexAdd', (x, s) => g.indexAdd(x, 0, ix([1, 1]), s), [[3, 2]], [[2, 2]]),
  sample('take', (x) => g.take(x, ix([0, 5, 5])), [[2, 3]]),
]

const windows: Sample[] = [
  sample(
    'conv1d',
    (x, w, b) => g.conv1d(x, w, b, { padding: 1, stride: 2 }),
    [[2, 2, 5]],
    [[3, 2, 3]],
    [[3]],
  ),
  sample('conv2d', (x, w, b) => g.conv2d(x, w, b), [[1, 2, 4, 4]], [[2, 2, 3, 2]], [[2]]),
  sample(
    'conv2d with groups, stride and dilation',
    (x, w) => g.conv2d(x, w, null, { groups: 2, stride: [2, 1], dilation: [1, 2], padding: 1 }),
    [[1, 4, 4, 5]],
    [[2, 2, 2, 2]],
  ),
  sample('conv3d', (x, w) => g.conv3d(x, w), [[1, 1, 3, 3, 3]], [[1, 1, 2, 2, 2]]),
  sample(
    'convTranspose2d',
    (x, w, b) => g.convTranspose2d(x, w, b, { stride: 2, outputPadding: 1 }),
    [[1, 2, 2, 2]],
    [[2, 2, 2, 2]],
    [[2]],
  ),
]

const chances = g.tensor([[0, 1], [0.3, 0.8]], { dtype: 'float64' })

const losses: Sample[] = [
  sample('mseLoss', (x, y) => g.mseLoss(x, y), [[2, 3]], [[2, 3]]),
  sample('l1Loss', (x, y) => g.l1Loss(x, y, { reduction: 'none' }), [[2, 3]], [[2, 3]]),
  sample('smoothL1Loss', (x, y) => g.smoothL1Loss(x, y, { beta: 0.7 }), [[2, 3]], [[2, 3]]),
  sample('huberLoss', (x, y) => g.huberLoss(x, y, { delta: 0.7 }), [[2, 3]], [[2, 3]]),
  sample('binaryCrossEntropy', (x) => g.binaryCrossEntropy(x, chances), [[2, 2], 0.1, 0.9]),
  sample('binaryCrossEntropyWithLogits', (x) => g.binaryCrossEntropyWithLogits(x, chances), [[2, 2]]),
  sample('klDiv', (x, y) => g.klDiv(x, y, { reduction: 'batchmean' }), [[2, 3]], [[2, 3], 0.1, 0.9]),
  sample('crossEntropy', (x) => g.crossEntropy(x, ix([2, 0, 1])), [[3, 3]]),
  sample(
    'crossEntropy with weights, an ignored row and smoothing',
    (x) =>
      g.crossEntropy(x, ix([2, -100, 1]), {
        weight: g.tensor([1, 2, 3], { dtype: 'float64' }),
        labelSmoothing: 0.1,
      }),
    [[3, 3]],
  ),
  sample('nllLoss', (x) => g.nllLoss(x, ix([2, 0])), [[2, 3]]),
]

export const structured: readonly Sample[] = [
  ...views,
  ...products,
  ...reductions,
  ...rows,
  ...joins,
  ...windows,
  ...losses,
]
