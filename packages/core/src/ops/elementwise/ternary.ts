import { takeTensor, takeOperand } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { real } from '../../base/kinds.ts'
import { isFloat, isInteger } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { definePointwise, type Operand } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { noBoolKernel } from '../../op/accepts.ts'

// as PyTorch's clamp_backward: an element equal to a bound passes its gradient; a bound gets one only where it decides
const clampOp = /* @__PURE__ */ definePointwise(
  'clamp',
  {
    result: 'promote',
    inputs: ['x', 'min', 'max'],
    grads: {
      x: (g, [x, min, max]) => f.where(f.and(f.ge(x, min), f.le(x, max)), g, 0),
      min: (g, [x, min, max]) => f.where(f.and(f.lt(min, max), f.lt(x, min)), g, 0),
      max: (g, [x, min, max]) => f.where(f.or(f.gt(x, max), f.lt(max, min)), g, 0),
    },
  },
  (x, min, max) => f.min(f.max(x, min), max),
)
const clampMinOp = /* @__PURE__ */ definePointwise(
  'clampMin',
  {
    result: 'promote',
    inputs: ['x', 'min'],
    grads: {
      x: (g, [x, min]) => f.where(f.ge(x, min), g, 0),
      min: (g, [x, min]) => f.where(f.lt(x, min), g, 0),
    },
  },
  (x, min) => f.max(x, min),
)
const clampMaxOp = /* @__PURE__ */ definePointwise(
  'clampMax',
  {
    result: 'promote',
    inputs: ['x', 'max'],
    grads: {
      x: (g, [x, max]) => f.where(f.le(x, max), g, 0),
      max: (g, [x, max]) => f.where(f.gt(x, max), g, 0),
    },
  },
  (x, max) => f.min(x, max),
)

/**
 * `x` held between `min` and `max`, numbers or tensors; either may be null. `max` wins where `min` is above it.
 *
 * A value that equals a bound passes its gradient.
 *
 * @throws ValueError if both bounds are null
 * @see https://pytorch.org/docs/stable/generated/torch.clamp.html
 * @example
 * g.clamp(g.tensor([-1, 0.5, 3]), 0, 1).tolist() // => [0, 0.5, 1]
 */
export function clamp(x: Tensor, min: Operand | null = null, max: Operand | null = null): Tensor {
  if (min === null) return clampMaxOp(x, upper(max))
  return max === null ? clampMinOp(x, min) : clampOp(x, min, max)
}
/** {@link clamp} written into `x`. */
export function clamp_(x: Tensor, min: Operand | null = null, max: Operand | null = null): Tensor {
  if (min === null) return clampMaxOp.into(x, upper(max))
  return max === null ? clampMinOp.into(x, min) : clampOp.into(x, min, max)
}

function upper(max: Operand | null): Operand {
  if (max === null) throw new ValueError("clamp: At least one of 'min' or 'max' must not be null")
  return max
}

/** `x` where it is above `min`, else `min`. */
export const clampMin = (x: Tensor, min: Operand): Tensor => {
  takeTensor('clampMin', 'x', x)
  return clampMinOp(x, min)
}
/** {@link clampMin} written into `x`. */
export const clampMin_ = (x: Tensor, min: Operand): Tensor => clampMinOp.into(x, min)
/** `x` where it is below `max`, else `max`. */
export const clampMax = (x: Tensor, max: Operand): Tensor => {
  takeTensor('clampMax', 'x', x)
  return clampMaxOp(x, max)
}
/** {@link clampMax} written into `x`. */
export const clampMax_ = (x: Tensor, max: Operand): Tensor => clampMaxOp.into(x, max)

// near the end the difference is taken from the end, so that weight 1 gives it exactly
const lerpOp = /* @__PURE__ */ definePointwise(
  'lerp',
  {
    result: 'promote',
    inputs: ['start', 'end', 'weight'],
    accept: (dtype) => {
      if (!isFloat(dtype)) throw new DTypeError(`"lerp" not implemented for '${dtype}'`)
    },
    // one product each; those of the two branches are the same
    grads: {
      start: (g, [, , weight]) => f.mul(g, f.sub(1, weight)),
      end: (g, [, , weight]) => f.mul(g, weight),
      weight: (g, [start, end]) => f.mul(g, f.sub(end, start)),
    },
  },
  (start, end, weight) => {
    const difference = f.sub(end, start)
    return f.where(
      f.lt(f.abs(weight), 0.5),
      f.add(start, f.mul(weight, difference)),
      f.sub(end, f.mul(difference, f.sub(1, weight))),
    )
  },
)

