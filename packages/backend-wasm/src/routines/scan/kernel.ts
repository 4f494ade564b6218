import type { Scan } from '@gradus/core/backend'
import { argumentBlock } from '../../argument-block.ts'
import {
  f32, f32x4, f64, f64x2, i32, i32x4, i64, i64x2, i8x16, ModuleBuilder, select, v128,
} from '../../assembler/index.ts' // prettier-ignore
import type { Func, Local, Operand, Statement, Value } from '../../assembler/index.ts'
import type { ComputeType } from '../../elements/index.ts'
import { vectorBytes } from '../../elements/index.ts'
import { chunkParams, eachChunk, lineBlock } from '../line-loops.ts'
import { emitLogAddExp, type LogAddExp } from './log-add-exp.ts'

/** The word after those of the lines: 1 where the lines of the innermost loop lie side by side. */
export const scanBlock = argumentBlock(['neighbours'], lineBlock.words)

/** Lines that are scanned at once where they do not lie side by side: a chain of additions alone would wait for itself. */
export const chainsOf = (hasIndices: boolean): number => (hasIndices ? 2 : 4)
/** Vectors of lines that are scanned at once where they do. */
export const vectorsOfLines = 4

type I32 = Local<'i32'>
type Vector = Value<'v128'>

const numbers = { f32: f32x4, f64: f64x2, i32: i32x4, i64: i64x2 } as const
const splats = { f32: v128.load32Splat, f64: v128.load64Splat, i32: v128.load32Splat, i64: v128.load64Splat } // prettier-ignore
const bytesOfType = { f32: 4, f64: 8, i32: 4, i64: 8 } as const

/** The running fold of a vector of neighbouring lines, or of one line, which is lane 0. */
interface Fold {
  /** Takes the first element; the others follow with their position. */
  first(x: I32, offset: number): void
  next(x: I32, offset: number, position: I32): void
  store(out: I32, offset: number): void
  storePosition(indices: I32, offset: number): void
}

/** A running fold along lines. Sums and products of float32 are kept in double and rounded at each store. */
export function scanModule(
  kind: Scan,
  type: ComputeType,
  hasIndices: boolean,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared })
  const logAddExp = kind === 'logsumexp' ? emitLogAddExp(module) : undefined
  const lanes = vectorBytes / bytesOfType[type]
  const operands = hasIndices ? [0, 1, 2] : [0, 1]
  const chains = chainsOf(hasIndices)
  module.func({ name: 'run', params: chunkParams }, (f, params) => {
    const length = f.let(lineBlock.read(params.block, 'length'))
    const step = operands.map((k) => f.let(lineBlock.read(params.block, 'step', k)))
    const newFold = (whole: boolean): Fold =>
      kind === 'max' || kind === 'min'
        ? extremeFold(f, kind, type, whole, hasIndices)
        : arithmeticFold(f, kind, type, whole, logAddExp)
    const scan = lineScanner(f, { length, step, type, hasIndices })
    const wholes = Array.from({ length: vectorsOfLines }, () => newFold(true))
    const singles = Array.from({ length: chains }, () => newFold(false))
    const pointers = Array.from({ length: chains }, () => f.localArray('i32', operands.length))
    eachChunk(f, params, operands.length, ({ start, next, count }) => {
      /** Scans as many lines at a time as there still are. */
      const scanBy = (number: number, folds: readonly Fold[], own: readonly (readonly I32[])[]): void => {
        f.while(i32.geU(count, number), () => {
          own.forEach((line, j) => {
            line.forEach((pointer, k) => f.set(pointer, i32.add(start[k], i32.mul(next[k], j))))
          })
          scan(folds, own)
          start.forEach((s, k) => f.add(s, i32.mul(next[k], number)))
          f.add(count, -number)
        })
      }
      f.if(
        scanBlock.read(params.block, 'neighbours'),
        () => {
          scanBy(vectorsOfLines * lanes, wholes, pointers.slice(0, 1))
          scanBy(lanes, wholes.slice(0, 1), pointers.slice(0, 1))
        },
        () => scanBy(chains, singles, pointers),
      )
      scanBy(1, singles.slice(0, 1), pointers.slice(0, 1))
    })
  })
  return module.bytes()
}

/** Scans lines whose folds begin at the same pointers, a vector apart, or each at its own. */
function lineScanner(
  f: Func,
  lines: { length: I32; step: readonly I32[]; type: ComputeType; hasIndices: boolean },
): (folds: readonly Fold[], pointers: readonly (readonly I32[])[]) => void {
  const { length, step, hasIndices } = lines
  const bytes = bytesOfType[lines.type]
  const lanes = vectorBytes / bytes
  const position = f.local('i32')
  return (folds, pointers) => {
    const at = (j: number): readonly I32[] => pointers[j] ?? pointers[0]
    const offset = (j: number, k: number): number =>
      pointers.length > 1 ? 0 : j * lanes * (k === 2 ? 4 : bytes)
    const store = (fold: Fold, j: number): void => {
      fold.store(at(j)[1], offset(j, 1))
      if (hasIndices) fold.storePosition(at(j)[2], offset(j, 2))
    }
    f.set(position, 0)
    folds.forEach((fold, j) => {
      fold.first(at(j)[0], offset(j, 0))
      store(fold, j)
    })
    f.while(i32.ltU(i32.add(position, 1), length), () => {
      f.add(position, 1)
      for (const own of pointers) own.forEach((pointer, k) => f.add(pointer, step[k]))
      folds.forEach((fold, j) => {
        fold.next(at(j)[0], offset(j, 0), position)
        store(fold, j)
      })
    })
  }
}

