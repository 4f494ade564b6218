import type { Axis, Layout, Program } from '@gradus/core/backend'
import { bytesOf, rowMajorStrides } from '@gradus/core/backend'
import { simplify, sizeOfAxes, type LoopAxis } from './axes.ts'
import { bandColumns, partialDType, type Access, type Demands, type Form } from './form.ts'
import { kernelBlock, operandAt } from './kernel-block.ts'

/** Most elements of a chunk. */
export const chunkElements = 65536
/** Elements of one operand in a segment of a row that is reduced in parts. */
const segmentElements = 16384
/** Inner elements of a segment that is reduced by columns, and from how many on there are segments. */
const segmentRows = 2048
/** From how many columns, rows and elements on there are bands, and the most rows that are summed in float32. */
const band = { columns: 512, least: 16, elements: 65536, most: 128 } as const

/** The operands of a run, as far as they decide the loops. */
export interface Space {
  readonly outer: readonly number[]
  readonly inner: readonly number[]
  /** Of the inputs, then of the outputs. */
  readonly layouts: readonly Layout[]
}

/** The length of an axis, or of all axes of its group. */
export const lengthOf = (space: Space, { of, axis }: Axis): number =>
  axis === 'flat' ? space[of].reduce((a, b) => a * b, 1) : space[of][axis]

/** An argument block but for addresses and params, and how to cut the work. */
export interface Plan {
  readonly form: Form
  /** Words of the block; where an operand's address goes stands its offset in bytes. */
  readonly words: Int32Array
  /** Words at which operands' addresses are; those of positions are not among them. */
  readonly addresses: readonly number[]
  /** Word with the address that checks write to. */
  readonly flag: number
  /** Byte at which the params begin. */
  readonly params: number
  readonly bytes: number
  readonly chunks: number
  /**
   * Operands that are neither dense nor constant along the vector axis: they are right, but taken one element at a time.
   * Large ones are faster copied to dense memory before (inputs) or after (outputs).
   */
  readonly strided: readonly number[]
  /** In partial form: how many parts each reduction has. */
  readonly segments: number
}

interface Loops {
  readonly mode: 'row' | 'column'
  readonly outer: LoopAxis[]
  readonly inner: LoopAxis[]
  readonly lane: LoopAxis
}

/** Chooses the loops for a program on operands that lie in a certain way. `columns` answers how many a form takes at once. */
export function planLoops(
  program: Program,
  demands: Demands,
  space: Space,
  columns: (form: Form) => number,
): Plan {
  const inner = space.inner.reduce((a, b) => a * b, 1)
  const outer = space.outer.reduce((a, b) => a * b, 1)
  const ways: Parts[] = []
  if (demands.splits && inner * outer >= band.elements) ways.push('bands')
  if (demands.splits && inner > segmentRows) ways.push('segments')
  for (const parts of ways) {
    const plan = planForm(program, demands, space, columns, parts)
    if (plan) return plan
  }
  const plan = planForm(program, demands, space, columns, 'none')
  if (!plan) throw new Error('a program that is not split has a plan')
  return plan
}

/** How a reduction is cut into partial results. */
type Parts = 'none' | 'segments' | 'bands'

