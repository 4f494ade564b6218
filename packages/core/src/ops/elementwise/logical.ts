import { definePointwise, type Operand } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import { truth } from '../../program/functions.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { noBoolKernel, noFloats } from '../../op/accepts.ts'
import type { DType } from '../../base/dtype.ts'

const logical = { result: 'bool', inputs: ['x', 'y'] } as const
const logicalAndOp = /* @__PURE__ */ definePointwise('logicalAnd', logical, (x, y) =>
  f.and(truth(x), truth(y)),
)
const logicalOrOp = /* @__PURE__ */ definePointwise('logicalOr', logical, (x, y) => f.or(truth(x), truth(y)))
const logicalXorOp = /* @__PURE__ */ definePointwise('logicalXor', logical, (x, y) =>
  f.xor(truth(x), truth(y)),
)

/**
 * Where both are true, or not 0; broadcast together.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logical_and.html
 * @example
 * g.logicalAnd(g.tensor([0, 2]), g.tensor([1, 1])).tolist() // => [false, true]
 */
export const logicalAnd = (x: Operand, y: Operand): Tensor => logicalAndOp(x, y)
/** {@link logicalAnd} written into `x`, in its dtype. */
export const logicalAnd_ = (x: Tensor, y: Operand): Tensor => logicalAndOp.into(x, y)
/** Where either is true, or not 0; broadcast together. */
export const logicalOr = (x: Operand, y: Operand): Tensor => logicalOrOp(x, y)
/** {@link logicalOr} written into `x`, in its dtype. */
export const logicalOr_ = (x: Tensor, y: Operand): Tensor => logicalOrOp.into(x, y)
/** Where one of the two is true, or not 0; broadcast together. */
export const logicalXor = (x: Operand, y: Operand): Tensor => logicalXorOp(x, y)
/** {@link logicalXor} written into `x`, in its dtype. */
export const logicalXor_ = (x: Tensor, y: Operand): Tensor => logicalXorOp.into(x, y)

const bitwise = (name: string) => ({ result: 'promote', inputs: ['x', 'y'], accept: noFloats(name) }) as const
const shift = (name: string) => {
  const [noBools, noReals] = [noBoolKernel(name), noFloats(name)]
  const accept = (dtype: DType): void => {
    noBools(dtype)
    noReals(dtype)
  }
  return { result: 'promote', inputs: ['x', 'y'], accept } as const
}
const bitwiseAndOp = /* @__PURE__ */ definePointwise(
  'bitwiseAnd',
  /* @__PURE__ */ bitwise('bitwise_and'),
  (x, y) => f.and(x, y),
)
const bitwiseOrOp = /* @__PURE__ */ definePointwise(
  'bitwiseOr',
  /* @__PURE__ */ bitwise('bitwise_or'),
  (x, y) => f.or(x, y),
)
const bitwiseXorOp = /* @__PURE__ */ definePointwise(
  'bitwiseXor',
  /* @__PURE__ */ bitwise('bitwise_xor'),
  (x, y) => f.xor(x, y),
)
const leftShiftOp = /* @__PURE__ */ definePointwise(
  'bitwiseLeftShift',
  /* @__PURE__ */ shift('lshift'),
  (x, y) => f.shl(x, y),
)
const rightShiftOp = /* @__PURE__ */ definePointwise(
  'bitwiseRightShift',
  /* @__PURE__ */ shift('rshift'),
  (x, y) => f.shr(x, y),
)

/**
 * Bits that both have, of integers; logical and of bool.
 *
 * @throws DTypeError for floating point
 * @see https://pytorch.org/docs/stable/generated/torch.bitwise_and.html
 * @example
 * g.bitwiseAnd(g.tensor([6], { dtype: 'int32' }), 3).tolist() // => [2]
 */
export const bitwiseAnd = (x: Operand, y: Operand): Tensor => bitwiseAndOp(x, y)
/** {@link bitwiseAnd} written into `x`. */
export const bitwiseAnd_ = (x: Tensor, y: Operand): Tensor => bitwiseAndOp.into(x, y)
/** Bits that either has, of integers; logical or of bool. */
export const bitwiseOr = (x: Operand, y: Operand): Tensor => bitwiseOrOp(x, y)
/** {@link bitwiseOr} written into `x`. */
export const bitwiseOr_ = (x: Tensor, y: Operand): Tensor => bitwiseOrOp.into(x, y)
/** Bits that one of the two has, of integers; logical exclusive or of bool. */
export const bitwiseXor = (x: Operand, y: Operand): Tensor => bitwiseXorOp(x, y)
/** {@link bitwiseXor} written into `x`. */
export const bitwiseXor_ = (x: Tensor, y: Operand): Tensor => bitwiseXorOp.into(x, y)
/** `x · 2ʸ` of integers, wrapping; 0 where `y` is not below the number of bits. */
export const bitwiseLeftShift = (x: Operand, y: Operand): Tensor => leftShiftOp(x, y)
/** {@link bitwiseLeftShift} written into `x`. */
export const bitwiseLeftShift_ = (x: Tensor, y: Operand): Tensor => leftShiftOp.into(x, y)
/** `floor(x / 2ʸ)` of integers. */
export const bitwiseRightShift = (x: Operand, y: Operand): Tensor => rightShiftOp(x, y)
/** {@link bitwiseRightShift} written into `x`. */
export const bitwiseRightShift_ = (x: Tensor, y: Operand): Tensor => rightShiftOp.into(x, y)