function arithmeticFold(
  f: Func,
  kind: 'sum' | 'prod' | 'logsumexp',
  type: ComputeType,
  whole: boolean,
  logAddExp: LogAddExp | undefined,
): Fold {
  const isWidened = type === 'f32'
  const { add, mul } = isWidened ? f64x2 : numbers[type]
  const fold = (a: Vector, x: Vector): Vector =>
    logAddExp ? logAddExp.call({ a, x }) : kind === 'sum' ? add(a, x) : mul(a, x)
  const sums = f.localArray('v128', isWidened && whole ? 2 : 1)
  const load = (x: I32, offset: number, half: number): Vector => {
    if (isWidened)
      return f64x2.promoteLowF32x4(v128[whole ? 'load64Zero' : 'load32Zero'](x, offset + 8 * half))
    return whole ? v128.load(x, offset) : splats[type](x, offset)
  }
  return {
    first: (x, offset) => sums.forEach((sum, half) => f.set(sum, load(x, offset, half))),
    next: (x, offset) => sums.forEach((sum, half) => f.set(sum, fold(sum, load(x, offset, half)))),
    store(out, offset) {
      const [low, high = low] = sums.map((sum) => (isWidened ? f32x4.demoteF64x2Zero(sum) : sum))
      const rounded = sums.length === 2 ? i8x16.shuffle(low, high, lowHalves) : low
      f.do(storeOf(type, whole, out, rounded, offset))
    },
    storePosition: () => undefined,
  }
}

const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]

function storeOf(type: ComputeType, whole: boolean, out: I32, x: Vector, offset: number) {
  if (whole) return v128.store(out, x, offset)
  return bytesOfType[type] === 4 ? v128.store32Lane(out, x, 0, offset) : v128.store64Lane(out, x, 0, offset)
}

/** Of the running extreme NaN wins and stays; the position is that of the last of equals, and of NaNs. */
function extremeFold(
  f: Func,
  kind: 'max' | 'min',
  type: ComputeType,
  whole: boolean,
  hasIndices: boolean,
): Fold {
  if (whole) return extremesOfLanes(f, kind, type, hasIndices)
  const isMax = kind === 'max'
  switch (type) {
    case 'f32':
      return extremeOfLine(f, f32, f.localArray('f32', 2), f32[isMax ? 'lt' : 'gt'])
    case 'f64':
      return extremeOfLine(f, f64, f.localArray('f64', 2), f64[isMax ? 'lt' : 'gt'])
    case 'i32':
      return extremeOfLine(f, i32, f.localArray('i32', 2), i32[isMax ? 'ltS' : 'gtS'])
    case 'i64':
      return extremeOfLine(f, i64, f.localArray('i64', 2), i64[isMax ? 'ltS' : 'gtS'])
  }
}

function extremesOfLanes(f: Func, kind: 'max' | 'min', type: ComputeType, hasIndices: boolean): Fold {
  const [best, value, index] = f.localArray('v128', 3)
  const wide = bytesOfType[type] === 8
  const test = (comparison: 'gt' | 'lt' | 'ge' | 'le'): Vector =>
    type === 'f32' || type === 'f64'
      ? v128.or(numbers[type][comparison](value, best), numbers[type].ne(value, value))
      : numbers[type][`${comparison}S`](value, best)
  return {
    first(x, offset) {
      f.set(best, v128.load(x, offset))
      f.set(index, i32x4.splat(0))
    },
    next(x, offset, position) {
      f.set(value, v128.load(x, offset))
      if (hasIndices) {
        const here = wide ? i64x2.splat(i64.extendI32U(position)) : i32x4.splat(position)
        f.set(index, v128.bitselect(here, index, test(kind === 'max' ? 'ge' : 'le')))
      }
      if (type === 'i32') f.set(best, i32x4[kind === 'max' ? 'maxS' : 'minS'](best, value))
      else f.set(best, v128.bitselect(value, best, test(kind === 'max' ? 'gt' : 'lt')))
    },
    store: (out, offset) => f.do(v128.store(out, best, offset)),
    storePosition(at, offset) {
      if (wide) f.do(v128.store64Lane(at, i8x16.shuffle(index, index, lowWords), 0, offset))
      else f.do(v128.store(at, index, offset))
    },
  }
}

interface Numbers<T extends ComputeType> {
  eq(x: Operand<T>, y: Operand<T>): Value<'i32'>
  load(address: Operand<'i32'>, offset?: number): Value<T>
  store(address: Operand<'i32'>, value: Operand<T>, offset?: number): Statement
  ne(x: Operand<T>, y: Operand<T>): Value<'i32'>
}

// by branches: a new extreme is rare, and which comes next can mostly be foretold
function extremeOfLine<T extends ComputeType>(
  f: Func,
  numbers: Numbers<T>,
  [best, value]: Local<T>[],
  loses: (x: Local<T>, best: Local<T>) => Value<'i32'>,
): Fold {
  const index = f.local('i32')
  return {
    first(x, offset) {
      f.set(best, numbers.load(x, offset))
      f.set(index, 0)
    },
    next(x, offset, position) {
      f.set(value, numbers.load(x, offset))
      // NaN neither loses nor wins
      f.if(i32.eqz(loses(value, best)), () => {
        f.if(i32.or(numbers.eq(best, best), numbers.ne(value, value)), () => {
          f.set(index, position)
          // of 0 and -0 the first stays
          f.set(best, select(numbers.ne(value, best), value, best))
        })
      })
    },
    store: (out, offset) => f.do(numbers.store(out, best, offset)),
    storePosition: (at, offset) => f.do(i32.store(at, index, offset)),
  }
}

const lowWords = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]
