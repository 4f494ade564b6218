import { ones, setBackend, tensor, type DType, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } from '../src/index.ts'

setBackend(referenceBackend())

function withGrad(values: number[], dtype: DType = 'float32'): Tensor {
  const p = ones([values.length], { dtype })
  p.grad = tensor(values, { dtype })
  return p
}

const relative = (actual: number, expected: number): void =>
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-6)

describe('a norm whose squares overflow', () => {
  test.each<[DType, number]>([
    ['float32', 1e20],
    ['float32', 2e38],
    ['float64', 1e200],
    ['float64', 1e-200],
    ['bfloat16', 2 ** 66],
  ])('of %s [%d, %d] is finite, and what clipping scales by', (dtype, size) => {
    const p = withGrad([(3 * size) / 4, -size], dtype)
    relative(getTotalNorm([p.grad]).item(), 1.25 * size)
    relative(clipGradNorm_([p], 1).item(), 1.25 * size)
    if (size < 1) return
    // bfloat16 has 8 bits
    p.grad!.readSync().forEach((x, i) => expect(Math.abs(Number(x) - [0.6, -0.8][i])).toBeLessThan(3e-3))
  })

  test('beyond float32 is Infinity, and the gradients are clipped all the same', () => {
    const p = withGrad([3e38, -3e38])
    expect(clipGradNorm_([p], 1, { errorIfNonfinite: true }).item()).toBe(Infinity)
    p.grad!.readSync().forEach((x, i) => expect(Number(x)).toBeCloseTo([Math.SQRT1_2, -Math.SQRT1_2][i], 5))
  })

  test('over several tensors, and by other orders', () => {
    const ps = [withGrad([1e30]), withGrad([1e200], 'float64'), withGrad([1e200, 0], 'float64')]
    relative(getTotalNorm(ps.map((p) => p.grad)).item(), Math.SQRT2 * 1e200)
    relative(getTotalNorm([withGrad([1e20, 1e20, 1e20]).grad], { normType: 3 }).item(), 3 ** (1 / 3) * 1e20)
    relative(
      getTotalNorm([withGrad([1e200, 1e200], 'float64').grad], { normType: 3 }).item(),
      2 ** (1 / 3) * 1e200,
    )
  })
})

test('an infinite entry and a NaN still make the norm infinite and NaN', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    expect(getTotalNorm([withGrad([1, Infinity], dtype).grad]).item()).toBe(Infinity)
    expect(getTotalNorm([withGrad([1, NaN], dtype).grad]).item()).toBeNaN()
    expect(getTotalNorm([withGrad([0, 0], dtype).grad]).item()).toBe(0)
    expect(() => clipGradNorm_([withGrad([NaN], dtype)], 1, { errorIfNonfinite: true })).toThrow(
      'is non-finite',
    )
  }
})

test('clip functions refuse options that they do not know, and arguments of another kind', () => {
  const p = withGrad([3, 4])
  expect(() => clipGradNorm_([p], { maxNorm: 1 } as never)).toThrow('clipGradNorm_: maxNorm must be a number')
  expect(() => clipGradNorm_([p], 1, 1 as never)).toThrow(
    'clipGradNorm_ takes options as one object: { normType: 1 }',
  )
  expect(() => clipGradNorm_([p], 1, { norm_type: 1 } as never)).toThrow('did you mean normType?')
  expect(() => clipGradNorm_([p], -1)).toThrow('maxNorm must be a number of at least 0, got -1')
  expect(() => clipGradNorm_([p], NaN)).toThrow('maxNorm')
  expect(() => clipGradNorm_({ parameters: () => [p] } as never, 1)).toThrow(
    'clipGradNorm_ takes a tensor, or an iterable',
  )
  expect(() => clipGradNorm_(['w'] as never, 1)).toThrow("got 'w'")
  expect(() => clipGradValue_([p], undefined as never)).toThrow('clipGradValue_: clipValue must be')
  expect(() => clipGradsWithNorm_([p], 1, 5 as never)).toThrow('totalNorm must be a floating tensor')
  expect(p.grad?.tolist()).toEqual([3, 4])
  expect(clipGradNorm_([p], Infinity, { normType: undefined }).item()).toBe(5)
  expect(p.grad?.tolist()).toEqual([3, 4])
})
