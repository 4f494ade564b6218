import { isFloat, setGradEnabled, Tensor, tensor, ValueError } from '@gradus/core/functions'
import {
  convert,
  input,
  Layout,
  numOf,
  param,
  Program,
  reduced,
  type Combine,
  type DType,
  type Expr,
  type View,
} from '@gradus/core/backend'
import * as f from '@gradus/core/formula'
import {
  defineOptions,
  describeValue,
  flag,
  kind,
  normFold,
  type NormOrder,
  normOrder,
  real,
  scope,
  takeArgument,
  withDefaults,
  internals,
} from '@gradus/core/internal'

/** How gradients are measured. */
export interface NormOptions {
  /** Which norm: 2 by default; 1, 0 (the number of entries that are not zero), `Infinity`, `-Infinity`, or any other. */
  normType?: number
  /** Throws if the norm is NaN or infinite, before anything is scaled; false by default. */
  errorIfNonfinite?: boolean
}

const normOptions = /* @__PURE__ */ defineOptions<NormOptions>({ normType: real, errorIfNonfinite: flag })

const limit = /* @__PURE__ */ kind<number>('a number of at least 0', (x) => typeof x === 'number' && x >= 0)

type Tensors = Tensor | Iterable<Tensor | null>

function listOf(call: string, given: Tensors): Tensor[] {
  if (given instanceof Tensor) return [given]
  // anything may come from JavaScript
  const x: unknown = given
  const list = typeof x === 'object' && x !== null && Symbol.iterator in x ? [...given] : [x]
  for (const item of list) {
    if (item === null || item instanceof Tensor) continue
    throw new ValueError(`${call} takes a tensor, or an iterable of tensors, got ${describeValue(item)}`, {
      hint: 'the parameters of a model are model.parameters()',
    })
  }
  return list.filter((item) => item instanceof Tensor)
}

// gradients are read as gradus reads them: the public getter would mark them as held by the user
const gradsOf = (call: string, params: Tensors): Tensor[] =>
  listOf(call, params).flatMap((p) => {
    const { gradSlot } = internals(p)
    return gradSlot === null ? [] : [gradSlot]
  })

/**
 * Scales the gradients of `parameters` in place so that their norm, taken together, is at most `maxNorm`:
 * all are multiplied by `min(1, maxNorm / (norm + 1e-6))`.
 *
 * @param maxNorm - from 0 on; Infinity measures only
 * @returns the norm before, a scalar: float64 where a gradient is, else float32. Inside, it is computed in float64
 * @throws ValueError for a norm that is NaN or infinite, with `errorIfNonfinite`; nothing was scaled then
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 * @example
 * const w = g.zeros(2, { requiresGrad: true })
 * w.mul(g.tensor([3, 4])).sum().backward()
 * g.nn.utils.clipGradNorm_([w], 1).item() // => 5
 */
export function clipGradNorm_(parameters: Tensors, maxNorm: number, options?: NormOptions): Tensor {
  takeArgument('clipGradNorm_', 'maxNorm', limit, maxNorm)
  const grads = gradsOf('clipGradNorm_', parameters)
  const total = measure('clipGradNorm_', grads, options)
  scaleTo(grads, maxNorm, total)
  return rounded(total, grads)
}

/**
 * The norm of all tensors taken as one vector: the norm of their norms. 0 for none; null counts for nothing.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html
 */
export function getTotalNorm(tensors: Tensors, options?: NormOptions): Tensor {
  const list = listOf('getTotalNorm', tensors)
  return rounded(measure('getTotalNorm', list, options), list)
}

/** {@link getTotalNorm} as a number: finite wherever all entries are. */
export const totalNorm = (tensors: Tensors): number => {
  const list = listOf('totalNorm', tensors)
  return measure('totalNorm', list).item()
}

