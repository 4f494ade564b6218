import { autocast, customBwd, customFwd, isAutocastEnabled } from '@gradus/amp'
import { Function, noGrad, requireGrad, type Context } from '@gradus/autograd'
import { ones, setBackend, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'

setBackend(referenceBackend())

test('gradients of float32 parameters are float32, through the casts', () => {
  const w = requireGrad(ones(2, 2))
  const y = autocast({}, () => ones(1, 2).matmul(w))
  expect(y.dtype).toBe('bfloat16')
  y.to('float32').sum().backward()
  expect(w.grad?.dtype).toBe('float32')
  expect(w.grad?.tolist()).toEqual([
    [1, 1],
    [1, 1],
  ])
})

test('a parameter used twice is cast once, and its gradient has both parts', () => {
  const w = requireGrad(ones(1, 1))
  let y: Tensor | undefined
  autocast({}, () => {
    const [a, b] = [w.matmul(w), w.matmul(w)]
    expect(a.gradFn).not.toBeNull()
    y = a.add(b)
  })
  y?.backward(tensor([[1]], { dtype: 'bfloat16' }))
  expect(w.grad?.tolist()).toEqual([[4]])
})

test('a cast made under noGrad still carries gradients afterwards', () => {
  const w = requireGrad(ones(1, 1))
  autocast({}, () => {
    noGrad(() => w.matmul(w))
    expect(w.matmul(ones(1, 1)).requiresGrad).toBe(true)
  })
})

test('a parameter that is written inside of a region is cast again', () => {
  const w = requireGrad(ones(1, 1))
  autocast({}, () => {
    expect(w.matmul(ones(1, 1)).item()).toBe(1)
    noGrad(() => w.fill_(3))
    expect(w.matmul(ones(1, 1)).item()).toBe(3)
  })
})

test('a parameter that is given other memory inside of a region is cast again', () => {
  const w = requireGrad(ones(1, 1))
  autocast({}, () => {
    expect(w.matmul(ones(1, 1)).item()).toBe(1)
    w.data = tensor([[5]])
    expect(w.matmul(ones(1, 1)).item()).toBe(5)
  })
})

/** Notes the dtype that each side gets, and whether operations are cast there. */
function functionWith(seen: unknown[], castInputs?: 'float32'): (x: Tensor) => Tensor {
  class Noted extends Function {
    static forward = customFwd(
      (_ctx: Context, x: Tensor) => {
        seen.push([x.dtype, isAutocastEnabled(), x.matmul(x).dtype])
        return x.mul(2)
      },
      castInputs ? { castInputs } : {},
    )
    static backward = customBwd((_ctx: Context, grad: Tensor) => {
      seen.push([isAutocastEnabled(), ones(1, 1).matmul(ones(1, 1)).dtype])
      return grad.mul(2)
    })
  }
  return (x) => Noted.apply(x)
}

test('a custom function that casts its inputs runs in that dtype, and nothing inside is cast', () => {
  const seen: unknown[] = []
  const x = requireGrad(ones([1, 1], { dtype: 'bfloat16' }))
  const y = autocast({}, () => functionWith(seen, 'float32')(x))
  expect(y.dtype).toBe('float32')
  y.sum().backward()
  expect(seen).toEqual([
    ['float32', false, 'float32'],
    [false, 'float32'],
  ])
  expect([x.grad?.dtype, x.grad?.item()]).toEqual(['bfloat16', 2])
})

test('outside of autocast its inputs stay as they are', () => {
  const seen: unknown[] = []
  functionWith(seen, 'float32')(ones([1, 1], { dtype: 'bfloat16' }))
  expect(seen).toEqual([['bfloat16', false, 'bfloat16']])
})

test('one that does not is cast as any code, and its backward as its forward', () => {
  const seen: unknown[] = []
  const x = requireGrad(ones(1, 1))
  autocast({ dtype: 'float16' }, () => functionWith(seen)(x))
    .sum()
    .backward()
  expect(seen).toEqual([
    ['float32', true, 'float16'],
    [true, 'float16'],
  ])
  expect(isAutocastEnabled()).toBe(false)
})

test('inputs in arrays and objects are cast too, float64 and integers are not', () => {
  const seen: unknown[] = []
  const forward = customFwd(
    (_ctx: object, [a]: Tensor[], { b }: { b: Tensor }, c: Tensor, n: number) =>
      seen.push(a.dtype, b.dtype, c.dtype, n),
    { castInputs: 'float16' },
  )
  autocast({}, () =>
    forward({}, [ones(1)], { b: ones([1], { dtype: 'float64' }) }, tensor([1], { dtype: 'int32' }), 3),
  )
  expect(seen).toEqual(['float16', 'float64', 'int32', 3])
})
