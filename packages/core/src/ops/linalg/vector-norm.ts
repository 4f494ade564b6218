import { describeValue } from '../../base/describe.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { number } from '../../base/kinds.ts'
import type { Axes } from '../../base/shape.ts'
import { takeOptions, takeArgument } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat, numOf, type DType } from '../../base/dtype.ts'
import { DTypeError, IndexError, ValueError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { definePointwise } from '../../op/pointwise.ts'
import { convert, input, param, reduced, type Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program, type Combine } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { filledAs } from '../../op/fill.ts'
import { memo, outer, rowBinding, rows } from '../../op/row-program.ts'
import {
  reducedShape,
  reduceOf,
  unreduce,
  type AccumulateOptions,
  type Reduce,
  accumulateOptions,
} from '../reduce/reduce.ts'
import { abs, sign } from '../elementwise/unary.ts'
import { tied } from '../reduce/extremes.ts'

/** The orders of a norm that have a formula of their own, and all others. */
export type NormOrder = 'zero' | 'one' | 'two' | 'highest' | 'lowest' | 'general'

/** The order of the `p`-norm. */
export function normOrder(p: number): NormOrder {
  if (p === 0) return 'zero'
  if (p === 1) return 'one'
  if (p === 2) return 'two'
  if (p === Infinity) return 'highest'
  return p === -Infinity ? 'lowest' : 'general'
}

/** A norm as a fold: the value of each element, how values are combined, and the norm of the result. */
export interface NormFold {
  readonly combine: Combine
  value(x: Expr): Expr
  norm(folded: Expr): Expr
}

/**
 * The fold of an order.
 *
 * @param p - the exponent of the general order
 * @param inverse - 1 / p
 */
export function normFold(order: NormOrder, p: Expr, inverse: Expr): NormFold {
  const norm = (folded: Expr): Expr => folded
  switch (order) {
    case 'zero':
      return { combine: 'sum', value: (x) => convert(f.ne(x, 0), x.type), norm }
    case 'one':
      return { combine: 'sum', value: f.abs, norm }
    case 'two':
      return { combine: 'sum', value: f.square, norm: f.sqrt }
    case 'highest':
      return { combine: 'max', value: f.abs, norm }
    case 'lowest':
      return { combine: 'min', value: f.abs, norm }
    case 'general':
      return { combine: 'sum', value: (x) => f.pow(f.abs(x), p), norm: (sum) => f.pow(sum, inverse) }
  }
}

const normProgram = /* @__PURE__ */ memo((from: DType, to: DType, order: string) => {
  const num = numOf(to)
  // an order, passed as the word that keys the cache
  const { combine, value, norm } = normFold(order as NormOrder, param(0, num), param(1, num))
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    params: [num, num],
    reductions: [{ combine, value: value(convert(input(0, numOf(from)), num)) }],
    outputs: [{ dtype: to, value: norm(reduced(0, num)), over: 'outer' }],
  })
})

interface Norm extends Reduce {
  p: number
  dtype?: DType
}
const normOp = /* @__PURE__ */ defineOp({
  name: 'norm',
  inputs: ['x'],
  attrs: attributes<Norm>(),
  autocast: 'fp32-dtype',
  infer({ x }, attrs) {
    const dtype = attrs.dtype ?? x.dtype
    if (!isFloat(x.dtype) || !isFloat(dtype)) {
      throw new DTypeError(
        `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${x.dtype}`,
      )
    }
    if ((attrs.p === Infinity || attrs.p < 0) && attrs.axes.some((a) => x.shape[a] === 0)) {
      throw new IndexError(
        `linalg.vector_norm cannot compute the ${attrs.p === Infinity ? 'infinity' : attrs.p} norm on an empty tensor because the operation does not have an identity`,
      )
    }
    return { shape: reducedShape(x.shape, attrs), dtype }
  },
  kernel: (on, { x }, { out }, { axes, keepdim, p }) =>
    on.run(normProgram(x.dtype, out.dtype, normOrder(p)), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)], [p, 1 / p]),
    ]),
  vjp: {
    x: saving(['x', 'out'], (g, { x, out }, attrs: Norm) =>
      normBackward(unreduce(g, x.shape, attrs), x.to(out.dtype), unreduce(out, x.shape, attrs), attrs),
    ),
  },
})

// 0 where the norm is 0, as PyTorch: derivatives of these formulas keep the condition
const unit = /* @__PURE__ */ definePointwise(
  'normBackward',
  { result: 'promote', inputs: ['g', 'x', 'norm'] },
  (g, x, n) => f.where(f.eq(n, 0), 0, f.mul(g, f.div(x, n))),
)
const powered = /* @__PURE__ */ definePointwise(
  'normBackward',
  { result: 'promote', inputs: ['g', 'x', 'norm'], params: 1 },
  (g, x, n, p) =>
    f.where(
      f.or(f.eq(n, 0), f.eq(x, 0)),
      0,
      f.mul(f.mul(f.sign(x), f.pow(f.abs(x), f.sub(p, 1))), f.div(g, f.pow(n, f.sub(p, 1)))),
    ),
)

function normBackward(g: Tensor, x: Tensor, norm: Tensor, { p, axes }: Norm): Tensor {
  switch (normOrder(p)) {
    case 'zero':
      return filledAs(g, x.shape, 0)
    case 'one':
      return g.mul(sign(x))
    case 'two':
      return unit(g, x, norm)
    case 'highest':
    case 'lowest': {
      const mask = tied(abs(x).detach(), norm.detach())
      return g.mul(sign(x)).mul(mask.div(mask.sum(axes, { keepdim: true })))
    }
    case 'general':
      return powered.with([p], g, x, norm)
  }
}

/**
 * The p-norm over axes, or all of them: `(Σ|x|ᵖ)^(1/p)`; for p = ∞ and -∞ the largest and smallest |x|, for 0 how many are
 * not zero. The gradient where the norm is 0 is 0.
 *
 * @param p - 2 by default
 * @throws DTypeError for integers; IndexError for p = ±∞ over nothing
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
 * @example
 * g.vectorNorm(g.tensor([3, 4])).item() // => 5
 */
export const vectorNorm = (x: Tensor, p = 2, axes?: Axes, options?: AccumulateOptions): Tensor => {
  takeTensor('vectorNorm', 'x', x)

  takeArgument('vectorNorm', 'p', number, p)

  options = takeOptions('vectorNorm', accumulateOptions, options)
  return normOp({ x }, { ...reduceOf(x, axes, options), p, ...(options.dtype && { dtype: options.dtype }) })
}

function ordOf(p: number | 'fro'): number {
  if (p === 'fro') return 2
  if (typeof p !== 'number') throw new ValueError(`norm() takes a number or 'fro', got ${describeValue(p)}`)
  return p
}

/** {@link vectorNorm}, where 'fro' is 2: `torch.norm`. */
export const norm = (
  x: Tensor,
  p: number | 'fro' = 'fro',
  axes?: Axes,
  options?: AccumulateOptions,
): Tensor => {
  takeTensor('norm', 'x', x)
  return vectorNorm(x, ordOf(p), axes, takeOptions('norm', accumulateOptions, options))
}

/** The p-norm of a difference: `torch.dist`. */
export const dist = (x: Tensor, y: Tensor, p = 2): Tensor => {
  takeTensor('dist', 'x', x)
  takeTensor('dist', 'y', y)
  takeArgument('dist', 'p', number, p)
  return vectorNorm(x.sub(y), p)
}
