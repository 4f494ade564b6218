import { expect, test } from 'vitest'
import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { grad, tape } from '../src/index.ts'

g.setBackend(referenceBackend())
g.setTape(tape)

/*
 * Gradients where a formula has 0 · inf, 0 / 0 or a kink: at infinite operands, at 0, at singular matrices, at targets that count for
 * nothing. Numbers without a source are PyTorch's.
 */

const leaf = (data: Parameters<typeof g.tensor>[0], dtype: g.DType = 'float32'): g.Tensor =>
  g.tensor(data, { requiresGrad: true, dtype })
const ints = (data: Parameters<typeof g.tensor>[0]): g.Tensor => g.tensor(data, { dtype: 'int64' })

/** Value, and gradients of the sum. */
function both(x: g.Tensor, f: (x: g.Tensor) => g.Tensor): { value: unknown; grad: unknown } {
  const y = f(x)
  y.sum().backward()
  return { value: y.tolist(), grad: x.grad!.tolist() }
}
/** Derivatives of a function of single elements, up to an order. */
function derivatives(x: g.Tensor, f: (x: g.Tensor) => g.Tensor, order: number): number[][] {
  let y = f(x)
  return Array.from({ length: order }, () => {
    y = grad(y.sum(), [x], { createGraph: true })[0]!
    return y.tolist() as number[] // of a vector
  })
}

const { Infinity: inf } = globalThis

test.each([
  // [logit, target, loss, gradient]; PyTorch gives NaN for every loss that is not finite here but that of inf at 0
  [-inf, 0, 0, 0],
  [inf, 1, 0, 0],
  [inf, 0, inf, 1],
  [-inf, 1, inf, -1],
  [inf, 0.5, inf, 0.5],
  [-inf, 0.5, inf, -0.5],
  [1e38, 1, 0, 0],
])('binary cross entropy of the logit %d at target %d is %d', (logit, target, loss, slope) => {
  const y = g.tensor([target])
  expect(both(leaf([logit]), (x) => g.binaryCrossEntropyWithLogits(x, y))).toEqual({
    value: loss,
    grad: [slope],
  })
  const posWeight = g.tensor([1])
  expect(both(leaf([logit]), (x) => g.binaryCrossEntropyWithLogits(x, y, { posWeight })).value).toBe(loss)
  expect(both(leaf([[logit]]), (x) => g.multilabelSoftMarginLoss(x, y.reshape([1, 1]))).value).toBe(loss)
})

test('gradients of the target and of posWeight are finite where the side that is infinite has no weight', () => {
  const [x, y, w] = [g.tensor([-inf, inf]), leaf([0, 1]), leaf([1, 1])]
  g.binaryCrossEntropyWithLogits(x, y, { posWeight: w, reduction: 'sum' }).backward()
  expect(w.grad!.tolist()).toEqual([0, 0])
  expect(y.grad!.tolist()).toEqual([inf, -inf])
})

test('the binary cross entropy of logits keeps its second derivative, at 0 too', () => {
  const [, second] = derivatives(
    leaf([0, 2, -3]),
    (x) => g.binaryCrossEntropyWithLogits(x, g.tensor([0, 1, 0.5]), { reduction: 'sum' }),
    2,
  )
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
  ;[0, 2, -3].forEach((x, i) => expect(second[i]).toBeCloseTo(sigmoid(x) * sigmoid(-x), 6))
})

test('a class with a logit of -inf and no share of the target counts for nothing', () => {
  const target = g.tensor([[0, 0.25, 0.75]])
  const result = both(leaf([[-inf, 0, 0]]), (x) => g.crossEntropy(x, target))
  expect(result.value).toBeCloseTo(Math.LN2, 6)
  expect(result.grad).toEqual([[0, 0.25, -0.25]])
  expect(both(leaf([-inf, 0]), (x) => g.klDiv(x, g.tensor([0, 1]), { reduction: 'sum' }))).toEqual({
    value: 0,
    grad: [-0, -1],
  })
})

test.each([
  ['crossEntropy', (x: g.Tensor, t: g.Tensor) => g.crossEntropy(x, t)],
  ['weighted crossEntropy', (x: g.Tensor, t: g.Tensor) => g.crossEntropy(x, t, { weight: g.tensor([1, 2]) })],
  ['smoothed crossEntropy', (x: g.Tensor, t: g.Tensor) => g.crossEntropy(x, t, { labelSmoothing: 0.1 })],
  ['nllLoss', (x: g.Tensor, t: g.Tensor) => g.nllLoss(x, t)],
])('the mean %s of nothing but ignored targets is NaN and has the gradient 0', (_, loss) => {
  const x = leaf([
    [1, 2],
    [3, 4],
  ])
  const value = loss(x, ints([-100, -100]))
  expect(value.item()).toBeNaN()
  const [first] = grad(value, [x], { createGraph: true })
  expect(first.add(0).tolist()).toEqual([
    [0, 0],
    [0, 0],
  ])
  // of log probabilities the loss is linear
  if (!first.requiresGrad) return
  expect(grad(first.sum(), [x])[0].add(0).tolist()).toEqual([
    [0, 0],
    [0, 0],
  ])
})

