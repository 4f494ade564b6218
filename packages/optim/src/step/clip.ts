import { isFloat, Layout, setGradEnabled, Tensor, tensor, ValueError } from '@gradus/core'
import { scope } from '@gradus/core/internal'
import {
  convert,
  input,
  numOf,
  param,
  Program,
  reduced,
  type DType,
  type Expr,
  type View,
} from '@gradus/core/backend'
import * as f from '@gradus/core/formula'

/** How gradients are measured. */
export interface NormOptions {
  /** Which norm: 2 by default; 1, 0 (the number of entries that are not zero), `Infinity`, `-Infinity`, or any other. */
  normType?: number
  /** Throws if the norm is NaN or infinite, before anything is scaled; false by default. */
  errorIfNonfinite?: boolean
}

type Tensors = Tensor | Iterable<Tensor | null>

const listOf = (x: Tensors): Tensor[] => (x instanceof Tensor ? [x] : [...x].filter((y) => y !== null))
// gradients are read as gradus reads them: the public getter would mark them as held by the user
const gradsOf = (params: Tensors): Tensor[] =>
  listOf(params).flatMap((p) => (p.gradSlot === null ? [] : [p.gradSlot]))

/**
 * Scales the gradients of `parameters` in place so that their norm, taken together, is at most `maxNorm`:
 * all are multiplied by `min(1, maxNorm / (norm + 1e-6))`.
 *
 * @returns the norm before, a scalar; float32 for half-precision gradients, which would overflow
 * @throws ValueError for a norm that is NaN or infinite, with `errorIfNonfinite`; nothing was scaled then
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 * @example
 * const w = g.zeros(2, { requiresGrad: true })
 * w.mul(g.tensor([3, 4])).sum().backward()
 * g.nn.utils.clipGradNorm_([w], 1).item() // => 5
 */
export function clipGradNorm_(parameters: Tensors, maxNorm: number, options: NormOptions = {}): Tensor {
  const grads = gradsOf(parameters)
  const total = getTotalNorm(grads, options)
  scaleTo(grads, maxNorm, total)
  return total
}

/**
 * The norm of all tensors taken as one vector: the norm of their norms. 0 for none; null counts for nothing.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html
 */
export function getTotalNorm(
  tensors: Tensors,
  { normType = 2, errorIfNonfinite = false }: NormOptions = {},
): Tensor {
  const list = listOf(tensors)
  const total = list.length === 0 ? tensor(0) : recordNothing(() => scope(() => totalOf(list, normType)))
  if (errorIfNonfinite && !Number.isFinite(total.item())) {
    const order = Number.isInteger(normType) ? `${normType}.0` : normType === Infinity ? 'inf' : `${normType}`
    throw new ValueError(
      `The total norm of order ${order} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`error_if_nonfinite=False\``,
    )
  }
  return total
}

/**
 * Scales the gradients of `parameters` in place by `min(1, maxNorm / (totalNorm + 1e-6))`.
 *
 * @param totalNorm - a scalar, as {@link getTotalNorm} returns
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grads_with_norm_.html
 */
export function clipGradsWithNorm_(parameters: Tensors, maxNorm: number, totalNorm: Tensor): void {
  scaleTo(gradsOf(parameters), maxNorm, totalNorm)
}

/**
 * Limits every entry of the gradients of `parameters` to `[-clipValue, clipValue]`, in place.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue_(parameters: Tensors, clipValue: number): void {
  runOver(
    gradsOf(parameters),
    (dtype) => clampProgram('clamp', dtype, dtype),
    (grad) => ({ operands: [grad, grad], params: [clipValue, -clipValue] }),
  )
}

/** What gradients of norm `totalNorm` are multiplied by to have at most `maxNorm`. */
export const clipFactor = (maxNorm: number, totalNorm: number): number =>
  Math.min(maxNorm / (totalNorm + 1e-6), 1)

/** Multiplies the gradients of `parameters` by a number, in place. */
export function scaleGrads_(parameters: Tensors, factor: number): void {
  runOver(
    gradsOf(parameters),
    (dtype) => factorProgram('factor', dtype, dtype),
    (grad) => ({ operands: [grad, grad], params: [factor] }),
  )
}

// ---- programs

