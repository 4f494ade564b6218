import {
  arange,
  bernoulli,
  manualSeed,
  ones,
  rand,
  setBackend,
  setTape,
  tensor,
  type Tensor,
  zeros,
} from '@gradus/core'
import { withInterceptor } from '@gradus/core/functions'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { grad as gradOf, noGrad, requireGrad, tape } from '../src/index.ts'
import { grad, hessian, jacfwd, jacrev, jvp, vjp, vmap } from '../src/func/index.ts'

setBackend(referenceBackend())
setTape(tape)

const matrix = (rows: number, columns: number): Tensor =>
  arange(rows * columns, { dtype: 'float32' }).reshape(rows, columns)
const square = (x: Tensor): Tensor => x.mul(x)

describe('axes', () => {
  test('of arguments: one for all, one each, null, negative', () => {
    const [x, y] = [matrix(2, 3), matrix(3, 2)]
    const dot = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum()
    expect(vmap(dot)(x, x).tolist()).toEqual([5, 50])
    expect(vmap(dot, { inDims: [0, 1] })(x, y).tolist()).toEqual([10, 40])
    expect(vmap(dot, { inDims: [-2, -1] })(x, y).tolist()).toEqual([10, 40])
    expect(vmap(dot, { inDims: [0, null] })(x, ones(3)).tolist()).toEqual([3, 12])
  })

  test('of nestings: one for a whole argument, or a nesting of axes', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor[] }): Tensor[] => [a.add(b[0]), a.mul(b[1])]
    const given = { a: matrix(2, 3), b: [ones(2, 3), tensor([1, 2, 3])] }
    const [sum, product] = vmap(f, { inDims: [{ a: 0, b: [0, null] }] })(given)
    expect(sum.tolist()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(product.tolist()).toEqual([
      [0, 2, 6],
      [3, 8, 15],
    ])
  })

  test('of results', () => {
    const x = matrix(2, 3)
    expect(vmap(square, { outDims: 1 })(x).tolist()).toEqual(square(x).t().tolist())
    expect(vmap(square, { outDims: -1 })(x).shape).toEqual([3, 2])
    const [a, b] = vmap((r: Tensor) => [r, r.sum()], { outDims: [1, 0] })(x)
    expect([a.shape, b.shape]).toEqual([[3, 2], [2]])
    // what does not depend on the sample is repeated, or stays as it is
    expect(vmap((_: Tensor) => zeros(3))(x).shape).toEqual([2, 3])
    expect(vmap((_: Tensor) => zeros(3), { outDims: null })(x).shape).toEqual([3])
  })

  test('of length 0', () => {
    expect(vmap((r: Tensor) => r.sum())(zeros(0, 3)).shape).toEqual([0])
  })

  test('chunks give the same', () => {
    const x = matrix(5, 3)
    const f = (r: Tensor): Tensor => r.softmax(0)
    for (const chunkSize of [1, 2, 5, 9])
      expect(vmap(f, { chunkSize, outDims: 1 })(x).tolist()).toEqual(vmap(f, { outDims: 1 })(x).tolist())
  })
})

test('a function runs once, and an operation with a rule too', () => {
  const x = matrix(4, 3)
  let runs = 0
  const calls: string[] = []
  const f = (r: Tensor): Tensor => {
    runs++
    return r.mul(2).sum(0).exp()
  }
  withInterceptor(
    (op, inputs, attrs, next) => {
      calls.push(op.name)
      return next(inputs, attrs)
    },
    () => vmap(f)(x),
  )
  expect(runs).toBe(1)
  expect(calls).toEqual(['mul', 'sum', 'exp'])
})

