import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const close = (x: g.Tensor, wanted: readonly number[]): void => {
  const found = Array.from(x.flatten().readSync(), Number)
  expect(found.length).toBe(wanted.length)
  found.forEach((v, i) => expect(v / wanted[i]).toBeCloseTo(1, 5))
}
const half = Math.SQRT1_2

test.each([
  ['float32', 1e30],
  ['float32', 1e20],
  ['float64', 1e200],
] as const)('squares that overflow leave what is normalised finite: %s, %d', (dtype, size) => {
  const data = [1, -1, 1].map((v) => v * size)
  const row = g.tensor(data, { dtype })
  const centred = [half, -2 * half, half]
  close(g.layerNorm(row, 3), centred)
  close(g.groupNorm(row.reshape(1, 1, 3), 1), centred)
  close(g.instanceNorm(row.reshape(1, 1, 3)), centred)
  close(g.batchNorm(row.reshape(3, 1), null, null, null, null, { training: true }), centred)
  close(g.rmsNorm(row, 3), [1, -1, 1])
  close(g.std(row), [(2 / Math.sqrt(3)) * size])
  // a variance beyond the dtype is infinite, as it should be
  expect(g.var(row).item()).toBe(Infinity)
})

test('a variance that fits is finite where the sum of squares is not', () => {
  const x = g.tensor(Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1e19 : -1e19)))
  close(g.var(x, undefined, { correction: 0 }), [1e38])
})

test('large rows and columns among others change none of them', () => {
  const data = Array.from({ length: 9 }, (_, i) =>
    Array.from({ length: 13 }, (__, j) => Math.sin(3 * i + j * j)),
  )
  const large = data.map((row, i) => row.map((v, j) => (i === 4 || j === 5 ? v * 1e30 : v)))
  const [plain, mixed] = [data, large].map((rows) => g.tensor(rows))
  const [a, b] = [plain, mixed].map((x) =>
    g.layerNorm(x.narrow(1, 0, 5), 5, null, null, { eps: 0 }).flatten(),
  )
  close(b, Array.from(a.readSync(), Number))
  const d = g.batchNorm(mixed, null, null, null, null, { training: true })
  expect(Array.from(d.flatten().readSync(), Number).every(Number.isFinite)).toBe(true)
  expect(g.std(mixed, 0).select(0, 5).isfinite().item()).toBe(true)
  const rest = (x: g.Tensor): unknown => g.std(x.narrow(0, 0, 4).narrow(1, 0, 5), 1).tolist()
  expect(rest(mixed)).toEqual(rest(plain))
})

test('what is constant has no variance, whatever its mean rounds to, and is normalised to the bias', () => {
  // PyTorch gives a std of 1024 and a normalised value of ±1 for some of these, and 113991 for a batch of 1e10
  for (const n of [3, 7, 9, 10, 80, 89, 121, 194]) {
    for (const value of [1e10, -3.3e9, 1e6 + 0.5, 12345.678, 0.1]) {
      const x = g.full([n, 2], value)
      expect(g.std(x, 0).tolist()).toEqual([0, 0])
      expect(g.layerNorm(x.t(), n).abs().sum().item()).toBe(0)
      const [mean, variance] = [g.zeros(2), g.ones(2)]
      const bias = g.tensor([1, 2])
      const y = g.batchNorm(x, mean, variance, null, bias, { training: true, momentum: 1 })
      expect(y.select(0, n - 1).tolist()).toEqual([1, 2])
      expect(variance.tolist()).toEqual([0, 0])
    }
  }
})

test('real infinities and NaN stay what they were', () => {
  expect(
    g
      .layerNorm(g.tensor([1, Infinity, 2]), 3)
      .isnan()
      .any()
      .item(),
  ).toBe(true)
  expect(g.std(g.tensor([1, NaN])).item()).toBeNaN()
  expect(g.std(g.tensor([5])).item()).toBeNaN()
})
