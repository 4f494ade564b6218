import * as g from 'gradus'
import { sample, type Sample } from './values.ts'

const ix = (data: readonly number[] | readonly (readonly number[])[]): g.Tensor =>
  g.tensor(data, { dtype: 'int64' })

const mask = g.tensor([
  [true, false, true],
  [false, false, true],
])
const [columns, repeated] = [[[0, 0], [2, 1]], [[0, 0], [2, 0]]] // prettier-ignore

const indexing: Sample[] = [
  sample('gather', (x) => g.gather(x, 1, ix(columns)), [[2, 3]]),
  sample('scatter', (x, s) => g.scatter(x, 1, ix([[0, 1], [2, 1]]), s), [[2, 3]], [[2, 2]]), // prettier-ignore
  sample('scatter of a number', (x) => g.scatter(x, 1, ix(columns), 3), [[2, 3]]),
  sample('indexPut', (x, s) => g.indexPut(x, [ix([1, 0])], s), [[2, 3]], [[2, 3]]),
  sample(
    'indexPut, added',
    (x, s) => g.indexPut(x, [ix([1, 1])], s, { accumulate: true }),
    [[2, 3]],
    [[2, 3]],
  ),
  sample('scatterAdd', (x, s) => g.scatterAdd(x, 1, ix(repeated), s), [[2, 3]], [[2, 2]]),
  sample('indexSelect', (x) => g.indexSelect(x, 0, ix([1, 1, 0])), [[2, 3]]),
  sample('indexAdd', (x, s) => g.indexAdd(x, 0, ix([1, 1]), s), [[3, 2]], [[2, 2]]),
  sample('indexCopy', (x, s) => g.indexCopy(x, 0, ix([2, 0]), s), [[3, 2]], [[2, 2]]),
  sample('indexFill', (x) => g.indexFill(x, 1, ix([2, 0]), 3), [[2, 3]]),
  sample('take', (x) => g.take(x, ix([0, 5, 5])), [[2, 3]]),
  sample('takeAlongDim', (x) => g.takeAlongDim(x, ix(columns), 1), [[2, 3]]),
  sample('embedding', (w) => g.embedding(ix([1, 0, 1]), w), [[3, 2]]),
]

const reducing: Sample[] = (['sum', 'mean', 'prod', 'amax', 'amin'] as const).flatMap((reduce) => [
  sample(
    `scatterReduce by ${reduce}`,
    (x, s) => g.scatterReduce(x, 1, ix(repeated), s, reduce),
    [[2, 3], 0.3, 2],
    [[2, 2], 0.3, 2],
  ),
  sample(
    `scatterReduce by ${reduce}, without the old values`,
    (x, s) => g.scatterReduce(x, 1, ix(repeated), s, reduce, { includeSelf: false }),
    [[2, 3], 0.3, 2],
    [[2, 2], 0.3, 2],
  ),
])

const masking: Sample[] = [
  sample('maskedSelect', (x) => g.maskedSelect(x, mask), [[2, 3]]),
  sample('maskedScatter', (x, s) => g.maskedScatter(x, mask, s), [[2, 3]], [[4]]),
]

const ordering: Sample[] = [
  sample('sort', (x) => g.sort(x, 1).values, [[2, 3]]),
  sample('sort, descending', (x) => g.sort(x, 0, { descending: true }).values, [[3, 2]]),
  sample('topk', (x) => g.topk(x, 2).values, [[2, 4]]),
  sample('kthvalue', (x) => g.kthvalue(x, 2).values, [[2, 4]]),
]

export const selection: readonly Sample[] = [...indexing, ...reducing, ...masking, ...ordering]
