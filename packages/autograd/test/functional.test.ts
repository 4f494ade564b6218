import { setBackend, setTape, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { Function, functional, grad, tape } from '../src/index.ts'

setBackend(referenceBackend())
setTape(tape)

const { jacobian, hessian, vjp, jvp, vhp, hvp } = functional
const x = tensor([1, 2])
const y = tensor([3])
const ones = tensor([1, 1])
const lists = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(lists) : (value as { tolist(): unknown }).tolist()
const cube = (v: Tensor): Tensor => v.pow(3).sum()

// the values and messages are those of torch.autograd.functional
describe('jacobian', () => {
  test('nests as inputs and outputs do', () => {
    expect(jacobian((v) => v.mul(v), x).tolist()).toEqual([
      [2, 0],
      [0, 4],
    ])
    expect(lists(jacobian((v) => v.mul(v), [x]))).toEqual([
      [
        [2, 0],
        [0, 4],
      ],
    ])
    expect(lists(jacobian((a: Tensor, b: Tensor) => [a.mul(b), b.sum()], [x, y]))).toEqual([
      [
        [
          [3, 0],
          [0, 3],
        ],
        [[1], [2]],
      ],
      [[0, 0], [1]],
    ])
  })

  test('leaves its inputs and their gradients alone, and is no part of a graph unless asked', () => {
    const w = tensor([1, 2], { requiresGrad: true })
    expect(jacobian((v) => v.mul(w), w).requiresGrad).toBe(false)
    expect(w.grad).toBe(null)
    jacobian((v) => v.pow(3), w, { createGraph: true })
      .sum()
      .backward()
    expect(w.grad?.tolist()).toEqual([6, 12])
  })

  test('gives zeros for what is independent, and refuses it with strict', () => {
    expect(jacobian(() => ones, x).tolist()).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(() => jacobian(() => ones, x, { strict: true })).toThrow(
      'Output 0 of the user-provided function does not require gradients.',
    )
    expect(() => jacobian((a: Tensor, _b: Tensor) => a.mul(1), [x, y], { strict: true })).toThrow(
      'Output 0 of the user-provided function is independent of input 1.',
    )
    expect(() => jacobian((v) => v.mul(2), x, { strict: true, createGraph: true })).toThrow(
      'The jacobian of the user-provided function is independent of input 0. This is not allowed in strict mode when createGraph: true.',
    )
    expect(() => jacobian((v) => v, x, { strict: true, vectorize: true })).toThrow('not supported together')
  })

  test('refuses what is no tensor', () => {
    // @ts-expect-error a number
    expect(() => jacobian((v) => v, 3)).toThrow('The inputs given to jacobian must be either a Tensor or')
    // @ts-expect-error a number
    expect(() => jacobian(() => 3, x)).toThrow('The outputs of the user-provided function given to jacobian')
  })
})

describe('hessian', () => {
  test('has a block per pair of inputs', () => {
    expect(hessian(cube, x).tolist()).toEqual([
      [6, 0],
      [0, 12],
    ])
    expect(lists(hessian((a: Tensor, b: Tensor) => a.mul(a).mul(b).sum(), [x, y]))).toEqual([
      [
        [
          [6, 0],
          [0, 6],
        ],
        [[2], [4]],
      ],
      [[[2, 4]], [[0]]],
    ])
    expect(hessian((v) => v.sum(), x).tolist()).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('refuses more than one element, and a linear function with strict', () => {
    expect(() => hessian((v) => v, x)).toThrow('should contain a single element')
    expect(() => hessian((v) => v.sum(), x, { strict: true })).toThrow('While computing the hessian')
  })
})

describe('products', () => {
  const v = tensor([1, 10])

  test('of vjp and jvp', () => {
    expect(lists(vjp((a) => a.mul(a), x, v))).toEqual([
      [1, 4],
      [2, 40],
    ])
    expect(lists(vjp((a) => a.sum(), x))).toEqual([3, [1, 1]])
    expect(lists(jvp((a) => a.mul(a), x, v))).toEqual([
      [1, 4],
      [2, 40],
    ])
    expect(lists(jvp((a: Tensor, b: Tensor) => [a.mul(b), b], [x, y], [v, y]))).toEqual([
      [[3, 6], [3]],
      [[6, 36], [3]],
    ])
  })

  test('of vhp and hvp', () => {
    const mixed = (a: Tensor): Tensor => a.select(0, 0).pow(2).mul(a.select(0, 1))
    const dense = hessian(mixed, x)
    expect(dense.tolist()).toEqual([
      [4, 2],
      [2, 0],
    ])
    expect(lists(vhp(mixed, x, v))).toEqual([2, [24, 2]])
    expect(lists(hvp(mixed, x, v))).toEqual([2, [24, 2]])
  })

  test('can be differentiated with createGraph', () => {
    const w = tensor([1, 2], { requiresGrad: true })
    jvp((a) => a.pow(3), w, ones, { createGraph: true })[1]
      .sum()
      .backward()
    expect(w.grad?.tolist()).toEqual([6, 12])
    expect(hvp(cube, w, ones)[1].requiresGrad).toBe(false)
  })

  test('refuse a vector of another shape or none', () => {
    expect(() => vjp((a) => a, x, tensor([1, 1, 1]))).toThrow(
      'v has invalid size: should be [2] but got [3].',
    )
    expect(() => vjp((a) => [a, a], x, ones)).toThrow(
      'v is an array of invalid length: should be 2 but got 1.',
    )
    expect(() => vjp((a) => a, x)).toThrow('The vector v can only be left out if the user-provided function')
    expect(() => jvp((a) => a, x)).toThrow('The vector v can only be left out if the input')
    expect(() => hvp((a) => a.mul(2), x, ones)).toThrow('given to hvp should contain a single element')
    expect(() => vhp((a) => a.sum(), x, ones, { strict: true })).toThrow('While computing the hessian')
    expect(() => hvp((a) => a.sum(), x, ones, { strict: true })).toThrow('While computing the hessian')
  })
})

describe('grad', () => {
  test('runs the rules that lead to what was asked for, and no others', () => {
    const ran: string[] = []
    const counted = (name: string): ((v: Tensor) => Tensor) => {
      class Counted extends Function {
        static forward(_ctx: unknown, v: Tensor): Tensor {
          return v.mul(1)
        }
        static backward(_ctx: unknown, g: Tensor): Tensor {
          ran.push(name)
          return g
        }
      }
      return (v) => Counted.apply(v)
    }
    const a = tensor([2], { requiresGrad: true })
    const b = tensor([3], { requiresGrad: true })
    const middle = counted('a')(a).mul(counted('b')(b))
    const out = counted('out')(middle)
    expect(grad(out, [a], { retainGraph: true })[0].tolist()).toEqual([3])
    expect(ran.splice(0)).toEqual(['out', 'a'])
    expect(grad(out, [middle], { retainGraph: true })[0].tolist()).toEqual([1])
    expect(ran.splice(0)).toEqual(['out'])
    expect(grad(out, [a, b])[1]?.tolist()).toEqual([2])
    expect(ran.sort()).toEqual(['a', 'b', 'out'])
  })
})
