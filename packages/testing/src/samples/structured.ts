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

const reductions: Sample[] = [
  sample('sum', (x) => x.sum(), [[2, 3]]),
  sample('sum over axes', (x) => x.sum([0, 2], { keepdim: true }), [[2, 3, 2]]),
  sample('mean', (x) => x.mean(1), [[2, 3]]),
]

export const structured: readonly Sample[] = [...views, ...products, ...reductions]