/** The norm in float64. */
function measure(call: string, list: readonly Tensor[], options?: NormOptions): Tensor {
  const { normType, errorIfNonfinite } = withDefaults(call, normOptions, options, {
    normType: 2,
    errorIfNonfinite: false,
  })
  const total =
    list.length === 0
      ? tensor(0, { dtype: 'float64' })
      : setGradEnabled(false, () => scope(() => totalOf(list, normType)))
  if (errorIfNonfinite && !Number.isFinite(total.item())) {
    const order = Number.isInteger(normType) ? `${normType}.0` : normType === Infinity ? 'inf' : `${normType}`
    throw new ValueError(
      `The total norm of order ${order} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`errorIfNonfinite: false\``,
    )
  }
  return total
}

const rounded = (total: Tensor, list: readonly Tensor[]): Tensor =>
  list.some((x) => x.dtype === 'float64') ? total : setGradEnabled(false, () => total.to('float32'))

/**
 * Scales the gradients of `parameters` in place by `min(1, maxNorm / (totalNorm + 1e-6))`.
 *
 * @param maxNorm - from 0 on
 * @param totalNorm - a scalar, as {@link getTotalNorm} returns
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grads_with_norm_.html
 */
export function clipGradsWithNorm_(parameters: Tensors, maxNorm: number, totalNorm: Tensor): void {
  takeArgument('clipGradsWithNorm_', 'maxNorm', limit, maxNorm)
  if (!(totalNorm instanceof Tensor) || totalNorm.numel() !== 1 || !isFloat(totalNorm.dtype)) {
    throw new ValueError(
      `clipGradsWithNorm_: totalNorm must be a floating tensor of one element, got ${describeValue(totalNorm)}`,
    )
  }
  scaleTo(gradsOf('clipGradsWithNorm_', parameters), maxNorm, totalNorm)
}

/**
 * Limits every entry of the gradients of `parameters` to `[-clipValue, clipValue]`, in place.
 *
 * @param clipValue - from 0 on
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue_(parameters: Tensors, clipValue: number): void {
  takeArgument('clipGradValue_', 'clipValue', limit, clipValue)
  runOver(gradsOf('clipGradValue_', parameters), clampProgram, (grad) => ({
    operands: [grad, grad],
    params: [clipValue, -clipValue],
  }))
}

/** The factor by which gradients of norm `totalNorm` get at most `maxNorm`. */
export const clipFactor = (maxNorm: number, totalNorm: number): number =>
  Math.min(maxNorm / (totalNorm + 1e-6), 1)

/** Multiplies the gradients of `parameters` by a number, in place. */
export function scaleGrads_(parameters: Tensors, factor: number): void {
  runOver(gradsOf('scaleGrads_', parameters), factorProgram, (grad) => ({
    operands: [grad, grad],
    params: [factor],
  }))
}

// ---- programs

/* @__NO_SIDE_EFFECTS__ */
function cached<A extends readonly string[]>(make: (...key: A) => Program): (...key: A) => Program {
  const made = new Map<string, Program>()
  return (...parts) => {
    const key = parts.join(' ')
    let program = made.get(key)
    if (program === undefined) made.set(key, (program = make(...parts)))
    return program
  }
}

// Powers of float32 fit into float64. Those of float64 are taken of its share of the largest entry.
const normProgram = /* @__PURE__ */ cached((order: NormOrder, from: DType) => {
  const p = param(0, 'f64')
  const { combine, value, norm: finish } = normFold(order, p, f.reciprocal(p))
  const x = convert(input(0, numOf(from)), 'f64')
  const spec = (reductions: { combine: Combine; value: Expr }[], norm: Expr): Program =>
    new Program({
      inputs: [{ dtype: from, over: 'all' }],
      params: ['f64'],
      reductions,
      outputs: [{ dtype: 'float64', value: norm, over: 'outer' }],
    })
  if (from !== 'float64' || (order !== 'two' && order !== 'general'))
    return spec([{ combine, value: value(x) }], finish(reduced(0, 'f64')))
  const largest = reduced(0, 'f64')
  const unit = f.where(f.and(f.gt(largest, 0), f.lt(largest, Infinity)), largest, 1)
  return spec(
    [
      { combine: 'max', value: f.abs(x) },
      { combine, value: value(f.div(x, unit)) },
    ],
    f.mul(finish(reduced(1, 'f64')), unit),
  )
})

