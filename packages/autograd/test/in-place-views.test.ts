import { arange, Generator, ones, randn, tensor, zeros, type Tensor } from '@gradus/core'
import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { noGrad, requireGrad } from '../src/index.ts'

g.setBackend(referenceBackend())

const leaf = (): Tensor => requireGrad(arange(6).to('float32').reshape([2, 3]))
const weights = (...shape: number[]): Tensor => arange(6).to('float32').reshape(shape)

// the gradients are those of PyTorch 2.13 for the same programs

test('a matrix that is transposed in place has the gradient of the transpose', () => {
  const x = leaf()
  const y = x.mul(2)
  expect(y.t_()).toBe(y)
  expect(y.shape).toEqual([3, 2])
  y.mul(weights(3, 2)).sum().backward()
  expect(x.grad?.tolist()).toEqual([[0, 4, 8], [2, 6, 10]]) // prettier-ignore
})

test('a view that is transposed in place keeps the history of its base', () => {
  const x = leaf()
  const y = x.mul(2)
  y.view([3, 2]).transpose_(0, 1).mul(weights(2, 3)).sum().backward()
  expect(x.grad?.tolist()).toEqual([[0, 6, 2], [8, 4, 10]]) // prettier-ignore
})

test('a view taken before its base was transposed in place has the gradient of its elements', () => {
  const x = leaf()
  const y = x.mul(2)
  const row = y.select(0, 0)
  y.t_()
  row
    .mul(tensor([1, 2, 3]))
    .sum()
    .backward()
  expect(x.grad?.tolist()).toEqual([[2, 4, 6], [0, 0, 0]]) // prettier-ignore
})

test('a write behind an axis put in in place reaches the leaf', () => {
  const x = leaf()
  const y = x.mul(2)
  y.unsqueeze_(0)
  y.mul_(3)
  y.pow(2).sum().backward()
  expect(x.grad?.tolist()).toEqual([[0, 72, 144], [216, 288, 360]]) // prettier-ignore
})

test('a value that was saved before its tensor became a view is not read', () => {
  const x = leaf()
  const y = x.mul(2)
  const z = y.exp().add(y.mul(y))
  y.squeeze_()
  y.t_()
  expect(() => z.sum().backward()).toThrow('modified by an inplace operation')
})

test('a leaf that requires a gradient does not become a view, without a tape it does', () => {
  const x = leaf()
  expect(() => x.t_()).toThrow('a leaf Variable that requires grad is being used in an in-place operation')
  expect(x.shape).toEqual([2, 3])
  noGrad(() => x.t_())
  expect(x.shape).toEqual([3, 2])
  expect(() => g.t_(zeros(1, 1, 1))).toThrow('t_() expects a tensor with <= 2 dimensions')
})

test('the other views in place have the shapes of their functions', () => {
  expect(ones(1, 2, 1).squeeze_().shape).toEqual([2])
  expect(ones(1, 2, 1).squeeze_(0).shape).toEqual([2, 1])
  expect(ones(2, 3).swapaxes_(0, 1).shape).toEqual([3, 2])
  expect(arange(4).asStrided_([2, 2], [1, 1]).tolist()).toEqual([[0, 1], [1, 2]]) // prettier-ignore
  const x = zeros(2)
  const source = tensor([1, 2, 3, 4])
  x.set_(source, 1, [3])
  source.fill_(7)
  expect(x.tolist()).toEqual([7, 7, 7])
  expect(() => x.set_(source, 2, [3])).toThrow('out of bounds')
})

test('detach_ makes a leaf of a result, and refuses a view', () => {
  const x = leaf()
  const y = x.mul(2)
  expect(y.detach_().isLeaf && !y.requiresGrad).toBe(true)
  expect(() => x.mul(2).select(0, 0).detach_()).toThrow("Can't detach views in-place")
})

test('fill, fillDiagonal_ and the questions about a tensor answer as in PyTorch', () => {
  const s = requireGrad(tensor(2))
  g.fill(ones(3), s).sum().backward()
  expect(s.grad?.item()).toBe(3)
  const d = zeros(7, 3).fillDiagonal_(5, { wrap: true })
  expect(d.sum(1).tolist()).toEqual([5, 5, 5, 0, 5, 5, 5])
  expect(zeros(2, 2, 2).fillDiagonal_(1).sum().item()).toBe(2)
  expect(() => zeros(2, 3, 2).fillDiagonal_(1)).toThrow('all dimensions of input must be of equal length')
  expect([g.isNonzero(tensor([0])), g.isNonzero(tensor([NaN]))]).toEqual([false, true])
  expect(() => g.isNonzero(ones(2))).toThrow('more than one value is ambiguous')
  expect((['uint8', 'bool', 'int8', 'float16'] as const).map((dtype) => zeros(1, { dtype }).isSigned())).toEqual([false, false, true, true]) // prettier-ignore
  const y = ones(2, 3)
  expect([y.isSetTo(y.view([2, 3])), y.isSetTo(y.t()), y.isSetTo(ones(2, 3))]).toEqual([true, false, false])
  expect(g.resultType(tensor([1], { dtype: 'int32' }), 1.5)).toBe('float32')
  expect(g.resultType(tensor(1), tensor([1], { dtype: 'float16' }))).toBe('float16')
  expect(g.adjoint(ones(4, 2, 3)).shape).toEqual([4, 3, 2])
})

test('convTbc is the convolution of PyTorch in another order of axes', () => {
  const x = randn(5, 2, 3, { generator: new Generator(1) })
  const w = randn(3, 3, 4, { generator: new Generator(2) })
  const y = g.convTbc(x, w, ones(4), 1)
  expect(y.shape).toEqual([5, 2, 4])
  expect(y.sum().item()).toBeCloseTo(48.6748, 3)
})

test('pooling with indices under its own names is pooling with returnIndices', () => {
  const x = randn(1, 2, 6, 6, { generator: new Generator(3) })
  const one = g.maxPool2dWithIndices(x, 2)
  const other = g.maxPool2d(x, 2, { returnIndices: true })
  expect(one.indices.equal(other.indices) && one.values.equal(other.values)).toBe(true)
  expect(g.adaptiveMaxPool2dWithIndices(x, 4).values.shape).toEqual([1, 2, 4, 4])
})
