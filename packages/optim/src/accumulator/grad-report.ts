import { Layout, ValueError, type DType, type Shape, type Tensor } from '@gradus/core/functions'
import { atLeast, defineOptions, functionKind, scope, withDefaults, internals } from '@gradus/core/internal'
import {
  binary,
  constant,
  convert,
  input,
  numOf,
  Program,
  reduced,
  select,
  unary,
  type Combine,
  type Expr,
  type View,
} from '@gradus/core/backend'
import { printed } from './printed.ts'
import type { Model } from './types.ts'

/** The gradient of one parameter in numbers. */
export interface GradRow {
  /** Path of the parameter. */
  name: string
  shape: Shape
  /** Dtype of the gradient; null where there is none. */
  dtype: DType | null
  norm: number
  /** Smallest and largest finite entry; NaN where there is none. */
  min: number
  max: number
  /** Share of entries that are 0, from 0 to 1. */
  zeros: number
  /** Share of entries that are inf or NaN. */
  nonFinite: number
}

/** The gradients of a model in numbers; printed, as by `console.log` in Node, a table. */
export interface GradReport {
  rows: GradRow[]
  /** Norm over all parameters together. */
  norm: number
  /** Shares over all entries. */
  zeros: number
  nonFinite: number
  toString(): string
}

/** Options of {@link gradReport}. */
export interface GradReportOptions {
  /** The divisor of the gradients: a loss scale, or `accumulator.gradScale` in the middle of a window; 1 by default. */
  scale?: number
  /**
   * Runs one `backward()`, and the report is about the gradients that it alone brings, before they are added to `.grad`: one
   * micro-batch of a window. They are in the units that `backward()` was called in.
   */
  during?: () => void
}

const reportOptions = /* @__PURE__ */ defineOptions<GradReportOptions>({
  scale: atLeast(0, { exclusive: true }),
  during: functionKind<() => void>(),
})

/**
 * Norm, extremes, and shares of zeros and of non-finite entries of the gradient of each parameter.
 *
 * @throws ValueError if `during` brings a parameter more than one gradient
 * @example
 * const model = new g.nn.Linear(2, 1, { bias: false })
 * model(g.tensor([[3, 4]])).sum().backward()
 * const report = g.optim.gradReport(model)
 * report.norm // => 5
 * report.rows[0].max // => 4
 */
export function gradReport(model: Model, options?: GradReportOptions): GradReport {
  const { scale, during } = withDefaults('gradReport', reportOptions, options, { scale: 1 })
  const named = model.namedParameters()
  if (!during) return reportOf(measured(named.map(([name, p]) => [name, p, internals(p).gradSlot])), scale)
  const rows = new Map<Tensor, Measured>()
  const hooks = named
    .filter(([, p]) => p.requiresGrad)
    .map(([name, p]) =>
      p.registerHook((grad) => {
        if (rows.has(p))
          throw new ValueError(`${name} got a second gradient: a report is about one backward()`)
        rows.set(p, measured([[name, p, grad]])[0])
      }),
    )
  try {
    during()
  } finally {
    for (const hook of hooks) hook.remove()
  }
  return reportOf(
    named.map(([name, p]) => rows.get(p) ?? { name, p, grad: null, numbers: [] }),
    scale,
  )
}

interface Measured {
  name: string
  p: Tensor
  grad: DType | null
  /** Sum of squares, smallest, largest, zeros, non-finite entries. */
  numbers: readonly number[]
}

const count = 5

const isFinite = (x: Expr): Expr => binary('lt', unary('abs', x), constant(Infinity, x.type))
const one = (c: Expr): Expr => convert(c, 'f64')

