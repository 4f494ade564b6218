import { grad, requireGrad } from '@gradus/autograd'
import * as core from '@gradus/core'
import { setBackend, tensor, type Operand, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'

setBackend(referenceBackend())

const double = (values: readonly number[]): Tensor => tensor([...values], { dtype: 'float64' })

/** Gradients of the sum of `fn` at vectors, as lists. */
function gradients(fn: (...x: Tensor[]) => Tensor, ...at: readonly (readonly number[])[]): unknown[] {
  const leaves = at.map((values) => requireGrad(double(values)))
  return grad(fn(...leaves).sum(), leaves).map((g) => g.tolist())
}

// answers of PyTorch 2.13
describe('derivatives at the points where a function has none', () => {
  const unary: [string, (x: Tensor) => Tensor, number[], number[]][] = [
    ['relu', core.relu, [NaN, 0, 1], [1, 0, 1]],
    ['abs', core.abs, [0, -2], [0, -1]],
    ['sign', core.sign, [2, 0], [0, 0]],
    ['hardtanh excludes its bounds', (x) => core.hardtanh(x), [-1, 0, 1], [0, 1, 0]],
    ['relu6 excludes its bounds', core.relu6, [0, 3, 6], [0, 1, 0]],
    ['clamp includes its bounds', (x) => core.clamp(x, 0, 1), [0, 1, 2, NaN], [1, 1, 0, 0]],
    ['hardswish', core.hardswish, [-3, 3, 0], [0, 1, 0.5]],
    ['hardsigmoid', core.hardsigmoid, [-3, 3], [0, 0]],
    ['leakyRelu', (x) => core.leakyRelu(x), [0], [0.01]],
    ['elu with alpha 2', (x) => core.elu(x, { alpha: 2 }), [0], [2]],
    ['selu far above 0', core.selu, [0, 1000], [1.7580993408473766, 1.0507009873554805]],
    ['softshrink', (x) => core.softshrink(x), [-0.5, 0.5, NaN], [0, 0, 1]],
    ['hardshrink', (x) => core.hardshrink(x), [-0.5, 0.5, NaN, 0.6], [0, 0, 1, 1]],
    ['threshold', (x) => core.threshold(x, 1, 2), [1, 2, NaN], [0, 1, 1]],
    ['softsign', core.softsign, [0], [1]],
    ['sinc', core.sinc, [0], [0]],
    ['sqrt', core.sqrt, [0], [Infinity]],
    ['nanToNum', (x) => core.nanToNum(x), [NaN, Infinity, 1], [0, 0, 1]],
    ['logit', (x) => core.logit(x), [0, 1, -0.5, 0.5], [Infinity, Infinity, NaN, 4]],
    ['silu where the exponential overflows', core.silu, [1000, -1000], [1, 0]],
    ['mish where the exponential overflows', core.mish, [1000], [1]],
    ['softplus where the exponential overflows', (x) => core.softplus(x, { beta: 2 }), [500], [1]],
    ['sigmoid where the exponential overflows', core.sigmoid, [-1000, 1000], [0, 0]],
  ]
  for (const [name, fn, at, expected] of unary) {
    test(name, () => {
      expect(gradients(fn, at)).toEqual([expected])
    })
  }

  const binary: [string, (x: Tensor, y: Tensor) => Tensor, number[], number[], number[], number[]][] = [
    ['maximum shares among equals', core.maximum, [2, 1], [2, 3], [0.5, 0], [0.5, 1]],
    ['minimum shares among equals', core.minimum, [2, 1], [2, 3], [0.5, 1], [0.5, 0]],
    ['fmax gives the first of equals', core.fmax, [1, NaN, 1], [1, 1, NaN], [1, 0, 1], [0, 1, 0]],
    ['fmin gives the first of two NaN', core.fmin, [NaN], [NaN], [1], [0]],
    ['pow', core.pow, [0, 0, 2, -1], [0, 2, 0, 2], [0, 0, 0, -2], [0, 0, Math.LN2, NaN]],
    ['atan2 at the origin', core.atan2, [0], [0], [0], [0]],
    ['hypot at the origin', core.hypot, [0], [0], [NaN], [NaN]],
    ['xlogy', core.xlogy, [0, 0, 0], [0, -1, 2], [0, 0, Math.LN2], [NaN, -0, 0]],
    ['copysign', core.copysign, [0, 1, -1], [1, -1, -0], [0, -1, 1], [0, 0, 0]],
    ['logaddexp of infinities', core.logaddexp, [-Infinity, 1], [-Infinity, 1], [NaN, 0.5], [NaN, 0.5]],
    ['remainder', core.remainder, [5, 1], [3, 0], [1, 1], [-1, -Infinity]],
  ]
  for (const [name, fn, x, y, dx, dy] of binary) {
    test(name, () => {
      expect(gradients(fn, x, y)).toEqual([dx, dy])
    })
  }

  test('where passes 0 to the other branch, which a square root at 0 makes NaN', () => {
    const fn = (x: Tensor) => core.where(x.gt(0), x.sqrt(), 0)
    expect(gradients(fn, [0, 4])).toEqual([[NaN, 0.25]])
  })

  test('clamp gives the gradient to the bound that decides', () => {
    const fn = (x: Tensor, min: Tensor, max: Tensor) => core.clamp(x, min, max)
    expect(gradients(fn, [0, 1, 2, 3], [1, 1, 1, 4], [2, 2, 2, 3])).toEqual([
      [0, 1, 1, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 1],
    ])
  })
})

describe('dtypes', () => {
  const ints = tensor([1, -2], { dtype: 'int64' })
  const cases: [string, (x: Tensor, y: Operand) => Tensor, Operand, core.DType][] = [
    ['a float function of integers is float32', (x) => core.exp(x), 0, 'float32'],
    ['floor keeps integers', (x) => core.floor(x), 0, 'int64'],
    ['clamp of integers by a fraction is float32', (x, y) => core.clamp(x, y), 0.5, 'float32'],
    ['an integer power of integers is an integer', core.pow, 2, 'int64'],
    ['a square of bool counts', (x) => core.square(x.to('bool')), 0, 'int64'],
    ['a comparison is bool', core.lt, 0, 'bool'],
    ['maskedFill keeps the dtype of what it fills', (x, y) => core.maskedFill(x, x.gt(0), y), 2.5, 'int64'],
    ['floatPower is float64', core.floatPower, 2, 'float64'],
    ['xlogy of integers is float32', core.xlogy, 1, 'float32'],
  ]
  for (const [name, fn, y, dtype] of cases) {
    test(name, () => {
      expect(fn(ints, y).dtype).toBe(dtype)
    })
  }

  test('maskedFill cuts a fraction towards zero in an integer tensor', () => {
    const x = tensor([9007199254740993n, 1n])
    expect(core.maskedFill(x, tensor([false, true]), 2.5).readSync()).toEqual(
      BigInt64Array.of(9007199254740993n, 2n),
    )
  })

  test('a shift by the width of the type or more leaves nothing', () => {
    const x = tensor([1, -5], { dtype: 'int8' })
    expect(core.bitwiseLeftShift(x, 10).tolist()).toEqual([0, 0])
    expect(core.bitwiseRightShift(x, 10).tolist()).toEqual([0, -1])
  })
})

describe('in place', () => {
  test('a comparison is written in the dtype of its target', () => {
    const x = tensor([0.5, 2])
    expect(x.gt_(1).tolist()).toEqual([0, 1])
    expect(x.dtype).toBe('float32')
  })

  test('a float result does not fit an integer target', () => {
    const x = tensor([1], { dtype: 'int32' })
    expect(() => x.sqrt_()).toThrow("result type float32 can't be cast to the desired output type int32")
    expect(x.tolist()).toEqual([1])
  })

  test('a write through a transposed view lands in its base', () => {
    const x = tensor([
      [1, 4],
      [9, 16],
    ])
    x.t().sqrt_()
    expect(x.tolist()).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('the gradient of a function that reads its input survives the write', () => {
    const x = requireGrad(double([0.5]))
    const y = x.clone().sin_()
    expect(grad(y.sum(), x)[0].item()).toBeCloseTo(Math.cos(0.5), 12)
  })
})

describe('corners', () => {
  test('an empty tensor stays empty', () => {
    expect(core.exp(core.zeros(0, 3)).shape).toEqual([0, 3])
  })

  test('a scalar stays a scalar', () => {
    expect(core.gelu(tensor(0)).tolist()).toBe(0)
  })

  test('an expanded operand has one gradient for its one element', () => {
    const x = requireGrad(double([2]))
    expect(grad(core.square(x.expand(3)).sum(), x)[0].tolist()).toEqual([12])
  })

  test('NaN passes through maximum and clamp, and not through fmax', () => {
    const x = tensor([NaN])
    expect([core.maximum(x, 1), core.clamp(x, 0, 1), core.fmax(x, 1)].map((y) => y.tolist())).toEqual([
      [NaN],
      [NaN],
      [1],
    ])
  })

  test('allclose of NaN asks for equalNan', () => {
    const x = tensor([NaN])
    expect([core.allclose(x, x), core.allclose(x, x, { equalNan: true })]).toEqual([false, true])
  })

  test('infinities are close to themselves alone', () => {
    const x = tensor([Infinity, Infinity, 1])
    expect(core.isclose(x, tensor([Infinity, -Infinity, Infinity])).tolist()).toEqual([true, false, false])
  })
})
