import { noBool } from '../../op/accepts.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { nullable, oneOf, real } from '../../base/kinds.ts'
import { isInteger } from '../../base/dtype.ts'
import { definePointwise, type Operand } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const xy = ['x', 'y'] as const

const addOp = /* @__PURE__ */ definePointwise('add', { result: 'promote', inputs: xy }, (x, y) => f.add(x, y))
const addScaledOp = /* @__PURE__ */ definePointwise(
  'add',
  { result: 'promote', inputs: xy, params: 1 },
  (x, y, alpha) => f.add(x, f.mul(alpha, y)),
)
const subtraction = {
  result: 'promote',
  inputs: xy,
  accept: /* @__PURE__ */ noBool(
    'Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.',
  ),
} as const
const subOp = /* @__PURE__ */ definePointwise('sub', subtraction, (x, y) => f.sub(x, y))
const subScaledOp = /* @__PURE__ */ definePointwise('sub', { ...subtraction, params: 1 }, (x, y, alpha) =>
  f.sub(x, f.mul(alpha, y)),
)
const mulOp = /* @__PURE__ */ definePointwise('mul', { result: 'promote', inputs: xy }, (x, y) => f.mul(x, y))
const divOp = /* @__PURE__ */ definePointwise('div', { result: 'float', inputs: xy }, (x, y) => f.div(x, y))
// quotient rounded towards zero: of integers exactly, of floats after the division
const divTruncOp = /* @__PURE__ */ definePointwise(
  'div',
  {
    result: 'promote',
    inputs: xy,
    checks: ([, y], dtype) => (isInteger(dtype) ? [{ fail: f.eq(y, 0), error: 'ZeroDivisionError' }] : []),
  },
  (x, y) => (x.type === 'f32' || x.type === 'f64' ? f.trunc(f.div(x, y)) : f.div(f.sub(x, f.fmod(x, y)), y)),
)
const integerChecks = {
  checks: ([, y]: readonly f.Term[], dtype: Parameters<typeof isInteger>[0]) =>
    isInteger(dtype) && typeof y === 'object' ? [{ fail: f.eq(y, 0), error: 'ZeroDivisionError' }] : [],
}
const floorDivideOp = /* @__PURE__ */ definePointwise(
  'floorDivide',
  { result: 'promote', inputs: xy, ...integerChecks },
  (x, y) => f.floordiv(x, y),
)
const remainderOp = /* @__PURE__ */ definePointwise(
  'remainder',
  { result: 'promote', inputs: xy, ...integerChecks },
  (x, y) => f.remainder(x, y),
)
const fmodOp = /* @__PURE__ */ definePointwise(
  'fmod',
  { result: 'promote', inputs: xy, ...integerChecks },
  (x, y) => f.fmod(x, y),
)

/** Options of `add` and `sub`. */
export interface AlphaOptions {
  /** Multiplies the second operand; 1 by default. */
  alpha?: number
}
/** The kinds of {@link AlphaOptions}. */
export const alphaOptions = /* @__PURE__ */ defineOptions<AlphaOptions>({ alpha: real })

/**
 * `x + alpha · y`, broadcast together.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.add.html
 * @example
 * g.add(g.tensor([1, 2]), g.tensor([10, 20]), { alpha: 2 }).tolist() // => [21, 42]
 */
export const add = (x: Operand, y: Operand, options?: AlphaOptions): Tensor => {
  const { alpha = 1 } = takeOptions('add', alphaOptions, options)
  return alpha === 1 ? addOp(x, y) : addScaledOp.with([alpha], x, y)
}

/** {@link add} written into `x`. */
export const add_ = (x: Tensor, y: Operand, options?: AlphaOptions): Tensor => {
  const { alpha = 1 } = takeOptions('add_', alphaOptions, options)
  return alpha === 1 ? addOp.into(x, y) : addScaledOp.intoWith([alpha], x, y)
}

/**
 * `x - alpha · y`, broadcast together.
 *
 * @throws DTypeError for two bool tensors
 * @see https://pytorch.org/docs/stable/generated/torch.sub.html
 */
export const sub = (x: Operand, y: Operand, options?: AlphaOptions): Tensor => {
  const { alpha = 1 } = takeOptions('sub', alphaOptions, options)
  return alpha === 1 ? subOp(x, y) : subScaledOp.with([alpha], x, y)
}

/** {@link sub} written into `x`. */
export const sub_ = (x: Tensor, y: Operand, options?: AlphaOptions): Tensor => {
  const { alpha = 1 } = takeOptions('sub_', alphaOptions, options)
  return alpha === 1 ? subOp.into(x, y) : subScaledOp.intoWith([alpha], x, y)
}

/**
 * `x · y`, elementwise, broadcast together.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.mul.html
 */
export const mul = (x: Operand, y: Operand): Tensor => mulOp(x, y)

/** {@link mul} written into `x`. */
export const mul_ = (x: Tensor, y: Operand): Tensor => mulOp.into(x, y)

/** How `div` rounds: not at all, towards zero, or down. */
export interface DivOptions {
  roundingMode?: 'trunc' | 'floor' | null
}
/** The kinds of {@link DivOptions}. */
export const divOptions = /* @__PURE__ */ defineOptions<DivOptions>({
  roundingMode: /* @__PURE__ */ nullable(/* @__PURE__ */ oneOf('trunc', 'floor')),
})

/**
 * `x / y`, elementwise, broadcast together. Integers divide to floating point unless a rounding mode is given.
 *
 * @throws IndexError `ZeroDivisionError` for a rounded division of integers by zero
 * @see https://pytorch.org/docs/stable/generated/torch.div.html
 */
export const div = (x: Operand, y: Operand, options?: DivOptions): Tensor => {
  const { roundingMode = null } = takeOptions('div', divOptions, options)
  return quotient(roundingMode)(x, y)
}

/** {@link div} written into `x`. */
export const div_ = (x: Tensor, y: Operand, options?: DivOptions): Tensor => {
  const { roundingMode = null } = takeOptions('div_', divOptions, options)
  return quotient(roundingMode).into(x, y)
}

const quotient = (mode: DivOptions['roundingMode']) =>
  mode === 'trunc' ? divTruncOp : mode === 'floor' ? floorDivideOp : divOp

/** `floor(x / y)`; integers stay integers. */
export const floorDivide = (x: Operand, y: Operand): Tensor => floorDivideOp(x, y)

/** The remainder with the sign of the divisor, as Python's `%`. */
export const remainder = (x: Operand, y: Operand): Tensor => remainderOp(x, y)
/** {@link remainder} written into `x`. */
export const remainder_ = (x: Tensor, y: Operand): Tensor => remainderOp.into(x, y)

/** The remainder with the sign of the dividend, as C's `fmod`. */
export const fmod = (x: Operand, y: Operand): Tensor => fmodOp(x, y)
/** {@link fmod} written into `x`. */
export const fmod_ = (x: Tensor, y: Operand): Tensor => fmodOp.into(x, y)