const programs = new Map<DType, Program>()
function programFor(dtype: DType): Program {
  const known = programs.get(dtype)
  if (known) return known
  const x = convert(input(0, numOf(dtype)), 'f64')
  const finiteOr = (value: number): Expr => select(isFinite(x), x, constant(value, 'f64'))
  const folds: [Combine, Expr][] = [
    ['sum', binary('mul', x, x)],
    ['min', finiteOr(Infinity)],
    ['max', finiteOr(-Infinity)],
    ['sum', one(binary('eq', x, constant(0, 'f64')))],
    ['sum', one(unary('not', isFinite(x)))],
  ]
  const program = new Program({
    inputs: [{ dtype, over: 'all' }],
    reductions: folds.map(([combine, value]) => ({ combine, value })),
    outputs: folds.map((_, i) => ({ dtype: 'float64', value: reduced(i, 'f64'), over: 'outer' })),
  })
  programs.set(dtype, program)
  return program
}

/** The numbers of all gradients, read at once. */
function measured(list: readonly (readonly [string, Tensor, Tensor | null])[]): Measured[] {
  const grads = list.flatMap(([, , grad]) => grad ?? [])
  const all = scope(() => {
    if (grads.length === 0) return []
    const out = internals(grads[0]).make([grads.length, count], 'float64')
    grads.forEach((grad, i) => {
      const cells = Array.from({ length: count }, (_, k): View => {
        return { storage: out.storage, dtype: 'float64', layout: new Layout([], [], i * count + k) }
      })
      out.backend.run(programFor(grad.dtype), [
        { outer: [], inner: grad.shape, operands: [grad, ...cells], params: [] },
      ])
    })
    return Array.from(out.readSync(), Number)
  })
  return list.map(([name, p, grad]) => {
    const at = grad === null ? 0 : grads.indexOf(grad) * count
    return { name, p, grad: grad?.dtype ?? null, numbers: grad === null ? [] : all.slice(at, at + count) }
  })
}

function reportOf(list: readonly Measured[], scale: number): GradReport {
  let [squares, zeros, nonFinite, entries] = [0, 0, 0, 0]
  const rows = list.map(({ name, p, grad, numbers }): GradRow => {
    const n = p.numel()
    const base = { name, shape: p.shape, dtype: grad }
    if (grad === null || n === 0) return { ...base, norm: 0, min: NaN, max: NaN, zeros: 0, nonFinite: 0 }
    const [square, min, max, zero, broken] = numbers
    squares += square
    zeros += zero
    nonFinite += broken
    entries += n
    const finite = broken < n
    return {
      ...base,
      norm: Math.sqrt(square) / scale,
      min: finite ? min / scale : NaN,
      max: finite ? max / scale : NaN,
      zeros: zero / n,
      nonFinite: broken / n,
    }
  })
  const total = {
    norm: Math.sqrt(squares) / scale,
    zeros: entries === 0 ? 0 : zeros / entries,
    nonFinite: entries === 0 ? 0 : nonFinite / entries,
  }
  return printed({ rows, ...total, toString: () => tableOf(rows, total) })
}

const short = (x: number): string => (Number.isNaN(x) ? 'nan' : x === 0 ? '0' : x.toExponential(2))
const percent = (x: number): string => `${(100 * x).toFixed(x > 0 && x < 0.001 ? 3 : 1)}%`

function tableOf(rows: readonly GradRow[], total: Pick<GradReport, 'norm' | 'zeros' | 'nonFinite'>): string {
  const lines = [
    ['parameter', 'shape', 'norm', 'min', 'max', 'zeros', 'non-finite'],
    ...rows.map((r) => [
      r.name,
      `[${r.shape.join(', ')}]`,
      ...(r.dtype === null
        ? ['none', '', '', '', '']
        : [short(r.norm), short(r.min), short(r.max), percent(r.zeros), percent(r.nonFinite)]),
    ]),
    ['all', '', short(total.norm), '', '', percent(total.zeros), percent(total.nonFinite)],
  ]
  const widths = lines[0].map((_, k) => Math.max(...lines.map((line) => line[k].length)))
  return lines
    .map((line) =>
      line
        .map((cell, k) => (k < 2 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