function planForm(
  program: Program,
  demands: Demands,
  space: Space,
  columns: (form: Form) => number,
  parts: Parts,
): Plan | undefined {
  const partial = parts !== 'none'
  const mode = parts === 'bands' ? 'band' : 'row'
  const { inputs } = program
  const outerCount = space.outer.length
  const outputs = partial
    ? program.reductions.map((r) => ({
        bytes: bytesOf(partialDType(r.combine, r.value.type, mode)),
        over: 'outer' as const,
      }))
    : program.outputs.map(({ dtype, over }) => ({ bytes: bytesOf(dtype), over }))
  const partStrides = rowMajorStrides(space.outer)
  const real = inputs.length + outputs.length
  const count = real + demands.positions.length
  const offsets: number[] = []
  const axes: LoopAxis[] = [...space.outer, ...space.inner].map((size) => ({
    size,
    strides: new Array<number>(count),
  }))
  for (let o = 0; o < real; o++) {
    const isInput = o < inputs.length
    const over = isInput ? inputs[o].over : outputs[o - inputs.length].over
    const bytes = isInput ? bytesOf(inputs[o].dtype) : outputs[o - inputs.length].bytes
    const own = over === 'all' ? axes.length : over === 'outer' ? outerCount : 0
    const isPart = partial && !isInput
    const strides = isPart ? partStrides : space.layouts[o].strides
    for (let a = 0; a < axes.length; a++) axes[a].strides[o] = a < own ? strides[a] * bytes : 0
    offsets.push(isPart ? 0 : space.layouts[o].offset * bytes)
  }
  demands.positions.forEach(({ of, axis }, p) => {
    const group = of === 'outer' ? space.outer : space.inner
    const first = of === 'outer' ? 0 : outerCount
    const flat = axis === 'flat' ? rowMajorStrides(group) : group.map((_, a) => (a === axis ? 1 : 0))
    for (let a = 0; a < axes.length; a++) axes[a].strides[real + p] = flat[a - first] ?? 0
    offsets.push(0)
  })
  const loops = demands.map
    ? mapLoops(program, axes, real, offsets)
    : rowOrColumnLoops(program, axes.slice(0, outerCount), axes.slice(outerCount), real, offsets)
  return assemble(program, demands, space, loops, { parts, real, offsets, columns })
}

function mapLoops(program: Program, axes: LoopAxis[], real: number, offsets: number[]): Loops {
  const all = simplify(axes, real, program.inputs.length, offsets)
  if (all.length === 0) all.push({ size: 1, strides: offsets.map(() => 0) })
  const at = bestLane(all, program, real, -1).at
  const [lane] = all.splice(at, 1)
  return { mode: 'row', outer: all, inner: [], lane }
}

function rowOrColumnLoops(
  program: Program,
  outerAxes: LoopAxis[],
  innerAxes: LoopAxis[],
  real: number,
  offsets: number[],
): Loops {
  const first = program.inputs.findIndex(({ over }) => over === 'all')
  const outer = simplify(outerAxes, real, first, offsets)
  const inner = simplify(innerAxes, real, first, offsets)
  if (inner.length === 0) inner.push({ size: 1, strides: offsets.map(() => 0) })
  const row = bestLane(inner, program, real, -1)
  const column = bestLane(outer, program, real, -1)
  // short rows would each take a whole run; lanes that are rows are then better even if loaded one by one
  const short = sizeOfAxes(inner) < 8 && column.at >= 0 && outer[column.at].size >= 8
  if (short || column.score > row.score) {
    const [lane] = outer.splice(column.at, 1)
    return { mode: 'column', outer, inner, lane }
  }
  const [lane] = inner.splice(row.at, 1)
  return { mode: 'row', outer, inner, lane }
}

// the axis along which most memory lies element by element; outputs count more, as they are written
function bestLane(
  axes: readonly LoopAxis[],
  program: Program,
  real: number,
  none: number,
): { at: number; score: number } {
  let best = { at: none, score: -1 }
  axes.forEach(({ size, strides }, at) => {
    let score = 0
    for (let o = 0; o < real; o++) {
      const isInput = o < program.inputs.length
      const operand = isInput ? program.inputs[o] : program.outputs[o - program.inputs.length]
      if (operand?.over !== 'all') continue
      const weight = isInput ? 2 : 3
      if (strides[o] === bytesOf(operand.dtype)) score += weight
      else if (strides[o] === 0) score += 0.5 * weight
    }
    if (size < 4) score *= 0.25
    if (score > best.score || (score === best.score && size > axes[best.at].size)) best = { at, score }
  })
  return best
}

interface Rest {
  parts: Parts
  real: number
  offsets: readonly number[]
  columns: (form: Form) => number
}

