import { argumentBlock, type NameOf } from '../argument-block.ts'
import { i32, minU } from '../assembler/index.ts'
import type { Func, Local, Value } from '../assembler/index.ts'
import { simplify, type LoopAxis } from '../codegen/axes.ts'
import type { Code, Machine } from '../machine.ts'
import { eachPosition } from './positions.ts'

/**
 * First words of the argument block of a routine on lines, of up to three operands: where they start, the length of a line
 * and the steps along it, then the loops over lines: `innerSize` of them in chunks of `lines`, `middleSize` times, and as
 * often as there are chunks for. Strides are in bytes. Words of the routine follow.
 */
export const lineBlock = argumentBlock([
  ['start', 3],
  'length',
  ['step', 3],
  'lines',
  'chunks',
  'innerSize',
  ['inner', 3],
  'middleSize',
  ['middle', 3],
  ['outer', 3],
])

type I32 = Local<'i32'>

/** A function over chunks of lines: the argument block, and which chunks. */
export const chunkParams = { block: 'i32', from: 'i32', to: 'i32' } as const

/** The lines of one chunk while it runs. */
export interface Lines {
  /** Where the first line of each operand begins, and the distance to the next; the body may move `start`. */
  readonly start: readonly I32[]
  readonly next: readonly I32[]
  readonly count: I32
}

/** Visits the chunks `from` to `to`. */
export function eachChunk(
  f: Func,
  { block, from, to }: { block: I32; from: I32; to: I32 },
  operands: number,
  body: (lines: Lines) => void,
): void {
  const word = (name: NameOf<typeof lineBlock>, k = 0): Value<'i32'> => lineBlock.read(block, name, k)
  const start = f.localArray('i32', operands)
  const next = start.map((_, k) => f.let(word('inner', k)))
  const [first, rest, count] = f.localArray('i32', 3)
  f.while(i32.ltU(from, to), () => {
    f.set(rest, i32.divU(from, word('chunks')))
    f.set(first, i32.mul(i32.remU(from, word('chunks')), word('lines')))
    const middle = word('middleSize')
    start.forEach((at, k) => {
      f.set(at, i32.add(word('start', k), i32.mul(first, next[k])))
      f.add(at, i32.mul(i32.remU(rest, middle), word('middle', k)))
      f.add(at, i32.mul(i32.divU(rest, middle), word('outer', k)))
    })
    f.set(count, minU(i32.sub(word('innerSize'), first), word('lines')))
    body({ start, next, count })
    f.add(from, 1)
  })
}

/** Operands of a routine on lines: where they start, and their axes, with strides in bytes for each of them. */
export interface LineOperands {
  readonly start: readonly number[]
  readonly axes: readonly LoopAxis[]
}

/** The loops over the lines along an axis, those that every operand walks the same way made one. */
export interface LinePlan {
  readonly line: LoopAxis
  readonly start: readonly number[]
  /** Loops around those of a call. */
  readonly around: readonly LoopAxis[]
  readonly outer: LoopAxis
  readonly middle: LoopAxis
  readonly inner: LoopAxis
}

/** @param guide - the operand whose strides order the loops */
export function planLines({ start, axes }: LineOperands, axis: number, guide: number): LinePlan {
  const offsets = start.map(() => 0)
  const others = axes
    .filter((_, i) => i !== axis)
    .map(({ size, strides }) => ({ size, strides: [...strides] }))
  const loops = simplify(others, start.length, guide, offsets)
  const none: LoopAxis = { size: 1, strides: offsets.map(() => 0) }
  const [outer, middle, inner] = [none, none, none, ...loops].slice(-3)
  const begin = start.map((address, k) => address + offsets[k])
  return { line: axes[axis], start: begin, around: loops.slice(0, -3), outer, middle, inner }
}

/** How a routine runs on lines. */
export interface LineLaunch {
  /** Lines of a chunk, of the innermost loop. */
  readonly lines: number
  /** Words after those of the lines. */
  readonly own: readonly number[]
  readonly parallel: boolean
}

// elements of one call: the engine replaces code by faster code between calls only
const elementsOfCall = 2 ** 15

/** Runs code over the chunks of all lines. */
export function launchLines(machine: Machine, code: Code, plan: LinePlan, launch: LineLaunch): void {
  const { line, start, around, outer, middle, inner } = plan
  const { lines, own, parallel } = launch
  const chunks = Math.ceil(inner.size / lines)
  const block = machine.arguments(lineBlock.bytes + 4 * own.length)
  const grain = Math.max(1, Math.floor(elementsOfCall / (Math.min(lines, inner.size) * line.size)))
  eachPosition(around, start, (at) => {
    const values = lineBlock.list({
      start: at,
      length: line.size,
      step: line.strides,
      lines,
      chunks,
      innerSize: inner.size,
      inner: inner.strides,
      middleSize: middle.size,
      middle: middle.strides,
      outer: outer.strides,
    })
    machine.memory.words.set([...values, ...own], block >> 2)
    machine.launch(code, 0, block, chunks * middle.size * outer.size, grain, parallel)
  })
}
