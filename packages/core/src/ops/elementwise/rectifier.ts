import { defineOptions, takeOptions, takeArgument } from '../../base/options.ts'
import { real, number } from '../../base/kinds.ts'
import { finfo, isFloat } from '../../base/dtype.ts'
import { ValueError } from '../../base/errors.ts'
import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { noBool } from '../../op/accepts.ts'

/* Piecewise linear functions. Their derivatives at the kinks are PyTorch's. */

// through the result, which is positive where x is: the in-place form needs no copy of x
const reluOp = /* @__PURE__ */ definePointwise(
  'relu',
  {
    result: 'promote',
    accept: /* @__PURE__ */ noBool('Boolean inputs not supported for relu'),
    grads: { x: (g, _, out) => f.where(f.le(out, 0), 0, g) },
  },
  (x) => f.max(x, 0),
)

/**
 * `max(x, 0)`, elementwise; its derivative at 0 is 0.
 *
 * @throws DTypeError for bool
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 * @example
 * g.relu(g.tensor([-1, 2])).tolist() // => [0, 2]
 */
export const relu = (x: Tensor): Tensor => reluOp(x)
/** {@link relu} written into `x`. */
export const relu_ = (x: Tensor): Tensor => reluOp.into(x)

// unlike clamp, a value at a bound passes no gradient
const hardtanhOp = /* @__PURE__ */ definePointwise(
  'hardtanh',
  {
    result: 'promote',
    params: 2,
    accept: /* @__PURE__ */ noBool('Bool inputs not supported for hardtanh'),
    grads: { x: (g, [x], _, [min, max]) => f.where(f.or(f.le(x, min), f.ge(x, max)), 0, g) },
  },
  (x, min, max) => f.min(f.max(x, min), max),
)

/** Options of `hardtanh`. */
export interface HardtanhOptions {
  /** -1 by default. */
  minVal?: number
  /** 1 by default. */
  maxVal?: number
}
/** The kinds of {@link HardtanhOptions}. */
export const hardtanhOptions = /* @__PURE__ */ defineOptions<HardtanhOptions>({ minVal: real, maxVal: real })

/**
 * `x` held between two numbers; a value at one of them passes no gradient.
 *
 * @throws ValueError if `minVal` is above `maxVal`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
 * @example
 * g.hardtanh(g.tensor([-2, 0.5, 2])).tolist() // => [-1, 0.5, 1]
 */
export const hardtanh = (x: Tensor, options?: HardtanhOptions): Tensor =>
  hardtanhOp.with(range(takeOptions('hardtanh', hardtanhOptions, options)), x)
/** {@link hardtanh} written into `x`. */
export const hardtanh_ = (x: Tensor, options?: HardtanhOptions): Tensor =>
  hardtanhOp.intoWith(range(takeOptions('hardtanh_', hardtanhOptions, options)), x)

function range({ minVal = -1, maxVal = 1 }: HardtanhOptions): [number, number] {
  if (minVal > maxVal) throw new ValueError('min_val cannot be greater than max_val')
  return [minVal, maxVal]
}

/**
 * `min(max(x, 0), 6)`, elementwise; no gradient at the bounds.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
 * @example
 * g.relu6(g.tensor([-1, 3, 8])).tolist() // => [0, 3, 6]
 */
export const relu6 = (x: Tensor): Tensor => hardtanhOp.with([0, 6], x)
/** {@link relu6} written into `x`. */
export const relu6_ = (x: Tensor): Tensor => hardtanhOp.intoWith([0, 6], x)

const leakyReluOp = /* @__PURE__ */ definePointwise('leakyRelu', { result: 'float', params: 1 }, (x, slope) =>
  f.where(f.gt(x, 0), x, f.mul(x, slope)),
)

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** 0.01 by default. */
  negativeSlope?: number
}
/** The kinds of {@link LeakyReluOptions}. */
export const leakyReluOptions = /* @__PURE__ */ defineOptions<LeakyReluOptions>({ negativeSlope: real })

/**
 * `x` above 0, `negativeSlope · x` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
 * @example
 * g.leakyRelu(g.tensor([-1, 2]), { negativeSlope: 0.1 }).tolist() // => [-0.1, 2]
 */
export const leakyRelu = (x: Tensor, options?: LeakyReluOptions): Tensor => {
  const { negativeSlope = 0.01 } = takeOptions('leakyRelu', leakyReluOptions, options)
  return leakyReluOp.with([negativeSlope], x)
}
/** {@link leakyRelu} written into `x`. */
export const leakyRelu_ = (x: Tensor, options?: LeakyReluOptions): Tensor => {
  const { negativeSlope = 0.01 } = takeOptions('leakyRelu_', leakyReluOptions, options)
  return leakyReluOp.intoWith([negativeSlope], x)
}

