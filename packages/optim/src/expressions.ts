import {
  binary,
  constant,
  convert,
  input,
  numOf,
  param,
  unary,
  type DType,
  type Expr,
  type Num,
} from '@gradus/core/backend'

/*
 * The words that updates are written in, on expressions of one number type.
 */

export const add = (x: Expr, y: Expr): Expr => binary('add', x, y)
export const sub = (x: Expr, y: Expr): Expr => binary('sub', x, y)
export const mul = (x: Expr, y: Expr): Expr => binary('mul', x, y)
export const div = (x: Expr, y: Expr): Expr => binary('div', x, y)
export const max = (x: Expr, y: Expr): Expr => binary('max', x, y)
export const min = (x: Expr, y: Expr): Expr => binary('min', x, y)
export const sqrt = (x: Expr): Expr => unary('sqrt', x)
export const neg = (x: Expr): Expr => unary('neg', x)
export const abs = (x: Expr): Expr => unary('abs', x)

/** Operands of an update, read in the number type it computes in. */
export const operands = (dtypes: readonly DType[], num: Num): Expr[] =>
  dtypes.map((dtype, i) => convert(input(i, numOf(dtype)), num))

/** Numbers of an update: learning rate and the like, given at each step. */
export const numbers = (count: number, num: Num): Expr[] =>
  Array.from({ length: count }, (_, i) => param(i, num))

export { constant, convert }
