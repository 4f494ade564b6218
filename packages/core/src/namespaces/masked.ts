import { atLeast, dtypeName, flag, nullable, real } from '../base/kinds.ts'
import { defineOptions, takeOptions } from '../base/options.ts'
import { iinfo, isFloat, type DType } from '../base/dtype.ts'
import { ArgumentError, DTypeError, ShapeError } from '../base/errors.ts'
import { asList, normalizeAxis, type Axes } from '../base/shape.ts'
import { aTensor, takeTensor } from '../tensor/kind.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { filledAs } from '../op/fill.ts'
import { sqrt, square } from '../ops/elementwise/power.ts'
import { neg } from '../ops/elementwise/unary.ts'
import { logaddexp as logaddexpOf } from '../ops/elementwise/binary.ts'
import { clampMin, where } from '../ops/elementwise/ternary.ts'
import { softmax as softmaxOf, logSoftmax as logSoftmaxOf } from '../ops/layers/softmax.ts'
import { vectorNorm } from '../ops/linalg/vector-norm.ts'
import {
  amax as amaxOf,
  amin as aminOf,
  argmax as argmaxOf,
  argmin as argminOf,
} from '../ops/reduce/extremes.ts'
import { logsumexp as logsumexpOf } from '../ops/reduce/logsumexp.ts'
import { nanmedian } from '../ops/reduce/median.ts'
import { prod as prodOf } from '../ops/reduce/prod.ts'
import { sum as sumOf } from '../ops/reduce/reduce.ts'
import { cumprod as cumprodOf, cumsum as cumsumOf } from '../ops/reduce/scan.ts'

/*
 * Reductions of the elements that a mask keeps. What a mask drops is replaced by the value that changes nothing, so that no
 * gradient flows to it.
 */

/** What operations of {@link sum} and its kind take besides axes. */
export interface MaskedOptions {
  /** bool, true for elements that count, broadcast to the operand; all by default. */
  mask?: Tensor | null
  /** Converts the operand first. */
  dtype?: DType | null
}
/** What masked reductions take. */
export interface MaskedReduceOptions extends MaskedOptions {
  /** Leaves the reduced axes with length 1; false by default. */
  keepdim?: boolean
}
const maskedOptions = /* @__PURE__ */ defineOptions<MaskedOptions>({
  mask: /* @__PURE__ */ nullable(aTensor),
  dtype: /* @__PURE__ */ nullable(dtypeName),
})
const reduceOptions = /* @__PURE__ */ defineOptions<MaskedReduceOptions, MaskedOptions>(
  { keepdim: flag },
  maskedOptions,
)

interface Kept {
  readonly x: Tensor
  readonly mask: Tensor | null
}

/** The operand in its dtype, and the mask in its shape. */
function keptOf(call: string, x: Tensor, { mask = null, dtype = null }: MaskedOptions): Kept {
  takeTensor(`masked.${call}`, 'x', x)
  const own = dtype === null ? x : x.to(dtype)
  if (mask === null) return { x: own, mask: null }
  if (mask.dtype !== 'bool') {
    throw new DTypeError(`masked.${call}: a mask is bool, got ${mask.dtype}`, {
      hint: "convert it with .to('bool')",
    })
  }
  if (mask.ndim > x.ndim) {
    throw new ShapeError(
      `_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)`,
      { where: `masked.${call}(x: [${x.shape.join(', ')}], mask: [${mask.shape.join(', ')}])` },
    )
  }
  return { x: own, mask: mask.expand(x.shape) }
}

const filled = ({ x, mask }: Kept, value: number): Tensor =>
  mask === null ? x : where(mask, x, value).to(x.dtype)

const lowest = (dtype: DType): number => (isFloat(dtype) ? -Infinity : Number(iinfo(dtype).min))
const highest = (dtype: DType): number => (isFloat(dtype) ? Infinity : Number(iinfo(dtype).max))

/** The axes of a reduction; none means all. */
const axesOf = (x: Tensor, axes: Axes | undefined): number[] => {
  const list = axes === undefined || axes === null ? [] : asList(axes)
  return list.length === 0 ? x.shape.map((_, a) => a) : list.map((a) => normalizeAxis(a, x.ndim))
}

/** How many elements count. */
const counted = ({ x, mask }: Kept, axes: readonly number[], keepdim: boolean): Tensor =>
  sumOf(mask ?? filledAs(x, x.shape, 1), axes, { keepdim })

const total = (kept: Kept, axes: readonly number[], keepdim: boolean): Tensor =>
  sumOf(filled(kept, 0), axes, { keepdim })

/**
 * The sum of the elements that count, 0 where none does.
 *
 * @param axes - all by default
 * @throws DTypeError for a mask that is not bool; ShapeError for one that does not broadcast to `x`
 * @see https://pytorch.org/docs/stable/masked.html
 * @example
 * g.masked.sum(g.tensor([1, 2, 4]), null, { mask: g.tensor([true, false, true]) }).item() // => 5
 */
