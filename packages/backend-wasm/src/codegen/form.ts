import type { Axis, DType, Num, Over, Program } from '@gradus/core/backend'
import { bytesOf, dtypeOfNum, nodesOf } from '@gradus/core/backend'

/** How an operand lies along the vector axis: element by element, the same element, or with any other stride. */
export type Access = 'unit' | 'constant' | 'strided'

/**
 * The shape of a kernel's loops; sizes and strides are given at each call.
 *
 * A call runs units one after the other. A unit is a position of the outer axes; in `column` form a run of neighbouring
 * positions of the vector axis, one per lane; with `split`, only a segment of the first inner axis. In `row` form the vector
 * axis is the innermost inner axis. A map is in row form without inner axes: all but the vector axis count as outer.
 *
 * The `band` form is the partial one of many columns: it walks along the vector axis too, a few inner positions at a time, and
 * folds into the partial results in memory. Memory is then read in its own order.
 */
export interface Form {
  readonly mode: 'row' | 'column' | 'band'
  readonly outerAxes: number
  /** Loops inside a unit, the vector axis of row form not counted. */
  readonly innerAxes: number
  readonly split: boolean
  /** Whether it writes the reductions of each segment, to be folded by {@link combining}. */
  readonly partial: boolean
  /** Of the inputs, then of the outputs (or of the partial reductions), then of the positions. */
  readonly access: readonly Access[]
}

/** The most columns of a unit in band form: their partial results stay in the first-level cache. */
export const bandColumns = 1024

/** A text that is equal for equal forms. */
export const keyOf = (form: Form): string =>
  `${form.mode} ${form.outerAxes} ${form.innerAxes} ${form.split ? 's' : ''}${form.partial ? 'p' : ''} ${form.access.map((a) => a[0]).join('')}`

/** Something a kernel walks over: an input, an output, a partial result, or the position along an axis. */
export interface Operand {
  readonly kind: 'input' | 'output' | 'position'
  readonly dtype: DType
  readonly over: Over
  readonly access: Access
  /** The unit of its strides: bytes of one element, or 1 for a position. */
  readonly unit: number
}

/** No reductions, and nothing written per row: all axes are alike. */
export const isMap = (program: Program): boolean =>
  program.reductions.length === 0 && program.outputs.every(({ over }) => over === 'all')

/** Every formula of a program. */
export const formulas = (program: Program) => [
  ...program.reductions.map((r) => r.value),
  ...program.outputs.map((o) => o.value),
  ...program.checks.map((c) => c.fail),
]

const sameAxis = (a: Axis, b: Axis): boolean => a.of === b.of && a.axis === b.axis

function axesAskedFor(program: Program, op: 'index' | 'size'): Axis[] {
  const axes: Axis[] = []
  for (const e of nodesOf(formulas(program))) {
    if (e.op === op && !axes.some((a) => sameAxis(a, e.of))) axes.push(e.of)
  }
  return axes
}

/** The facts about a program that the planner needs at each call, found once. */
export interface Demands {
  readonly map: boolean
  /** Axes whose positions are asked for: operands of their own, after the outputs. */
  readonly positions: readonly Axis[]
  /** Axes whose lengths are asked for. */
  readonly sizes: readonly Axis[]
  /** Whether its reductions may be folded piece by piece. */
  readonly splits: boolean
}

export function demandsOf(program: Program): Demands {
  const { reductions, outputs, levels } = program
  return {
    map: isMap(program),
    positions: axesAskedFor(program, 'index'),
    sizes: axesAskedFor(program, 'size'),
    splits:
      reductions.length > 0 && levels.every((l) => l === 1) && outputs.every(({ over }) => over === 'outer'),
  }
}

export const positionOf = (demands: Demands, axis: Axis): number =>
  demands.positions.findIndex((a) => sameAxis(a, axis))
export const sizeOf = (demands: Demands, axis: Axis): number =>
  demands.sizes.findIndex((a) => sameAxis(a, axis))

/** The dtype of a partial reduction: sums of float32 are carried in float64, except sums of a few rows. */
export const partialDType = (combine: string, num: Num, mode: Form['mode']): DType =>
  combine === 'sum' && num === 'f32' && mode !== 'band' ? 'float64' : dtypeOfNum[num]

/** The operands of a kernel, in the order of its argument block. */
export function operandsOf(program: Program, demands: Demands, form: Form): Operand[] {
  const overOf = (over: Over): Over => (demands.map ? 'all' : over)
  const outputs = form.partial
    ? program.reductions.map((r) => ({
        dtype: partialDType(r.combine, r.value.type, form.mode),
        over: 'outer' as const,
      }))
    : program.outputs
  const list: Omit<Operand, 'access'>[] = [
    ...program.inputs.map(({ dtype, over }) => ({
      kind: 'input' as const,
      dtype,
      over: overOf(over),
      unit: bytesOf(dtype),
    })),
    ...outputs.map(({ dtype, over }) => ({
      kind: 'output' as const,
      dtype,
      over: overOf(over),
      unit: bytesOf(dtype),
    })),
    ...demands.positions.map(({ of }) => ({
      kind: 'position' as const,
      dtype: 'int32' as const,
      over: overOf(of === 'outer' ? 'outer' : 'all'),
      unit: 1,
    })),
  ]
  return list.map((operand, i) => ({ ...operand, access: form.access[i] }))
}

/** Axes that a unit's number is made of: outer ones, segments, runs of columns. */
export const unitAxesOf = (form: Form): number =>
  form.outerAxes + (form.split ? 1 : 0) + (form.mode === 'row' ? 0 : 1)
