import { autocast } from '@gradus/amp'
import { noGrad, requireGrad } from '@gradus/autograd'
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