export function sum(x: Tensor, axes?: Axes, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.sum', reduceOptions, options)
  return total(keptOf('sum', x, given), axesOf(x, axes), keepdim)
}

/** The product of the elements that count, 1 where none does: see {@link sum}. */
export function prod(x: Tensor, axes?: Axes, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.prod', reduceOptions, options)
  const whole = filled(keptOf('prod', x, given), 1)
  if (x.ndim === 0) return whole.clone()
  // from the last, so that those before keep their places
  return axesOf(x, axes)
    .sort((a, b) => b - a)
    .reduce((y, axis) => prodOf(y, axis, { keepdim }), whole)
}

/** The largest of the elements that count, -Infinity where none does: see {@link sum}. */
export function amax(x: Tensor, axes?: Axes, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.amax', reduceOptions, options)
  const kept = keptOf('amax', x, given)
  return amaxOf(filled(kept, lowest(kept.x.dtype)), axesOf(x, axes), { keepdim })
}

/** The smallest of the elements that count, Infinity where none does: see {@link sum}. */
export function amin(x: Tensor, axes?: Axes, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.amin', reduceOptions, options)
  const kept = keptOf('amin', x, given)
  return aminOf(filled(kept, highest(kept.x.dtype)), axesOf(x, axes), { keepdim })
}

/** Where the largest of the elements that count is, in the dtype of the operand as in PyTorch: see {@link sum}. */
export function argmax(x: Tensor, axis?: number | null, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.argmax', reduceOptions, options)
  const kept = keptOf('argmax', x, given)
  return argmaxOf(filled(kept, lowest(kept.x.dtype)), axis ?? null, { keepdim }).to(kept.x.dtype)
}

/** Where the smallest of the elements that count is: see {@link argmax}. */
export function argmin(x: Tensor, axis?: number | null, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.argmin', reduceOptions, options)
  const kept = keptOf('argmin', x, given)
  return argminOf(filled(kept, highest(kept.x.dtype)), axis ?? null, { keepdim }).to(kept.x.dtype)
}

/** The mean of the elements that count, NaN where none does: see {@link sum}. */
export function mean(x: Tensor, axes?: Axes, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.mean', reduceOptions, options)
  const kept = keptOf('mean', x, given)
  if (!isFloat(kept.x.dtype)) {
    throw new DTypeError(`mean(): could not infer output dtype: a mean is floating, got ${kept.x.dtype}`)
  }
  const list = axesOf(x, axes)
  return total(kept, list, keepdim).div(counted(kept, list, keepdim))
}

/**
 * The median of the elements that count along an axis, the lower of two; NaN where none does.
 *
 * @param axis - the last by default
 * @see https://pytorch.org/docs/stable/masked.html
 */
export function median(x: Tensor, axis = -1, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.median', reduceOptions, options)
  const kept = keptOf('median', x, given)
  const floating = isFloat(kept.x.dtype) ? kept : { ...kept, x: kept.x.to('float32') }
  return nanmedian(filled(floating, NaN), axis, { keepdim }).values
}

/**
 * The norm of the elements that count.
 *
 * @param p - its order, 2 by default
 * @see https://pytorch.org/docs/stable/masked.html
 */
export function norm(x: Tensor, p = 2, axes?: Axes, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.norm', reduceOptions, options)
  return vectorNorm(filled(keptOf('norm', x, given), p === -Infinity ? Infinity : 0), p, axesOf(x, axes), {
    keepdim,
  })
}

/** Options of {@link var} and {@link std}. */
export interface MaskedVarianceOptions extends MaskedReduceOptions {
  /** Whether 1 is taken from the number of elements; true by default. */
  unbiased?: boolean
  /** What is taken from the number of elements, instead of `unbiased`; 1 by default. */
  correction?: number | null
}
const varianceOptions = /* @__PURE__ */ defineOptions<MaskedVarianceOptions, MaskedReduceOptions>(
  { unbiased: flag, correction: /* @__PURE__ */ nullable(real) },
  reduceOptions,
)

function varianceOf(call: string, x: Tensor, axes: Axes | undefined, options: MaskedVarianceOptions): Tensor {
  const { keepdim = false, unbiased, correction = null, ...given } = options
  if (unbiased !== undefined && correction !== null)
    throw new ArgumentError(`masked.${call}: only one of unbiased and correction may be given`)
  const lost = correction ?? (unbiased === false ? 0 : 1)
  const kept = keptOf(call, x, given)
  const list = axesOf(x, axes)
  const average = total(kept, list, true).div(counted(kept, list, true))
  const squares = { ...kept, x: square(kept.x.sub(average)) }
  const n = counted(kept, list, keepdim)
  return total(squares, list, keepdim).div(lost === 0 ? n : clampMin(n.sub(lost), 0))
}