function assemble(
  program: Program,
  demands: Demands,
  space: Space,
  loops: Loops,
  rest: Rest,
): Plan | undefined {
  const { outer, inner, lane } = loops
  const { parts, real, offsets } = rest
  const partial = parts !== 'none'
  const mode = parts === 'bands' ? 'band' : loops.mode
  const part = partial ? mode : undefined
  const innerElements = sizeOfAxes(inner) * (mode === 'row' ? lane.size : 1)
  const first = inner[0] ?? lane
  const below = first.size === 0 ? 1 : innerElements / first.size
  const splitLength = splitLengthOf(demands, loops, parts, innerElements, below)
  if (splitLength === undefined) return undefined
  const split = splitLength > 0
  const segments = split ? Math.ceil(first.size / splitLength) : 1
  const access = accessOf(program, lane, part, real)
  const form: Form = { mode, outerAxes: outer.length, innerAxes: inner.length, split, partial, access }
  const block = kernelBlock(program, demands, form, offsets.length)
  const width = mode === 'row' ? 1 : rest.columns(form)
  const unitAxes: LoopAxis[] = [...outer]
  if (split) unitAxes.push(segmentAxis(program, space, first, segments, splitLength, part, real))
  if (mode !== 'row')
    unitAxes.push({ size: Math.ceil(lane.size / width), strides: lane.strides.map((s) => s * width) })
  const units = sizeOfAxes(unitAxes)
  const segmentSize = split ? Math.min(first.size, splitLength) * below : innerElements
  const elementsPerUnit = Math.max(1, segmentSize * Math.min(width, lane.size))
  const unitsPerChunk = Math.max(1, Math.floor(chunkElements / elementsPerUnit))
  const axes = [...unitAxes, ...inner, lane]
  const words = block.list({
    units,
    unitsPerChunk,
    splitTotal: first.size,
    // a map has it without being split
    splitLength: demands.map ? chunkElements : splitLength,
    lanes: lane.size,
    unitSizes: unitAxes.map(({ size }) => size),
    innerSizes: inner.map(({ size }) => size),
    sizes: demands.sizes.map((axis) => lengthOf(space, axis)),
    operands: offsets.flatMap((offset, o) => [offset, ...axes.map(({ strides }) => strides[o])]),
  })
  return {
    form,
    words: Int32Array.from(words),
    addresses: Array.from({ length: real }, (_, o) => operandAt(block, o)),
    flag: block.at.flag,
    params: block.params,
    bytes: block.bytes,
    chunks: Math.ceil(units / unitsPerChunk),
    strided: access.flatMap((a, o) => (o < real && a === 'strided' ? [o] : [])),
    segments,
  }
}

/** Length of a segment of the first inner axis, 0 where it is not split; undefined where these parts do not pay. */
function splitLengthOf(
  demands: Demands,
  { mode, outer, lane }: Loops,
  parts: Parts,
  innerElements: number,
  below: number,
): number | undefined {
  if (demands.map) return outer.length === 0 || lane.size > chunkElements ? chunkElements : 0
  if (parts === 'none') return 0
  if (parts === 'bands') {
    const fits = mode === 'column' && lane.size >= band.columns && innerElements >= band.least
    const rows = Math.floor(chunkElements / Math.min(lane.size, bandColumns))
    return fits && below <= band.most ? Math.max(1, Math.floor(Math.min(band.most, rows) / below)) : undefined
  }
  if (mode === 'row' && innerElements <= chunkElements) return undefined
  return Math.max(1, Math.floor((mode === 'row' ? segmentElements : segmentRows) / below))
}

/** How operands lie along the vector axis. */
function accessOf(program: Program, lane: LoopAxis, part: Form['mode'] | undefined, real: number): Access[] {
  return lane.strides.map((stride, o) => {
    if (o < real && lane.size === 1) return 'unit'
    if (stride === 0) return 'constant'
    return stride === (o >= real ? 1 : unitOf(program, o, part)) ? 'unit' : 'strided'
  })
}

// bytes of an element; of a partial result, where there is a form that has them
function unitOf(program: Program, operand: number, part: Form['mode'] | undefined): number {
  const { inputs, outputs, reductions } = program
  if (operand < inputs.length) return bytesOf(inputs[operand].dtype)
  const at = operand - inputs.length
  return bytesOf(
    part ? partialDType(reductions[at].combine, reductions[at].value.type, part) : outputs[at].dtype,
  )
}

// segments of partial results lie one after the other, each as large as the outer axes
function segmentAxis(
  program: Program,
  space: Space,
  first: LoopAxis,
  segments: number,
  length: number,
  part: Form['mode'] | undefined,
  real: number,
): LoopAxis {
  const rows = space.outer.reduce((a, b) => a * b, 1)
  const strides = first.strides.map((stride, o) => {
    const isPart = part && o >= program.inputs.length && o < real
    return isPart ? rows * unitOf(program, o, part) : stride * length
  })
  return { size: segments, strides }
}
