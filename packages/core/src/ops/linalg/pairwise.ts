import { takeTensor } from '../../tensor/kind.ts'
import { kind } from '../../base/kinds.ts'
import { takeArgument } from '../../base/options.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { internals } from '../../op/internals.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { indexSelect } from '../index/index-along.ts'
import { vectorNorm } from './vector-norm.ts'

const order = /* @__PURE__ */ kind<number>(
  'a number of at least 0',
  (x) => typeof x === 'number' && x >= 0,
  () => 'cdist only supports non-negative p values',
)

const cdistOp = /* @__PURE__ */ defineOp({
  name: 'cdist',
  inputs: ['x1', 'x2'],
  attrs: attributes<number>(),
  autocast: 'fp32',
  decompose: ({ x1, x2 }, p) => vectorNorm(x1.unsqueeze(-2).sub(x2.unsqueeze(-3)), p, -1),
})

/**
 * The distance of every row of one batch of points from every row of another: `[..., n, d]` and `[..., m, d]` to
 * `[..., n, m]`. All differences are held at once: n · m · d numbers.
 *
 * @param p - the order of the norm, 2 by default; 0 counts coordinates that differ, Infinity takes the largest difference
 * @throws ShapeError for points of different sizes; ArgumentError for a negative order
 * @see https://pytorch.org/docs/stable/generated/torch.cdist.html
 * @example
 * g.cdist(g.tensor([[0, 0]]), g.tensor([[3, 4], [0, 1]])).tolist() // => [[5, 1]]
 */
export function cdist(x1: Tensor, x2: Tensor, p = 2): Tensor {
  takeTensor('cdist', 'x1', x1)
  takeTensor('cdist', 'x2', x2)
  takeArgument('cdist', 'p', order, p)
  for (const [name, x] of [
    ['X1', x1],
    ['X2', x2],
  ] as const) {
    if (!isFloat(x.dtype)) {
      throw new DTypeError(`cdist only supports floating-point dtypes, ${name} got: ${x.dtype}`)
    }
    if (x.ndim < 2) throw new ShapeError(`cdist only supports at least 2D tensors, ${name} got: ${x.ndim}D`)
  }
  const [a, b] = [x1.size(-1), x2.size(-1)]
  if (a !== b) throw new ShapeError(`X1 and X2 must have the same number of columns. X1: ${a} X2: ${b}`)
  return cdistOp({ x1, x2 }, p)
}

const pdistOp = /* @__PURE__ */ defineOp({
  name: 'pdist',
  inputs: ['x'],
  attrs: attributes<number>(),
  autocast: 'fp32',
  decompose({ x }, p) {
    const n = x.shape[0]
    const first: number[] = []
    const second: number[] = []
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) {
        first.push(i)
        second.push(j)
      }
    const rows = (at: number[]): Tensor =>
      indexSelect(x, 0, internals(x).makeFrom(Int32Array.from(at), [at.length], 'int32'))
    return vectorNorm(rows(first).sub(rows(second)), p, -1)
  },
})

/**
 * The distances of all pairs of rows of a matrix, in the order of the upper triangle: `[n, d]` to `[n (n - 1) / 2]`.
 *
 * @param p - the order of the norm, as for {@link cdist}; 2 by default
 * @throws ShapeError unless a matrix
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pdist.html
 * @example
 * g.pdist(g.tensor([[0], [1], [3]])).tolist() // => [1, 3, 2]
 */
export function pdist(x: Tensor, p = 2): Tensor {
  takeTensor('pdist', 'x', x)
  takeArgument('pdist', 'p', order, p)
  if (x.ndim !== 2) {
    throw new ShapeError(`pdist only supports 2D tensors, got: ${x.ndim}D`)
  }
  if (!isFloat(x.dtype)) throw new DTypeError('pdist only supports floating-point dtypes')
  return pdistOp({ x }, p)
}
