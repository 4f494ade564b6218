import { takeTensor } from '../../tensor/kind.ts'
import { diagonal } from '../view/view.ts'
import { takeArgument } from '../../base/options.ts'
import { whole } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { numOf, type DType } from '../../base/dtype.ts'
import { ShapeError } from '../../base/errors.ts'
import { attributes, plain } from '../../op/declaration.ts'
import { convert, index, input, param } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { diagonalLayout, place } from '../../op/place.ts'
import { memo } from '../../op/row-program.ts'

const triangleProgram = /* @__PURE__ */ memo((dtype: DType, rank: number, lower: boolean) => {
  const num = numOf(dtype)
  const x = input(0, num)
  const row = index({ of: 'outer', axis: rank - 2 })
  const column = index({ of: 'outer', axis: rank - 1 })
  const above = f.sub(column, row)
  const kept = lower ? f.le(above, param(0, 'i32')) : f.ge(above, param(0, 'i32'))
  const zero = convert(f.literal(0, 'i32'), num)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    params: ['i32'],
    outputs: [{ dtype, value: f.where(kept, x, zero), over: 'all' }],
  })
})

interface Triangle {
  offset: number
  lower: boolean
}
const triangleOp = /* @__PURE__ */ defineOp({
  name: 'triangle',
  inputs: ['x'],
  attrs: attributes<Triangle>(),
  infer({ x }, { lower }) {
    if (x.shape.length < 2) {
      throw new ShapeError(`${lower ? 'tril' : 'triu'}: input tensor must have at least 2 dimensions`)
    }
    return { shape: x.shape, dtype: x.dtype }
  },
  kernel: (on, { x }, { out }, { offset, lower }) =>
    on.run(triangleProgram(x.dtype, x.layout.rank, lower), [
      { outer: x.layout.shape, inner: [], operands: [x, out], params: [offset] },
    ]),
  vjp: { x: plain((g, { offset, lower }: Triangle) => (lower ? tril(g, offset) : triu(g, offset))) },
})

/**
 * The lower triangle of a matrix or batch of them, zeros elsewhere.
 *
 * @param offset - the last diagonal kept: 0 the main one, above it positive
 * @see https://pytorch.org/docs/stable/generated/torch.tril.html
 * @example
 * g.tril(g.ones(2, 2)).tolist() // => [[1, 0], [1, 1]]
 */
export const tril = (x: Tensor, offset = 0): Tensor => {
  takeArgument('tril', 'offset', whole, offset)
  return triangleOp({ x }, { offset, lower: true })
}

/** The upper triangle of a matrix or batch of them, zeros elsewhere; `offset` is the first diagonal kept. */
export const triu = (x: Tensor, offset = 0): Tensor => {
  takeArgument('triu', 'offset', whole, offset)
  return triangleOp({ x }, { offset, lower: false })
}

/**
 * Matrices with the last axis of `x` on a diagonal and zeros elsewhere.
 *
 * @param axis1 - where the rows go; -2 by default
 * @param axis2 - where the columns go; -1 by default
 * @see https://pytorch.org/docs/stable/generated/torch.diag_embed.html
 */
export function diagEmbed(x: Tensor, offset = 0, axis1 = -2, axis2 = -1): Tensor {
  takeTensor('diagEmbed', 'x', x)

  takeArgument('diagEmbed', 'offset', whole, offset)
  const rank = x.ndim + 1
  const [a, b] = [normalizeAxis(axis1, rank), normalizeAxis(axis2, rank)]
  if (a === b) throw new ShapeError(`diagonal dimensions cannot be identical ${axis1}, ${axis2}`)
  const side = x.shape.at(-1)! + Math.abs(offset)
  const rest = x.shape.slice(0, -1)
  const shape = Array.from({ length: rank }, (_, i) => (i === a || i === b ? side : rest.shift()!))
  return ontoDiagonal(x, shape, offset, a, b)
}

const ontoDiagonal = (
  x: Tensor,
  shape: readonly number[],
  offset: number,
  axis1: number,
  axis2: number,
): Tensor =>
  place(x, {
    shape,
    layout: (l) => diagonalLayout(l, { offset, axis1, axis2 }),
    view: (base) => diagonal(base, offset, axis1, axis2),
  })

/**
 * Of a vector the square matrix with it on a diagonal; of a matrix that diagonal, copied.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.diag.html
 */
export function diag(x: Tensor, offset = 0): Tensor {
  takeTensor('diag', 'x', x)

  takeArgument('diag', 'offset', whole, offset)
  if (x.ndim === 1) return diagEmbed(x, offset)
  if (x.ndim === 2) return diagonal(x, offset).clone()
  throw new ShapeError(`diag(): Supports 1D or 2D tensors. Got ${x.ndim}D`)
}

/** Of a vector (or flattened tensor) the square matrix with it on a diagonal. */
export const diagflat = (x: Tensor, offset = 0): Tensor => {
  takeTensor('diagflat', 'x', x)

  takeArgument('diagflat', 'offset', whole, offset)
  return diagEmbed(x.reshape([x.numel()]), offset)
}

/** Sum of the main diagonal of a matrix. */
export function trace(x: Tensor): Tensor {
  takeTensor('trace', 'x', x)

  if (x.ndim !== 2) throw new ShapeError('trace: expected a matrix')
  return diagonal(x).sum()
}