describe('with other transforms, as torch.func', () => {
  const w = tensor([1, 2, 3])
  const x = matrix(2, 3)
  const loss = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum().square()

  test('gradients per sample', () => {
    const each = vmap(grad(loss), { inDims: [null, 0] })(w, x)
    expect(each.tolist()).toEqual([
      [0, 16, 32],
      [156, 208, 260],
    ])
    expect(vmap(grad(grad((a: Tensor) => a.pow(3))))(w).tolist()).toEqual([6, 12, 18])
    expect(
      vmap(hessian((r: Tensor) => r.pow(3).sum()))(x)
        .select(0, 1)
        .tolist(),
    ).toEqual([
      [18, 0, 0],
      [0, 24, 0],
      [0, 0, 30],
    ])
  })

  test('the gradient through vmap', () => {
    const mean = (a: Tensor): Tensor => vmap(loss, { inDims: [null, 0] })(a, x).mean()
    expect(grad(mean)(w).tolist()).toEqual([78, 112, 146])
    const leaf = requireGrad(tensor([1, 2, 3]))
    vmap((r: Tensor) => loss(leaf, r))(x)
      .mean()
      .backward()
    expect(leaf.grad?.tolist()).toEqual([78, 112, 146])
  })

  test('the gradient through gradients per sample', () => {
    // a penalty on the gradient of each sample
    const penalty = (a: Tensor): Tensor =>
      vmap(grad(loss), { inDims: [null, 0] })(a, x)
        .square()
        .sum()
    const loop = (a: Tensor): Tensor =>
      [0, 1]
        .map((b) =>
          grad((v: Tensor) => loss(v, x.select(0, b)))(a)
            .square()
            .sum(),
        )
        .reduce((p, q) => p.add(q))
    expect(grad(penalty)(w).tolist()).toEqual(grad(loop)(w).tolist())
    const leaf = requireGrad(tensor([1, 2, 3]))
    const [outer] = gradOf(penalty(leaf), [leaf])
    expect(outer.tolist()).toEqual(grad(loop)(w).tolist())
  })

  test('vjp, jvp, jacrev and jacfwd inside', () => {
    const pulled = vmap((r: Tensor, g: Tensor) => vjp(square, [r])[1](g))(x, ones(2, 3))
    expect(pulled.tolist()).toEqual(x.mul(2).tolist())
    const along = vmap((r: Tensor) => jvp(square, [r], [ones(3)])[1])(x)
    expect(along.tolist()).toEqual(x.mul(2).tolist())
    const diagonals = [0, 1].map((b) => x.select(0, b).mul(2).diag().tolist())
    expect(vmap(jacrev(square))(x).tolist()).toEqual(diagonals)
    expect(vmap(jacfwd(square))(x).tolist()).toEqual(diagonals)
  })

  test('vmap inside, over any axes', () => {
    const outer = vmap((a: Tensor) => vmap((b: Tensor) => a.mul(b).sum())(x))(x)
    expect(outer.tolist()).toEqual(x.matmul(x.t()).tolist())
    const products = vmap((r: Tensor) => vmap((c: Tensor) => r.add(c), { inDims: 0, outDims: 1 })(w))(x)
    expect(products.shape).toEqual([2, 3, 3])
    const nested = vmap(vmap(grad((a: Tensor) => a.pow(3))))(x)
    expect(nested.tolist()).toEqual(x.square().mul(3).tolist())
  })

  test('operations in place, and views', () => {
    const f = (r: Tensor): Tensor => {
      const y = r.clone()
      y.mul_(10)
      return y.add_(r).mul(y).sum()
    }
    const one = (b: number): Tensor => grad(f)(x.select(0, b))
    expect(vmap(grad(f))(x).tolist()).toEqual([one(0).tolist(), one(1).tolist()])
    const inView = (r: Tensor): Tensor => {
      const y = r.clone()
      y.select(0, 1).mul_(10)
      return y
    }
    expect(vmap(inView)(x).tolist()).toEqual([
      [0, 10, 2],
      [3, 40, 5],
    ])
  })

  test('noGrad inside', () => {
    const f = (a: Tensor): Tensor => noGrad(() => a.square()).mul(a)
    expect(vmap(grad(f))(w).tolist()).toEqual([1, 4, 9])
  })
})

describe('randomness', () => {
  const x = zeros(3)
  const draw = (_: Tensor): Tensor => rand(2)

  test('is refused', () => {
    expect(() => vmap(draw)(x)).toThrow('vmap: called random operation while in randomness error mode')
    expect(() => vmap((a: Tensor) => bernoulli(a, 0.5))(x)).toThrow('called random operation')
  })

  test('different: the numbers of one draw of all', () => {
    manualSeed(0)
    const wanted = rand(3, 2).tolist()
    for (const chunkSize of [null, 2]) {
      manualSeed(0)
      expect(vmap(draw, { randomness: 'different', chunkSize })(x).tolist()).toEqual(wanted)
    }
  })

  test('same: the numbers of one draw', () => {
    manualSeed(0)
    const wanted = rand(2).tolist()
    manualSeed(0)
    const got = vmap(draw, { randomness: 'same' })(x).tolist()
    expect(got).toEqual([wanted, wanted, wanted])
    // and draws go on after them
    const next = rand(1).item()
    manualSeed(0)
    rand(2)
    expect(next).toBe(rand(1).item())
  })
})

describe('errors', () => {
  const x = matrix(2, 2)
  const id = (a: Tensor): Tensor => a
  const two = (a: Tensor, _b: Tensor): Tensor => a
  const cases: [string, () => unknown, string][] = [
    [
      'axes of another nesting',
      () => vmap(id, { inDims: [0, 0] })(x),
      'inDims is not compatible with the structure of `inputs`',
    ],
    ['no axis', () => vmap(id, { inDims: null })(x), 'vmap: Expected at least one Tensor to vmap over'],
    ['an axis too far', () => vmap(id, { inDims: 2 })(x), 'expected inDim to satisfy -2 <= inDim < 2.'],
    ['lengths that differ', () => vmap(two)(ones(2), ones(3)), 'got sizes [2, 3] for the mapped dimension'],
    ['no inputs', () => vmap(() => x)(), 'vmap(<anonymous>)(<inputs>): got no inputs.'],
    ['what is no tensor', () => vmap((n: number) => n)(3), 'got 3'.replace('got 3', 'is of type 3')],
    [
      'a result that is no tensor',
      () => vmap(() => 3, {})(...([x] as unknown as [])),
      'must only return Tensors, got 3',
    ],
    ['a result for null', () => vmap(id, { outDims: null })(x), 'when outDim is null'],
    [
      'a place too far',
      () => vmap(id, { outDims: 3 })(x),
      'Dimension out of range (expected to be in range of [-2, 1], but got 3)',
    ],
    [
      'values',
      () => vmap((a: Tensor) => (a.sum().item() > 0 ? a : a.neg()))(x),
      'reading the values of a Tensor',
    ],
    [
      'sizes that depend on values',
      () => vmap((a: Tensor) => a.nonzero())(x),
      'reading the values of a Tensor',
    ],
    [
      'a write of samples into one',
      () => vmap((a: Tensor) => zeros(2).add_(a))(x),
      'vmap: inplace arithmetic(self',
    ],
    [
      'a chunk of none',
      () => vmap(id, { chunkSize: 0 }),
      'vmap: chunkSize should be null or greater than 0. (got 0)',
    ],
  ]
  test.each(cases)('%s', (_, call, text) => {
    expect(call).toThrow(text)
  })
})