/**
 * `start + weight · (end - start)`, elementwise, broadcast together.
 *
 * @throws DTypeError unless `start` and `end` have one floating dtype
 * @see https://pytorch.org/docs/stable/generated/torch.lerp.html
 * @example
 * g.lerp(g.tensor([0, 10]), g.tensor([4, 20]), 0.25).tolist() // => [1, 12.5]
 */
export const lerp = (start: Tensor, end: Tensor, weight: Operand): Tensor => {
  takeTensor('lerp', 'start', start)

  takeTensor('lerp', 'end', end)
  return lerpOp(start, sameDType(start, end), weight)
}
/** {@link lerp} written into `start`. */
export const lerp_ = (start: Tensor, end: Tensor, weight: Operand): Tensor => {
  takeTensor('lerp_', 'start', start)

  takeTensor('lerp_', 'end', end)
  return lerpOp.into(start, sameDType(start, end), weight)
}

function sameDType(start: Tensor, end: Tensor): Tensor {
  if (end.dtype === start.dtype) return end
  throw new DTypeError(`expected dtype ${start.dtype} for \`end\` but got dtype ${end.dtype}`)
}

const addcmulOp = /* @__PURE__ */ definePointwise(
  'addcmul',
  {
    result: 'promote',
    inputs: ['x', 'tensor1', 'tensor2'],
    params: 1,
    autocast: 'promote',
    accept: /* @__PURE__ */ noBoolKernel('addcmul'),
  },
  (x, a, b, value) => f.add(x, f.mul(f.mul(value, a), b)),
)
const addcdivOp = /* @__PURE__ */ definePointwise(
  'addcdiv',
  { result: 'promote', inputs: ['x', 'tensor1', 'tensor2'], params: 1, autocast: 'promote' },
  (x, a, b, value) => f.add(x, f.mul(value, f.div(a, b))),
)

/** Options of `addcmul` and `addcdiv`. */
export interface ValueOptions {
  /** Multiplies the product or quotient; 1 by default. */
  value?: number
}
/** The kinds of {@link ValueOptions}. */
export const valueOptions = /* @__PURE__ */ defineOptions<ValueOptions>({ value: real })

/**
 * `x + value · tensor1 · tensor2`, broadcast together.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.addcmul.html
 * @example
 * g.addcmul(g.tensor([1]), g.tensor([2]), g.tensor([3]), { value: 10 }).tolist() // => [61]
 */
export const addcmul = (x: Tensor, tensor1: Operand, tensor2: Operand, options?: ValueOptions): Tensor => {
  takeTensor('addcmul', 'x', x)

  const { value = 1 } = takeOptions('addcmul', valueOptions, options)
  return addcmulOp.with([value], x, tensor1, tensor2)
}
/** {@link addcmul} written into `x`. */
export const addcmul_ = (x: Tensor, tensor1: Operand, tensor2: Operand, options?: ValueOptions): Tensor => {
  const { value = 1 } = takeOptions('addcmul_', valueOptions, options)
  return addcmulOp.intoWith([value], x, tensor1, tensor2)
}

/**
 * `x + value · tensor1 / tensor2`, broadcast together.
 *
 * @throws DTypeError if both divided tensors are integers
 * @see https://pytorch.org/docs/stable/generated/torch.addcdiv.html
 * @example
 * g.addcdiv(g.tensor([1]), g.tensor([6]), g.tensor([3])).tolist() // => [3]
 */