test('rows that are ignored have no gradient, were their logits NaN', () => {
  const x = leaf([
    [NaN, 1],
    [0, 0],
  ])
  expect(both(x, (y) => g.crossEntropy(y, ints([-100, 1])))).toEqual({
    value: Math.fround(Math.LN2),
    grad: [
      [0, 0],
      [0.5, -0.5],
    ],
  })
})

test.each([
  ['smoothL1Loss', 1, (x: g.Tensor, y: g.Tensor) => g.smoothL1Loss(x, y, { reduction: 'sum' })],
  ['smoothL1Loss', 1, (x: g.Tensor, y: g.Tensor) => g.smoothL1Loss(x, y, { reduction: 'sum', beta: 0.5 })],
  ['huberLoss', 1, (x: g.Tensor, y: g.Tensor) => g.huberLoss(x, y, { reduction: 'sum' })],
  ['huberLoss', 0.5, (x: g.Tensor, y: g.Tensor) => g.huberLoss(x, y, { reduction: 'sum', delta: 0.5 })],
])('%s has the slope %d at infinite differences', (_, slope, loss) => {
  const x = leaf([inf, -inf, 1e38, 0])
  const [first, second] = derivatives(x, (y) => loss(y, g.zeros(4)), 2)
  expect(first).toEqual([slope, -slope, slope, 0])
  expect(second.slice(0, 3)).toEqual([0, 0, 0])
})

test.each(['float32', 'float64'] as const)(
  'sinc has its derivatives of three orders near 0, in %s',
  (dtype) => {
    // near 0 PyTorch's first derivative in float32 is wrong by a factor of 3, and its second NaN at 0
    const at = [0, 1e-20, 1e-8, 1e-4, 1e-2]
    const [first, second, third] = derivatives(leaf(at, dtype), g.sinc, 3)
    const u = Math.PI ** 2
    at.forEach((x, i) => {
      expect(first[i]).toBeCloseTo((-u * x) / 3 + (u * u * x ** 3) / 30, 6)
      expect(second[i]).toBeCloseTo(-u / 3 + (u * u * x * x) / 10, 4)
      expect(third[i]).toBeCloseTo((u * u * x) / 5, 4)
    })
    // on both sides of the border between the series and the quotient
    const [a] = derivatives(leaf([0.4999, 0.5001, -0.4999, -0.5001], dtype), g.sinc, 1)
    const exact = (x: number): number => Math.cos(Math.PI * x) / x - Math.sin(Math.PI * x) / (Math.PI * x * x)
    ;[0.4999, 0.5001, -0.4999, -0.5001].forEach((x, i) => expect(a[i]).toBeCloseTo(exact(x), 5))
  },
)

test('exp2 has its derivatives up to where it overflows, and infinite ones beyond', () => {
  const d = derivatives(leaf([1023, 1024, -1080, -inf], 'float64'), g.exp2, 3)
  d.forEach((values, i) => {
    expect(values[0] / (2 ** 1023 * Math.LN2 ** (i + 1))).toBeCloseTo(1, 12)
    expect(values.slice(1)).toEqual([inf, 0, 0])
  })
  derivatives(leaf([127, 128, -inf]), g.exp2, 3).forEach((values) =>
    expect(values.slice(1)).toEqual([inf, 0]),
  )
})

test.each(['amax', 'amin'] as const)(
  'scatterReduce with %s shares its gradient among the infinite values given',
  (reduce) => {
    const edge = reduce === 'amax' ? -inf : inf
    const [x, src] = [leaf([1, 2, 3]), leaf([edge, edge, edge])]
    const y = g.scatterReduce(x, 0, ints([0, 0, 1]), src, reduce, { includeSelf: false })
    expect(y.tolist()).toEqual([edge, edge, 3])
    y.sum().backward()
    expect(x.grad!.tolist()).toEqual([0, 0, 1])
    expect(src.grad!.tolist()).toEqual([0.5, 0.5, 1])
  },
)