/** `min(1, limit / (norm + 1e-6))`. */
const coefficientProgram = /* @__PURE__ */ cached((normDType: DType) => {
  const norm = convert(input(0, numOf(normDType)), 'f64')
  const value = f.min(f.div(param(0, 'f64'), f.add(norm, 1e-6)), 1)
  return new Program({
    inputs: [{ dtype: normDType, over: 'all' }],
    params: ['f64'],
    outputs: [{ dtype: 'float64', value, over: 'all' }],
  })
})

const scaleProgram = /* @__PURE__ */ cached((dtype: DType, coefficient: DType) => {
  const num = numOf(dtype)
  const factor = convert(input(1, numOf(coefficient)), num)
  return new Program({
    inputs: [
      { dtype, over: 'all' },
      { dtype: coefficient, over: 'scalar' },
    ],
    outputs: [{ dtype, value: f.mul(input(0, num), factor), over: 'all' }],
  })
})

const factorProgram = /* @__PURE__ */ cached((dtype: DType) => {
  const num = numOf(dtype)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    params: [num],
    outputs: [{ dtype, value: f.mul(input(0, num), param(0, num)), over: 'all' }],
  })
})

const clampProgram = /* @__PURE__ */ cached((dtype: DType) => {
  const num = numOf(dtype)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    params: [num, num],
    outputs: [{ dtype, value: f.max(f.min(input(0, num), param(0, num)), param(1, num)), over: 'all' }],
  })
})

function totalOf(list: readonly Tensor[], order: number): Tensor {
  const fold = normOrder(order)
  const norms = internals(list[0]).make([list.length], 'float64')
  // one run per dtype over all tensors, each norm into its place
  for (const from of new Set(list.map((x) => x.dtype))) {
    if (!isFloat(from)) throw new ValueError(`norms are of floating tensors, got ${from}`)
    const bindings = list.flatMap((x, i) => {
      if (x.dtype !== from) return []
      const out: View = { storage: norms.storage, dtype: 'float64', layout: new Layout([], [], i) }
      return [{ outer: [], inner: x.shape, operands: [x, out], params: [order] }]
    })
    norms.backend.run(normProgram(fold, from), bindings)
  }
  const total = internals(norms).make([], 'float64')
  const outer = { outer: [], inner: norms.shape, operands: [norms, total], params: [order] }
  norms.backend.run(normProgram(fold, 'float64'), [outer])
  return total
}

function scaleTo(grads: readonly Tensor[], maxNorm: number, norm: Tensor): void {
  if (grads.length === 0) return
  scope(() => {
    const given = internals(norm).make([], 'float64')
    const operands = [norm.reshape([]).detach(), given]
    norm.backend.run(coefficientProgram(norm.dtype), [{ outer: [], inner: [], operands, params: [maxNorm] }])
    const coefficient = given.to('float32')
    runOver(
      grads,
      (dtype) => scaleProgram(dtype, dtype === 'float64' ? 'float64' : 'float32'),
      (grad) => ({ operands: [grad, grad.dtype === 'float64' ? given : coefficient, grad], params: [] }),
    )
  })
}

/** Runs a map over many tensors in place: one run per dtype. */
function runOver(
  list: readonly Tensor[],
  program: (dtype: DType) => Program,
  bind: (x: Tensor) => { operands: readonly View[]; params: readonly number[] },
): void {
  for (const dtype of new Set(list.map((x) => x.dtype))) {
    const chosen = list.filter((x) => x.dtype === dtype)
    chosen[0].backend.run(
      program(dtype),
      chosen.map((x) => ({ outer: x.shape, inner: [], ...bind(x) })),
    )
    for (const x of chosen) internals(x).counter.value++
  }
}
