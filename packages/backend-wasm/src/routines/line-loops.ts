import { i32, minU } from '../assembler/index.ts'
import type { Func, Local, Value } from '../assembler/index.ts'
import { simplify, type LoopAxis } from '../codegen/axes.ts'
import type { Code, Machine } from '../machine.ts'
import { eachPosition } from '../transpose/positions.ts'

/**
 * First words of the argument block of a routine on lines, of up to three operands: where they start, the length of a line
 * and the steps along it, then the loops over lines: `innerSize` of them in chunks of `lines`, `middleSize` times, and as
 * often as there are chunks for. Strides are in bytes.
 */
export const lineWords = {
  start: 0,
  length: 3,
  step: 4,
  lines: 7,
  chunks: 8,
  innerSize: 9,
  inner: 10,
  middleSize: 13,
  middle: 14,
  outer: 17,
  /** Where words of the routine's own begin. */
  count: 20,
} as const

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
  const word = (i: number): Value<'i32'> => i32.load(block, 4 * i)
  const start = f.localArray('i32', operands)
  const next = start.map((_, k) => f.let(word(lineWords.inner + k)))
  const [first, rest, count] = f.localArray('i32', 3)
  f.while(i32.ltU(from, to), () => {
    f.set(rest, i32.divU(from, word(lineWords.chunks)))
    f.set(first, i32.mul(i32.remU(from, word(lineWords.chunks)), word(lineWords.lines)))
    const middle = word(lineWords.middleSize)
    start.forEach((at, k) => {
      f.set(at, i32.add(word(lineWords.start + k), i32.mul(first, next[k])))
      f.add(at, i32.mul(i32.remU(rest, middle), word(lineWords.middle + k)))
      f.add(at, i32.mul(i32.divU(rest, middle), word(lineWords.outer + k)))
    })
    f.set(count, minU(i32.sub(word(lineWords.innerSize), first), word(lineWords.lines)))
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
  const block = machine.arguments(4 * (lineWords.count + own.length))
  const grain = Math.max(1, Math.floor(elementsOfCall / (Math.min(lines, inner.size) * line.size)))
  eachPosition(around, start, (at) => {
    const { words } = machine.memory
    const put = (place: number, values: readonly number[]): void => words.set(values, (block >> 2) + place)
    put(lineWords.start, at)
    put(lineWords.length, [line.size])
    put(lineWords.step, line.strides)
    put(lineWords.lines, [lines, chunks, inner.size])
    put(lineWords.inner, inner.strides)
    put(lineWords.middleSize, [middle.size])
    put(lineWords.middle, middle.strides)
    put(lineWords.outer, outer.strides)
    put(lineWords.count, own)
    machine.launch(code, 0, block, chunks * middle.size * outer.size, grain, parallel)
  })
}
