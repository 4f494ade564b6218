import { setBackend, setTape, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { noGrad, tape } from '../src/index.ts'
import * as func from '../src/func/index.ts'

setBackend(referenceBackend())
setTape(tape)

const { grad, gradAndValue, hessian, jacfwd, jacrev, jvp, linearize, vjp } = func
const x = tensor([1, 2])
const y = tensor([3])
const v = tensor([1, 10])
const lists = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(lists)
  if (typeof value === 'object' && value !== null && 'tolist' in value) return (value as Tensor).tolist()
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([k, item]) => [k, lists(item)]))
    : value
}
const square = (a: Tensor): Tensor => a.mul(a)
const diagonal = [
  [2, 0],
  [0, 4],
]

// the values and messages are those of torch.func
describe('grad', () => {
  test('of one argument, of several, and of a nesting', () => {
    expect(grad((a: Tensor) => square(a).sum())(x).tolist()).toEqual([2, 4])
    const product = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum()
    expect(lists(grad(product, { argnums: [0, 1] })(x, y))).toEqual([[3, 3], [3]])
    expect(lists(grad(product, { argnums: -1 })(x, y))).toEqual([3])
    const named = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.mul(b).sum()
    expect(lists(grad(named)({ a: x, b: y }))).toEqual({ a: [3, 3], b: [3] })
    expect(grad((_: Tensor) => tensor(1))(x).tolist()).toEqual([0, 0])
  })

  test('hands on aux and the value', () => {
    const withAux = (a: Tensor): [Tensor, Tensor] => [square(a).sum(), a]
    expect(lists(grad(withAux, { hasAux: true })(x))).toEqual([
      [2, 4],
      [1, 2],
    ])
    expect(lists(gradAndValue((a: Tensor) => square(a).sum())(x))).toEqual([[2, 4], 5])
    expect(lists(gradAndValue(withAux, { hasAux: true })(x))).toEqual([
      [2, 4],
      [5, [1, 2]],
    ])
  })

  test('nests, without confusing what is differentiated by', () => {
    const cube = (a: Tensor): Tensor => a.pow(3)
    expect(grad(grad(cube))(tensor(2)).tolist()).toBe(12)
    expect(grad(grad(grad(cube)))(tensor(2)).tolist()).toBe(6)
    // d/da (a · d/db (a + b)) = 1, where a confusion of the two gives 2
    const outer = (a: Tensor): Tensor => a.mul(grad((b: Tensor) => a.add(b))(tensor(1)))
    expect(grad(outer)(tensor(1)).tolist()).toBe(1)
  })

  test('is part of a graph outside only where there is one', () => {
    const w = tensor([1, 2], { requiresGrad: true })
    const slope = grad((a: Tensor) => a.pow(3).sum())
    expect(slope(x).requiresGrad).toBe(false)
    slope(w).sum().backward()
    expect(w.grad?.tolist()).toEqual([6, 12])
    const closed = grad((a: Tensor) => square(a).mul(w).sum())(x)
    closed.sum().backward()
    expect(w.grad?.tolist()).toEqual([8, 16])
    const apart = noGrad(() => slope(w))
    expect([apart.tolist(), apart.requiresGrad]).toEqual([[3, 12], false])
  })

  test('refuses what it cannot differentiate', () => {
    expect(() => grad((a: Tensor) => a)(x)).toThrow('to return a scalar Tensor, got tensor with 1 dims')
    expect(() => grad((_: Tensor) => 3)(x)).toThrow('Expected tensors, got 3')
    expect(() => grad((a: Tensor) => a.sum(), { argnums: 3 })(x)).toThrow(
      'Got argnum=3, but only 1 positional',
    )
    expect(() => grad((a: Tensor) => a.sum(), { hasAux: true })(x)).toThrow(
      'should be an array: [output, aux]',
    )
    expect(() => grad((a: Tensor) => a.sum())(tensor([1], { dtype: 'int64' }))).toThrow('floating point')
  })
})

describe('products', () => {
  test('of vjp, many times', () => {
    const [output, pullback] = vjp((a: Tensor, b: Tensor) => a.mul(b), [x, y])
    expect(output.tolist()).toEqual([3, 6])
    expect(lists(pullback(tensor([1, 1])))).toEqual([[3, 3], [3]])
    expect(lists(pullback(v))).toEqual([[3, 30], [21]])
    expect(output.requiresGrad).toBe(false)
    expect(() => pullback(tensor([1, 1, 1]))).toThrow('Mismatch in shape')
  })

  test('of jvp and linearize', () => {
    expect(lists(jvp(square, [x], [v]))).toEqual([
      [1, 4],
      [2, 40],
    ])
    const withAux = (a: Tensor): [Tensor, Tensor] => [square(a), a]
    expect(lists(jvp(withAux, [x], [v], { hasAux: true }))).toEqual([
      [1, 4],
      [2, 40],
      [1, 2],
    ])
    const [, along] = linearize(square, [x])
    expect([along(v).tolist(), along(x).tolist()]).toEqual([
      [2, 40],
      [2, 8],
    ])
  })
})

describe.each([
  ['jacrev', jacrev],
  ['jacfwd', jacfwd],
] as const)('%s', (_, jac) => {
  test('nests as outputs and arguments do', () => {
    expect(lists(jac(square)(x))).toEqual(diagonal)
    const both = (a: Tensor, b: Tensor): Tensor[] => [a.mul(b), b]
    expect(lists(jac(both, { argnums: [0, 1] })(x, y))).toEqual([
      [
        [
          [3, 0],
          [0, 3],
        ],
        [[1], [2]],
      ],
      [[[0, 0]], [[1]]],
    ])
    expect(lists(jac(({ a }: { a: Tensor }) => square(a))({ a: x }))).toEqual({ a: diagonal })
    expect(lists(jac((a: Tensor) => [square(a), a], { hasAux: true })(x))).toEqual([diagonal, [1, 2]])
  })

  test('has the axes of the output before those of the argument', () => {
    const wide = jac((a: Tensor) => a.unsqueeze(1).mul(tensor([1, 2, 3])))(x)
    expect(wide.shape).toEqual([2, 3, 2])
    expect(wide.select(2, 1).tolist()).toEqual([
      [0, 0, 0],
      [1, 2, 3],
    ])
  })
})

test('hessian has a block per pair of arguments', () => {
  expect(lists(hessian((a: Tensor) => a.pow(3).sum())(x))).toEqual([
    [6, 0],
    [0, 12],
  ])
  const mixed = (a: Tensor, b: Tensor): Tensor => square(a).mul(b).sum()
  expect(lists(hessian(mixed, { argnums: [0, 1] })(x, y))).toEqual([
    [
      [
        [6, 0],
        [0, 6],
      ],
      [[2], [4]],
    ],
    [[[2, 4]], [[0]]],
  ])
})
