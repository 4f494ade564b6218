import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, real } from '../../base/kinds.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ValueError } from '../../base/errors.ts'
import { definePointwise, type Operand } from '../../op/pointwise.ts'
import { hostValues, readsValues, type HostReader } from '../../op/host-values.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const comparison = { result: 'bool', inputs: ['x', 'y'] } as const
const eqOp = /* @__PURE__ */ definePointwise('eq', comparison, (x, y) => f.eq(x, y))
const neOp = /* @__PURE__ */ definePointwise('ne', comparison, (x, y) => f.ne(x, y))
const ltOp = /* @__PURE__ */ definePointwise('lt', comparison, (x, y) => f.lt(x, y))
const leOp = /* @__PURE__ */ definePointwise('le', comparison, (x, y) => f.le(x, y))
const gtOp = /* @__PURE__ */ definePointwise('gt', comparison, (x, y) => f.gt(x, y))
const geOp = /* @__PURE__ */ definePointwise('ge', comparison, (x, y) => f.ge(x, y))

/**
 * Where `x` equals `y`, broadcast together. NaN equals nothing.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.eq.html
 * @example
 * g.eq(g.tensor([1, 2]), 2).tolist() // => [false, true]
 */
export const eq = (x: Operand, y: Operand): Tensor => eqOp(x, y)
/** {@link eq} written into `x`, in its dtype. */
export const eq_ = (x: Tensor, y: Operand): Tensor => eqOp.into(x, y)
/** Where `x` differs from `y`, broadcast together. */
export const ne = (x: Operand, y: Operand): Tensor => neOp(x, y)
/** {@link ne} written into `x`, in its dtype. */
export const ne_ = (x: Tensor, y: Operand): Tensor => neOp.into(x, y)
/** Where `x` is below `y`, broadcast together. */
export const lt = (x: Operand, y: Operand): Tensor => ltOp(x, y)
/** {@link lt} written into `x`, in its dtype. */
export const lt_ = (x: Tensor, y: Operand): Tensor => ltOp.into(x, y)
/** Where `x` is not above `y`, broadcast together. */
export const le = (x: Operand, y: Operand): Tensor => leOp(x, y)
/** {@link le} written into `x`, in its dtype. */
export const le_ = (x: Tensor, y: Operand): Tensor => leOp.into(x, y)
/** Where `x` is above `y`, broadcast together. */
export const gt = (x: Operand, y: Operand): Tensor => gtOp(x, y)
/** {@link gt} written into `x`, in its dtype. */
export const gt_ = (x: Tensor, y: Operand): Tensor => gtOp.into(x, y)
/** Where `x` is not below `y`, broadcast together. */
export const ge = (x: Operand, y: Operand): Tensor => geOp(x, y)
/** {@link ge} written into `x`, in its dtype. */
export const ge_ = (x: Tensor, y: Operand): Tensor => geOp.into(x, y)

// an infinite y allows any finite error, so finite operands are asked for; equal ones need no difference
const iscloseOp = /* @__PURE__ */ definePointwise(
  'isclose',
  { result: 'bool', inputs: ['x', 'y'], params: 3 },
  (x, y, rtol, atol, equalNaN) => {
    const error = f.abs(f.sub(x, y))
    const allowed = f.add(atol, f.abs(f.mul(rtol, y)))
    const near = f.and(f.lt(error, Infinity), f.le(error, allowed))
    const bothNaN = f.and(f.ne(equalNaN, 0), f.and(f.isNaN(x), f.isNaN(y)))
    return f.or(f.or(f.eq(x, y), near), bothNaN)
  },
)

/** Options of `isclose` and `allclose`. */
export interface ClosenessOptions {
  /** Relative tolerance; 1e-5 by default. */
  rtol?: number
  /** Absolute tolerance; 1e-8 by default. */
  atol?: number
  /** Whether two NaN are close; false by default. */
  equalNan?: boolean
}
/** The kinds of {@link ClosenessOptions}. */
export const closenessOptions = /* @__PURE__ */ defineOptions<ClosenessOptions>({
  rtol: real,
  atol: real,
  equalNan: flag,
})

/**
 * Where `|x - y| ≤ atol + rtol · |y|`, broadcast together. Infinities are close to themselves only.
 *
 * @throws DTypeError for operands of two dtypes
 * @throws ValueError for a negative tolerance
 * @see https://pytorch.org/docs/stable/generated/torch.isclose.html
 * @example
 * g.isclose(g.tensor([1, 1]), g.tensor([1.000001, 1.1])).tolist() // => [true, false]
 */
export function isclose(x: Tensor, y: Tensor, options?: ClosenessOptions): Tensor {
  takeTensor('isclose', 'x', x)
  takeTensor('isclose', 'y', y)

  options = takeOptions('isclose', closenessOptions, options)
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options
  if (x.dtype !== y.dtype) throw new DTypeError(`${x.dtype} did not match ${y.dtype}`)
  if (rtol < 0) throw new ValueError(`rtol must be greater than or equal to zero, but got ${rtol}`)
  if (atol < 0) throw new ValueError(`atol must be greater than or equal to zero, but got ${atol}`)
  // tolerances are floating, and so is what they are compared with
  const [a, b] = isFloat(x.dtype) ? [x, y] : [x.to('float64'), y.to('float64')]
  return iscloseOp.with([rtol, atol, Number(equalNan)], a, b)
}

const allcloseValues = /* @__PURE__ */ readsValues('allclose')

/**
 * Whether all elements are close: see {@link isclose}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.allclose.html
 * @example
 * g.allclose(g.tensor([1]), g.tensor([1.000001])) // => true
 */
export const allclose = (x: Tensor, y: Tensor, options?: ClosenessOptions): boolean => {
  takeTensor('allclose', 'y', y)
  return holdsEverywhere(allcloseValues, isclose(x, y, takeOptions('allclose', closenessOptions, options)))
}

const equalValues = /* @__PURE__ */ readsValues('equal')

/**
 * Whether two tensors have the same shape and equal elements.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.equal.html
 * @example
 * g.equal(g.tensor([1, 2]), g.tensor([1, 2])) // => true
 */
export const equal = (x: Tensor, y: Tensor): boolean => {
  takeTensor('equal', 'x', x)
  takeTensor('equal', 'y', y)
  return (
    x.ndim === y.ndim && x.shape.every((n, i) => n === y.shape[i]) && holdsEverywhere(equalValues, eq(x, y))
  )
}

// the answer leaves the backend anyway
const holdsEverywhere = (reader: HostReader, x: Tensor): boolean =>
  hostValues(reader, x).every((v: number | bigint) => v !== 0)