export const addcdiv = (x: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor => {
  takeTensor('addcdiv', 'x', x)
  takeTensor('addcdiv', 'tensor1', tensor1)
  takeTensor('addcdiv', 'tensor2', tensor2)

  const { value = 1 } = takeOptions('addcdiv', valueOptions, options)
  return addcdivOp.with([value], x, divisible(tensor1, tensor2), tensor2)
}
/** {@link addcdiv} written into `x`. */
export const addcdiv_ = (x: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor => {
  takeTensor('addcdiv_', 'tensor1', tensor1)
  takeTensor('addcdiv_', 'tensor2', tensor2)

  const { value = 1 } = takeOptions('addcdiv_', valueOptions, options)
  return addcdivOp.intoWith([value], x, divisible(tensor1, tensor2), tensor2)
}

function divisible(tensor1: Tensor, tensor2: Tensor): Tensor {
  if (isFloat(tensor1.dtype) || isFloat(tensor2.dtype)) return tensor1
  throw new DTypeError(
    'Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2.',
    { hint: `convert one of them with .to('float32')` },
  )
}

const whereOp = /* @__PURE__ */ definePointwise(
  'where',
  { result: 'promote', inputs: ['condition', 'x', 'y'], conditions: ['condition'] },
  (condition, x, y) => f.where(condition, x, y),
)

/**
 * `x` where `condition` holds, else `y`, broadcast together; either may be a number.
 *
 * The branch that is not taken gets a gradient of 0, which a function before it may still turn into NaN: the gradient of `exp(x)` is
 * 0 · inf where it overflows, here as in PyTorch. Hold the operand before the function, as the second example does: no side then
 * overflows, and the gradient is right everywhere.
 *
 * @param condition - bool or uint8
 * @throws DTypeError for another condition
 * @see https://pytorch.org/docs/stable/generated/torch.where.html
 * @example
 * const x = g.tensor([-1, 2])
 * g.where(x.gt(0), x, 0).tolist() // => [0, 2]
 * @example
 * const x = g.tensor([-1, 1000], { requiresGrad: true })
 * const below = g.where(x.gt(0), 0, x)
 * g.where(x.gt(0), x, below.exp()).sum().backward()
 * x.grad?.tolist() // ≈ [0.3679, 1]
 */
export function where(condition: Tensor, x: Operand, y: Operand): Tensor {
  takeTensor('where', 'condition', condition)

  if (condition.dtype !== 'bool' && condition.dtype !== 'uint8') {
    throw new DTypeError(
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype}`,
      { hint: 'compare it: condition.ne(0)' },
    )
  }
  return whereOp(condition, x, y)
}

const maskedFillOp = /* @__PURE__ */ definePointwise(
  'maskedFill',
  { result: 'first', inputs: ['x', 'mask', 'value'], conditions: ['mask'] },
  (x, mask, value) => f.where(mask, value, x),
)

/**
 * `x` with `value` wherever `mask` holds, in the dtype of `x`.
 *
 * @param mask - bool, broadcast with `x`
 * @param value - a number or a 0-dimensional tensor
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
 * @example
 * g.maskedFill(g.tensor([1, 2]), g.tensor([true, false]), 9).tolist() // => [9, 2]
 */
export const maskedFill = (x: Tensor, mask: Tensor, value: Operand): Tensor => {
  takeTensor('maskedFill', 'mask', mask)
  takeOperand('maskedFill', 'value', value)

  takeTensor('maskedFill', 'x', x)
  return maskedFillOp(x, asMask(mask), filling(x, value))
}
/** {@link maskedFill} written into `x`. */
export const maskedFill_ = (x: Tensor, mask: Tensor, value: Operand): Tensor => {
  takeTensor('maskedFill_', 'x', x)

  takeTensor('maskedFill_', 'mask', mask)
  takeOperand('maskedFill_', 'value', value)
  return maskedFillOp.into(x, asMask(mask), filling(x, value))
}

function asMask(mask: Tensor): Tensor {
  if (mask.dtype === 'bool') return mask
  throw new DTypeError(`masked_fill_ only supports boolean masks, but got mask with dtype ${mask.dtype}`)
}

// in the dtype of x from the start: large integers must not pass through floating point
function filling(x: Tensor, value: Operand): Operand {
  if (typeof value === 'object') {
    if (value.ndim === 0) return value.to(x.dtype)
    throw new ShapeError(
      `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
    )
  }
  if (!isInteger(x.dtype)) return value
  if (!Number.isFinite(Number(value)))
    throw new ValueError(`value cannot be converted to type ${x.dtype} without overflow`)
  return Math.trunc(Number(value))
}
