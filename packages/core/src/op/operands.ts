import type { Binding, View } from '../backend/types.ts'
import { dtypeOfScalar } from '../base/dtype.ts'
import { TensorError } from '../base/errors.ts'
import { Layout, layoutLike, sameShape } from '../base/layout.ts'
import { broadcastShapes } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A tensor, or a plain number that takes part as PyTorch's Python scalars do. */
export type Operand = Tensor | number | boolean

/** The part of an operand that promotion reads. */
export const operandOf = (x: Operand) =>
  typeof x === 'object'
    ? { dtype: x.dtype, priority: x.layout.shape.length > 0 ? (2 as const) : (1 as const) }
    : { dtype: dtypeOfScalar(x), priority: 0 as const }

/** The numbers of a call, as the program's params: operands first, then coefficients. */
export function numbersOf(operands: readonly Operand[], params: readonly number[]): readonly number[] {
  let numbers: number[] | null = null
  for (const x of operands) if (typeof x !== 'object') (numbers ??= []).push(Number(x))
  return numbers === null ? params : params.length === 0 ? numbers : [...numbers, ...params]
}

/** The binding of a map over a shape. */
export const bind = (
  outer: readonly number[],
  operands: readonly View[],
  params: readonly number[],
): Binding => ({
  outer,
  inner: none,
  operands,
  params,
})
const none: readonly number[] = []

/** A tensor's storage under a layout broadcast to that of the result. */
export const viewAs = (x: Tensor, to: Layout): View => ({
  storage: x.storage,
  dtype: x.dtype,
  layout: x.layout.expand(to.shape),
})

/** The shape that the operands broadcast to. */
export function resultShape(operands: readonly Operand[]): readonly number[] {
  let shape: readonly number[] | null = null
  for (const x of operands)
    if (typeof x === 'object') shape = shape === null ? x.shape : broadcastShapes(shape, x.shape)
  return shape ?? []
}

/** The layout of a result: the first operand that has its shape gives it its memory order. */
export function resultLayout(operands: readonly Operand[]): Layout {
  const shape = resultShape(operands)
  for (const x of operands)
    if (typeof x === 'object' && sameShape(x.shape, shape)) return layoutLike(x.layout)
  return Layout.of(shape)
}

/** @throws TensorError if two elements of the target share memory */
export function refuseOverlap(target: Tensor): void {
  if (target.layout.overlaps) {
    throw new TensorError(
      'unsupported operation: more than one element of the written-to tensor refers to a single memory location. ' +
        'Please clone() the tensor before performing the operation.',
    )
  }
}

/** An operand that a write to `target` cannot disturb: itself, or a copy where the two share memory in another order. */
export function readable(x: Tensor, target: Tensor): Tensor {
  if (
    x.storage !== target.storage ||
    (x.layout.liesAs(target.layout) && x.layout.offset === target.layout.offset)
  )
    return x
  const a = x.layout.span()
  const b = target.layout.span()
  return !a || !b || a.to < b.from || b.to < a.from ? x : x.detach().clone()
}