test('the gradient of det is the matrix of cofactors, for singular matrices too', () => {
  const cofactors = (data: Parameters<typeof g.tensor>[0]): unknown => both(leaf(data, 'float64'), g.det).grad
  const plain = (x: unknown): unknown => JSON.parse(JSON.stringify(x)) // without the sign of zeros
  expect(plain(cofactors([[1, 2], [2, 4]]))).toEqual([[4, -2], [-2, 1]]) // prettier-ignore
  expect(plain(cofactors([[1, 2, 3], [2, 4, 6], [3, 6, 9]]))).toEqual([[0, 0, 0], [0, 0, 0], [0, 0, 0]]) // prettier-ignore
  expect(plain(cofactors([[0, 0], [0, 0]]))).toEqual([[0, 0], [0, 0]]) // prettier-ignore
  expect(cofactors([[0]])).toEqual([[1]])
  const rankTwo = cofactors([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) as number[][] // prettier-ignore
  ;[[-3, 6, -3], [6, -12, 6], [-3, 6, -3]].forEach((row, i) => row.forEach((v, j) => expect(rankTwo[i][j]).toBeCloseTo(v, 10))) // prettier-ignore
})

test.each([3, 9])('second derivatives of det, at a singular matrix of %d rows too', (n) => {
  // rank n - 1: the last row is the sum of the others
  const rows = Array.from({ length: n - 1 }, (_, i) =>
    Array.from({ length: n }, (__, j) => Math.sin(1 + 3 * i + 7 * j + i * j) + (i === j ? 2 : 0)),
  )
  const singular = [...rows, rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0))]
  const direction = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (__, j) => Math.cos(i + 2 * j)),
  )
  const along = (t: number): g.Tensor =>
    leaf(
      singular.map((row, i) => row.map((v, j) => v + t * direction[i][j])),
      'float64',
    )
  const slope = (x: g.Tensor): g.Tensor =>
    grad(g.det(x), [x], { createGraph: true })[0]
      .mul(g.tensor(direction, { dtype: 'float64' }))
      .sum()
  const x = along(0)
  const second = grad(slope(x), [x])[0]
    .mul(g.tensor(direction, { dtype: 'float64' }))
    .sum()
    .item()
  const h = 1e-4
  const [up, down] = [along(h), along(-h)].map((y) => slope(y).item())
  expect(second / ((up - down) / (2 * h))).toBeCloseTo(1, 5)
})

test('cosineSimilarity takes an axis of length 1 for as many equal elements', () => {
  const [a, b] = [leaf([[1], [3]]), leaf([[1, 2]])]
  const y = g.cosineSimilarity(a, b)
  y.sum().backward()
  const [wide, row] = [leaf([[1, 1], [3, 3]]), leaf([[1, 2], [1, 2]])] // prettier-ignore
  const full = g.cosineSimilarity(wide, row)
  full.sum().backward()
  expect(y.tolist()).toEqual(full.tolist())
  expect(y.select(0, 0).item()).toBeCloseTo(0.9486833, 6)
  expect(a.grad!.tolist()).toEqual(wide.grad!.sum(1, { keepdim: true }).tolist())
  expect(b.grad!.tolist()).toEqual(row.grad!.sum(0, { keepdim: true }).tolist())
  const [v, s] = [leaf([3, 4]), leaf(2)]
  const z = g.cosineSimilarity(v, s, 0)
  z.backward()
  expect(z.item()).toBeCloseTo(0.98994952, 6)
  expect(v.grad!.select(0, 0).item()).toBeCloseTo(0.02262741, 6)
  expect(s.grad!.item()).toBeCloseTo(0, 6)
})

test('the value of indexFill gets the gradient of each place once, however often the index names it', () => {
  const [x, v] = [leaf([3, 4, 5]), leaf(7)]
  const y = g.indexFill(x, 0, ints([1, 1]), v)
  y.mul(g.tensor([1, 2, 3]))
    .sum()
    .backward()
  expect(y.tolist()).toEqual([3, 7, 5])
  expect(x.grad!.tolist()).toEqual([1, 0, 3])
  expect(v.grad!.item()).toBe(2)
  const [s, w] = [leaf(3), leaf(5)]
  g.indexFill(s, 0, ints([0]), w).backward()
  expect([s.grad!.item(), w.grad!.item()]).toEqual([0, 1])
  const [base, u] = [leaf([[1, 2], [3, 4]]), leaf(5)] // prettier-ignore
  const written = g.indexFill_(base.mul(1), 1, ints(1), u)
  expect(written.tolist()).toEqual([[1, 5], [3, 5]]) // prettier-ignore
  written.sum().backward()
  expect(u.grad!.item()).toBe(2)
})

test('the side of where that is not taken gives NaN once it overflows, and 0 if its operand is held first', () => {
  const x = leaf([1, 1000])
  const taken = x.lt(500)
  g.where(taken, x.exp(), x).sum().backward()
  expect(x.grad!.select(0, 1).item()).toBeNaN()
  x.grad = null
  g.where(taken, g.where(taken, x, 0).exp(), x)
    .sum()
    .backward()
  expect(x.grad!.tolist()).toEqual([Math.fround(Math.E), 1])
})