const hardsigmoidOp = /* @__PURE__ */ definePointwise(
  'hardsigmoid',
  {
    result: 'float',
    grads: { x: (g, [x]) => f.where(f.and(f.gt(x, -3), f.lt(x, 3)), f.div(g, 6), 0) },
  },
  (x) => f.div(f.min(f.max(f.add(x, 3), 0), 6), 6),
)

/**
 * `min(max(x + 3, 0), 6) / 6`, elementwise; no gradient at the bounds.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
 * @example
 * g.hardsigmoid(g.tensor([-4, 0, 4])).tolist() // => [0, 0.5, 1]
 */
export const hardsigmoid = (x: Tensor): Tensor => hardsigmoidOp(x)
/** {@link hardsigmoid} written into `x`. */
export const hardsigmoid_ = (x: Tensor): Tensor => hardsigmoidOp.into(x)

const hardswishOp = /* @__PURE__ */ definePointwise(
  'hardswish',
  {
    result: 'float',
    grads: {
      x: (g, [x]) => f.where(f.le(x, -3), 0, f.where(f.lt(x, 3), f.mul(g, f.add(f.div(x, 3), 0.5)), g)),
    },
  },
  (x) => f.div(f.mul(x, f.min(f.max(f.add(x, 3), 0), 6)), 6),
)

/**
 * `x · hardsigmoid(x)`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
 * @example
 * g.hardswish(g.tensor([-4, 1, 4])).tolist() // => [0, 0.6667, 4]
 */
export const hardswish = (x: Tensor): Tensor => hardswishOp(x)
/** {@link hardswish} written into `x`. */
export const hardswish_ = (x: Tensor): Tensor => hardswishOp.into(x)

const hardshrinkOp = /* @__PURE__ */ definePointwise(
  'hardshrink',
  { result: 'float', params: 1 },
  (x, lambd) => f.where(f.and(f.ge(x, f.neg(lambd)), f.le(x, lambd)), 0, x),
)
// NaN stays NaN: dropped elements are multiplied by 0
const softshrinkOp = /* @__PURE__ */ definePointwise(
  'softshrink',
  {
    result: 'float',
    params: 1,
    grads: { x: (g, [x], _, [lambd]) => f.where(f.and(f.ge(x, f.neg(lambd)), f.le(x, lambd)), 0, g) },
  },
  (x, lambd) =>
    f.where(f.gt(x, lambd), f.sub(x, lambd), f.where(f.lt(x, f.neg(lambd)), f.add(x, lambd), f.mul(x, 0))),
)

/**
 * `x` outside `[-lambd, lambd]`, 0 inside.
 *
 * @param lambd - 0.5 by default
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
 * @example
 * g.hardshrink(g.tensor([-1, 0.2, 1])).tolist() // => [-1, 0, 1]
 */
export const hardshrink = (x: Tensor, lambd = 0.5): Tensor => {
  takeArgument('hardshrink', 'lambd', number, lambd)
  return hardshrinkOp.with([lambd], x)
}

/**
 * `x` brought nearer to 0 by `lambd`, and 0 within that distance.
 *
 * @param lambd - 0.5 by default
 * @throws ValueError for a negative `lambd`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
 * @example
 * g.softshrink(g.tensor([-1, 0.2, 1])).tolist() // => [-0.5, 0, 0.5]
 */
export function softshrink(x: Tensor, lambd = 0.5): Tensor {
  takeArgument('softshrink', 'lambd', number, lambd)

  if (lambd < 0) {
    const { max } = finfo(isFloat(x.dtype) ? x.dtype : 'float32')
    const range = `[0, ${Number(max.toPrecision(6))}]`
    throw new ValueError(`lambda must be in range ${range} for input dtype ${x.dtype}, but found ${lambd}`)
  }
  return softshrinkOp.with([lambd], x)
}

const thresholdOp = /* @__PURE__ */ definePointwise(
  'threshold',
  { result: 'promote', params: 2 },
  (x, threshold, value) => f.where(f.le(x, threshold), value, x),
)

/**
 * `x` above `threshold`, `value` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
 * @example
 * g.threshold(g.tensor([1, 5]), 2, 0).tolist() // => [0, 5]
 */
export const threshold = (x: Tensor, threshold: number, value: number): Tensor => {
  takeArgument('threshold', 'threshold', number, threshold)
  takeArgument('threshold', 'value', number, value)
  return thresholdOp.with([threshold, value], x)
}
/** {@link threshold} written into `x`. */
export const threshold_ = (x: Tensor, threshold: number, value: number): Tensor => {
  takeArgument('threshold_', 'threshold', number, threshold)
  takeArgument('threshold_', 'value', number, value)
  return thresholdOp.intoWith([threshold, value], x)
}
