// Written by scripts/methods.mjs from the functions in ops/ that scripts/methods.json names: `pnpm fix methods`.
/* eslint max-lines: off -- generated: one method after the other, as the functions stand in ops/ */
import { add, add_, div, mul, mul_, sub } from '../ops/elementwise/arithmetic.ts'
import { clone, contiguous, copy_, to } from '../ops/elementwise/convert.ts'
import { sum } from '../ops/reduce/reduce.ts'
import { narrow, select, slice, squeeze, t, transpose, unsqueeze } from '../ops/view/view.ts'
import type { DType } from '../base/dtype.ts'
import type { Operand } from '../op/pointwise.ts'
import type { AlphaOptions, DivOptions } from '../ops/elementwise/arithmetic.ts'
import type { AccumulateOptions } from '../ops/reduce/reduce.ts'
import type { SliceOptions } from '../ops/view/view.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { BasicForms } from './basic-forms.ts'
/** Op functions as methods that gradus itself calls. */
export abstract class BasicMethods extends BasicForms {
  /**
   * `x + alpha · y`, broadcast together.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.add.html
   * @example
   * g.tensor([1, 2]).add(g.tensor([10, 20]), { alpha: 2 }).tolist() // => [21, 42]
   */
  add(this: Tensor, y: Operand, options?: AlphaOptions): Tensor {
    return add(this, y, options)
  }

  /** {@link add} written into `x`. */
  add_(this: Tensor, y: Operand, options?: AlphaOptions): Tensor {
    return add_(this, y, options)
  }

  /**
   * `x - alpha · y`, broadcast together.
   *
   * @throws DTypeError for two bool tensors
   * @see https://pytorch.org/docs/stable/generated/torch.sub.html
   */
  sub(this: Tensor, y: Operand, options?: AlphaOptions): Tensor {
    return sub(this, y, options)
  }

  /**
   * `x · y`, elementwise, broadcast together.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.mul.html
   */
  mul(this: Tensor, y: Operand): Tensor {
    return mul(this, y)
  }

  /** {@link mul} written into `x`. */
  mul_(this: Tensor, y: Operand): Tensor {
    return mul_(this, y)
  }

  /**
   * `x / y`, elementwise, broadcast together. Integers divide to floating point unless a rounding mode is given.
   *
   * @throws IndexError `ZeroDivisionError` for a rounded division of integers by zero
   * @see https://pytorch.org/docs/stable/generated/torch.div.html
   */
  div(this: Tensor, y: Operand, options?: DivOptions): Tensor {
    return div(this, y, options)
  }

  /** `x` as `dtype`; `x` itself where it is already. Floats are cut towards zero to integers, halves round to nearest even. */
  to(this: Tensor, dtype: DType): Tensor {
    return to(this, dtype)
  }

  /** A copy with memory of its own, in the same memory order where that is dense. Gradients flow through. */
  clone(this: Tensor): Tensor {
    return clone(this)
  }

  /** `x` itself if it lies in row-major order, else a copy that does. */
  contiguous(this: Tensor): Tensor {
    return contiguous(this)
  }

  /** Writes `source`, broadcast and converted, into `x`. */
  copy_(this: Tensor, source: Operand): Tensor {
    return copy_(this, source)
  }

  /**
   * Sum over axes, or all of them. Integers and bool add up in int64; float16 and bfloat16 in float32, rounded at the end.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sum.html
   */
  sum(this: Tensor, axes?: number | readonly number[] | null, options?: AccumulateOptions): Tensor {
    return sum(this, axes, options)
  }

  /** Two axes exchanged, as a view. */
  transpose(this: Tensor, axis0: number, axis1: number): Tensor {
    return transpose(this, axis0, axis1)
  }

  /** The transpose of a matrix as a view; a vector or scalar is itself. */
  t(this: Tensor): Tensor {
    return t(this)
  }

  /** A new axis of length 1 before `axis`, as a view. */
  unsqueeze(this: Tensor, axis: number): Tensor {
    return unsqueeze(this, axis)
  }

  /** Without axes of length 1: all of them, or the named ones that have it. */
  squeeze(this: Tensor, axes?: number | readonly number[]): Tensor {
    return squeeze(this, axes)
  }

  /** One position of an axis, which is dropped: a view. A negative index counts from the end. */
  select(this: Tensor, axis: number, index: number): Tensor {
    return select(this, axis, index)
  }

  /**
   * Positions `start` to `end` (excluded) of an axis: a view. As with arrays, negative bounds count from the end, and bounds
   * beyond the axis are cut.
   *
   * @param start - 0 if left out or null
   * @param end - the length of the axis if left out or null
   * @throws TypeError for the form `(axis, start, end, step)`, which `narrow` and `options.axis` replace
   */
  slice(this: Tensor, start?: number | null, end?: number | null, options?: SliceOptions): Tensor {
    return slice(this, start, end, options)
  }

  /** `length` positions of an axis from `start`: a view. */
  narrow(this: Tensor, axis: number, start: number, length: number): Tensor {
    return narrow(this, axis, start, length)
  }
}