const cached = <P>(make: (fold: string, from: DType, to: DType) => P): typeof make => {
  const made = new Map<string, P>()
  return (fold, from, to) => {
    const key = `${fold} ${from} ${to}`
    let value = made.get(key)
    if (value === undefined) made.set(key, (value = make(fold, from, to)))
    return value
  }
}

/** What an order of norm adds up, and what makes the norm of it. */
interface Fold {
  combine: 'sum' | 'max' | 'min'
  value(x: Expr, order: Expr): Expr
  result(folded: Expr, order: Expr): Expr
}
const same = (x: Expr): Expr => x
const notZero = (x: Expr): Expr => convert(f.ne(x, 0), x.type)
const folds: Record<string, Fold> = {
  '2': { combine: 'sum', value: f.square, result: f.sqrt },
  '1': { combine: 'sum', value: f.abs, result: same },
  '0': { combine: 'sum', value: notZero, result: same },
  Infinity: { combine: 'max', value: f.abs, result: same },
  '-Infinity': { combine: 'min', value: f.abs, result: same },
  other: {
    combine: 'sum',
    value: (x, order) => f.pow(f.abs(x), order),
    result: (s, order) => f.pow(s, f.reciprocal(order)),
  },
}

const normProgram = /* @__PURE__ */ cached((fold, from, to) => {
  const num = numOf(to)
  const order = param(0, num)
  const { combine, value, result } = folds[fold]
  const folded = reduced(0, num)
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    params: [num],
    reductions: [{ combine, value: value(convert(input(0, numOf(from)), num), order) }],
    outputs: [{ dtype: to, value: result(folded, order), over: 'outer' }],
  })
})

const scaleProgram = /* @__PURE__ */ cached((_, dtype, normDType) => {
  const num = numOf(dtype)
  const limit = param(0, num)
  const norm = convert(input(1, numOf(normDType)), num)
  const coefficient = f.min(f.div(limit, f.add(norm, param(1, num))), 1)
  return new Program({
    inputs: [
      { dtype, over: 'all' },
      { dtype: normDType, over: 'scalar' },
    ],
    params: [num, num],
    outputs: [{ dtype, value: f.mul(input(0, num), coefficient), over: 'all' }],
  })
})

const factorProgram = /* @__PURE__ */ cached((_, dtype) => {
  const num = numOf(dtype)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    params: [num],
    outputs: [{ dtype, value: f.mul(input(0, num), param(0, num)), over: 'all' }],
  })
})

const clampProgram = /* @__PURE__ */ cached((_, dtype) => {
  const num = numOf(dtype)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    params: [num, num],
    outputs: [{ dtype, value: f.max(f.min(input(0, num), param(0, num)), param(1, num)), over: 'all' }],
  })
})

function totalOf(list: readonly Tensor[], order: number): Tensor {
  const dtype: DType = list.some((x) => x.dtype === 'float64') ? 'float64' : 'float32'
  const fold = String(order) in folds ? String(order) : 'other'
  const norms = list[0].make([list.length], dtype)
  // one run per dtype over all tensors, each norm into its place
  for (const from of new Set(list.map((x) => x.dtype))) {
    if (!isFloat(from)) throw new ValueError(`norms are of floating tensors, got ${from}`)
    const bindings = list.flatMap((x, i) => {
      if (x.dtype !== from) return []
      const out: View = { storage: norms.storage, dtype, layout: new Layout([], [], i) }
      return [{ outer: [], inner: x.shape, operands: [x, out], params: [order] }]
    })
    norms.backend.run(normProgram(fold, from, dtype), bindings)
  }
  const total = norms.make([], dtype)
  const outer = { outer: [], inner: norms.shape, operands: [norms, total], params: [order] }
  norms.backend.run(normProgram(fold, dtype, dtype), [outer])
  return total
}

function scaleTo(grads: readonly Tensor[], maxNorm: number, totalNorm: Tensor): void {
  runOver(
    grads,
    (dtype) => scaleProgram('scale', dtype, totalNorm.dtype),
    (grad) => ({ operands: [grad, totalNorm, grad], params: [maxNorm, 1e-6] }),
  )
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
    for (const x of chosen) x.counter.value++
  }
}

function recordNothing<T>(fn: () => T): T {
  const before = setGradEnabled(false)
  try {
    return fn()
  } finally {
    setGradEnabled(before)
  }
}
