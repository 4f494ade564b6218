import { requireGrad } from '@gradus/autograd'
import { ones, setBackend, tensor, Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { Module, Parameter, Sequential } from '../src/index.ts'

setBackend(referenceBackend())

class Scale extends Module {
  weight = new Parameter(tensor([3]))
  forward(x: Tensor): Tensor {
    return x.mul(this.weight)
  }
}

test('hooks of a module run in the order of PyTorch', () => {
  const order: string[] = []
  const model = new Sequential(new Scale())
  const note = (what: string) => () => void order.push(what)
  model.registerForwardPreHook(note('forward pre'))
  model.registerForwardHook(note('forward'))
  model.registerFullBackwardPreHook(note('backward pre'))
  model.registerFullBackwardHook(note('backward'))
  model[0].registerForwardHook(note('inner forward'))
  model(requireGrad(ones(1)))
    .sum()
    .backward()
  expect(order).toEqual(['forward pre', 'inner forward', 'forward', 'backward pre', 'backward'])
})

test('a prepended hook runs first and a removed one no more', () => {
  const order: number[] = []
  const scale = new Scale()
  const handle = scale.registerForwardHook(() => void order.push(1))
  scale.registerForwardHook(() => void order.push(0), { prepend: true })
  scale(ones(1))
  handle.remove()
  scale(ones(1))
  expect(order).toEqual([0, 1, 0])
})

test('forward hooks may replace arguments and output', () => {
  const scale = new Scale()
  scale.registerForwardPreHook((_, [x]) => (x instanceof Tensor ? x.add(1) : undefined))
  scale.registerForwardHook((_, _args, out) => (out instanceof Tensor ? out.neg() : undefined))
  expect(scale(ones(1)).tolist()).toEqual([-6])
})

test('a forward hook with alwaysCall runs when forward throws', () => {
  class Failing extends Module {
    forward(): never {
      throw new Error('no')
    }
  }
  const failing = new Failing()
  let called = 0
  failing.registerForwardHook(() => void called++, { alwaysCall: true })
  failing.registerForwardHook(() => void called++)
  expect(() => failing()).toThrow('no')
  expect(called).toBe(1)
})

test('backward hooks see the gradients of inputs and outputs by position', () => {
  class Both extends Module {
    forward(x: Tensor, factor: number, y: Tensor): Tensor {
      return x.mul(factor).mul(y)
    }
  }
  const both = new Both()
  let seen: unknown
  both.registerFullBackwardHook((_, gradInput, gradOutput) => {
    seen = [gradInput.map((g) => g && g.tolist()), gradOutput.map((g) => g && g.tolist())]
  })
  both(requireGrad(tensor([2])), 5, tensor([7])).backward(tensor([1]))
  expect(seen).toEqual([[[35], null, null], [[1]]])
})

test('backward hooks may replace gradients on either side', () => {
  const scale = new Scale()
  scale.registerFullBackwardPreHook((_, [g]) => [g && g.mul(10)])
  scale.registerFullBackwardHook((_, [g]) => [g && g.add(1)])
  const x = requireGrad(tensor([1]))
  scale(x).backward(tensor([1]))
  expect(scale.weight.grad?.tolist()).toEqual([10])
  expect(x.grad?.tolist()).toEqual([31])
})

test('a backward hook of a module whose input needs no gradient gets null for it', () => {
  const scale = new Scale()
  let seen: unknown = 'nothing'
  scale.registerFullBackwardHook((_, gradInput) => void (seen = gradInput))
  scale(ones(1)).backward(tensor([1]))
  expect(seen).toEqual([null])
})