/** The variance of the elements that count: see {@link sum}. */
const variance = (x: Tensor, axes?: Axes, options?: MaskedVarianceOptions): Tensor =>
  varianceOf('var', x, axes, takeOptions('masked.var', varianceOptions, options))
export { variance as var }

/** The standard deviation of the elements that count: see {@link sum}. */
export const std = (x: Tensor, axes?: Axes, options?: MaskedVarianceOptions): Tensor =>
  sqrt(varianceOf('std', x, axes, takeOptions('masked.std', varianceOptions, options)))

/** The logarithm of the sum of exponentials of the elements that count: see {@link sum}. */
export function logsumexp(x: Tensor, axes?: Axes, options?: MaskedReduceOptions): Tensor {
  const { keepdim = false, ...given } = takeOptions('masked.logsumexp', reduceOptions, options)
  const kept = keptOf('logsumexp', x, given)
  return logsumexpOf(filled(kept, lowest(kept.x.dtype)), axesOf(x, axes), { keepdim })
}

const along = (
  call: string,
  x: Tensor,
  options: MaskedOptions | undefined,
  value: (dtype: DType) => number,
): Tensor => {
  const kept = keptOf(call, x, takeOptions(`masked.${call}`, maskedOptions, options))
  return filled(kept, value(kept.x.dtype))
}

/** Softmax over the elements that count, 0 for the others. */
export const softmax = (x: Tensor, axis: number, options?: MaskedOptions): Tensor =>
  softmaxOf(along('softmax', x, options, lowest), axis)

/** The logarithm of {@link softmax}. */
export const logSoftmax = (x: Tensor, axis: number, options?: MaskedOptions): Tensor =>
  logSoftmaxOf(along('logSoftmax', x, options, lowest), axis)

/** {@link softmax} of negated elements. */
export const softmin = (x: Tensor, axis: number, options?: MaskedOptions): Tensor =>
  softmaxOf(neg(along('softmin', x, options, highest)), axis)

/** Running sum of the elements that count. */
export const cumsum = (x: Tensor, axis: number, options?: MaskedOptions): Tensor => {
  const y = along('cumsum', x, options, () => 0)
  return cumsumOf(y, axis, { dtype: y.dtype })
}

/** Running product of the elements that count. */
export const cumprod = (x: Tensor, axis: number, options?: MaskedOptions): Tensor => {
  const y = along('cumprod', x, options, () => 1)
  return cumprodOf(y, axis, { dtype: y.dtype })
}

/** Options of {@link normalize}. */
export interface MaskedNormalizeOptions extends MaskedOptions {
  /** Smallest norm that a vector is divided by; 1e-12 by default. */
  eps?: number
}
const normalizeOptions = /* @__PURE__ */ defineOptions<MaskedNormalizeOptions, MaskedOptions>(
  { eps: /* @__PURE__ */ atLeast(0) },
  maskedOptions,
)

/** Vectors along an axis divided by their norm, which the elements that count decide; 0 for the others. */
export function normalize(x: Tensor, p: number, axis: number, options?: MaskedNormalizeOptions): Tensor {
  const { eps = 1e-12, ...given } = takeOptions('masked.normalize', normalizeOptions, options)
  const kept = keptOf('normalize', x, given)
  return filled(kept, 0).div(clampMin(norm(kept.x, p, axis, { keepdim: true, mask: kept.mask }), eps))
}

/** Options of {@link logaddexp}. */
export interface MaskedLogaddexpOptions {
  /** bool, true for elements of the first operand that count; all by default. */
  inputMask?: Tensor | null
  /** The same for the second operand. */
  otherMask?: Tensor | null
  /** Converts the operands first. */
  dtype?: DType | null
}
const logaddexpOptions = /* @__PURE__ */ defineOptions<MaskedLogaddexpOptions>({
  inputMask: /* @__PURE__ */ nullable(aTensor),
  otherMask: /* @__PURE__ */ nullable(aTensor),
  dtype: /* @__PURE__ */ nullable(dtypeName),
})

/** `log(exp(x) + exp(y))` of the elements that count: where one alone does, that one. */
export function logaddexp(x: Tensor, y: Tensor, options?: MaskedLogaddexpOptions): Tensor {
  const {
    inputMask = null,
    otherMask = null,
    dtype = null,
  } = takeOptions('masked.logaddexp', logaddexpOptions, options)
  const side = (t: Tensor, mask: Tensor | null): Tensor => {
    const kept = keptOf('logaddexp', t, { mask, dtype })
    return filled(kept, lowest(kept.x.dtype))
  }
  return logaddexpOf(side(x, inputMask), side(y, otherMask))
}
