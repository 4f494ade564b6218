import { bytesOf, type DType } from '@gradus/core/backend'
import { argumentBlock } from '../../argument-block.ts'
import { f64, i32, i64, memory, ModuleBuilder, select, v128 } from '../../assembler/index.ts'
import type { Func, FuncRef, Local, Operand, Statement, Value } from '../../assembler/index.ts'
import { chunkParams, eachChunk, lineBlock } from '../line-loops.ts'

/** Words after those of the lines: where each thread's workspace is, and all bits set where the order is falling. */
export const sortBlock = argumentBlock(['workspace', 'workspaceBytes', 'flip'], lineBlock.words)

// lines up to this long are sorted by insertion: the counters of a radix sort would cost more
const insertionLength = 48
/** Bits of a digit: counters of 8 bits stay in the first-level cache; long lines are worth more of them. */
const digits = [8, 11] as const
const longLine = 2 ** 14

/** Bytes of the key and the position of an element while they are sorted: two words each. */
const recordBytes = (dtype: DType): 8 | 16 => (bytesOf(dtype) === 8 ? 16 : 8)

/** Bytes of workspace that a thread needs for lines of a length. */
export function sortWorkspace(dtype: DType, length: number): number {
  const counters = digits.map((bits) => 4 * passesOf(dtype, bits) * 2 ** bits)
  return Math.ceil((2 * length * recordBytes(dtype) + Math.max(...counters)) / 64) * 64
}

const passesOf = (dtype: DType, bits: number): number => Math.ceil((8 * bytesOf(dtype)) / bits)

type I32 = Local<'i32'>

const lineParams = { x: 'i32', step: 'i32', length: 'i32', flip: 'i32', to: 'i32' } as const
/** Sorts a line into records, which lie where the result says: at `to` or right after that many. */
type SortLine = FuncRef<typeof lineParams, 'i32'>

/** Stable order of lines: operands are x, the values in order, and the positions they came from, int32. */
export function sortModule(dtype: DType, shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared })
  const thread = module.importGlobal('thread', 'i32')
  const record = recordBytes(dtype) === 16 ? wideRecord : narrowRecord
  const insertion = emitInsertion(module, dtype, record)
  const radix = digits.map((bits) => emitRadix(module, dtype, record, bits))
  const move = moves[bytesOf(dtype)]
  module.func({ name: 'run', params: chunkParams }, (f, params) => {
    const { block } = params
    const own = i32.mul(thread, sortBlock.read(block, 'workspaceBytes'))
    const to = f.let(i32.add(sortBlock.read(block, 'workspace'), own))
    const flip = f.let(sortBlock.read(block, 'flip'))
    const length = f.let(lineBlock.read(block, 'length'))
    const step = [0, 1, 2].map((k) => f.let(lineBlock.read(block, 'step', k)))
    const [sorted, left, position] = f.localArray('i32', 3)
    eachChunk(f, params, 3, ({ start: [x, values, indices] }) => {
      const line = { x, step: step[0], length, flip, to }
      const byRadix = (sort: SortLine) => (): void => f.set(sorted, sort.call(line))
      f.if(i32.leU(length, insertionLength), byRadix(insertion), () => {
        f.if(i32.ltU(length, longLine), byRadix(radix[0]), byRadix(radix[1]))
      })
      f.for(left, 0, length, 1, () => {
        f.set(position, i32.load(sorted, record.positionAt))
        f.do(move(values, i32.add(x, i32.mul(position, step[0]))), i32.store(indices, position))
        f.add(values, step[1])
        f.add(indices, step[2])
        f.add(sorted, record.bytes)
      })
    })
  })
  return module.bytes()
}

const moves: Record<number, (to: I32, from: Value<'i32'>) => Statement> = {
  1: (to, from) => i32.store8(to, i32.load8U(from)),
  2: (to, from) => i32.store16(to, i32.load16U(from)),
  4: (to, from) => i32.store(to, i32.load(from)),
  8: (to, from) => i64.store(to, i64.load(from)),
}

/** A key and the position it came from, in memory: one number of 64 bits where the key has 32, else two. */
interface RecordLayout {
  readonly bytes: 8 | 16
  readonly positionAt: 0 | 8
  write(at: I32, key: Value<'i64'>, position: I32): Statement[]
  /** Some bits of the key of the record at an address. */
  digit(at: I32, shift: Operand<'i32'>, bits: number): Value<'i32'>
  copy(to: Operand<'i32'>, from: Operand<'i32'>): Statement
}

const maskOf = (bits: number): number => 2 ** bits - 1

const narrowRecord: RecordLayout = {
  bytes: 8,
  positionAt: 0,
  write: (at, key, position) => [i64.store(at, i64.or(i64.shl(key, 32), i64.extendI32U(position)))],
  digit: (at, shift, bits) => i32.and(i32.shrU(i32.load(at, 4), shift), maskOf(bits)),
  copy: (to, from) => i64.store(to, i64.load(from)),
}

const wideRecord: RecordLayout = {
  bytes: 16,
  positionAt: 8,
  write: (at, key, position) => [i64.store(at, key), i32.store(at, position, 8)],
  digit: (at, shift, bits) =>
    i32.and(i32.wrapI64(i64.shrU(i64.load(at), i64.extendI32U(shift))), maskOf(bits)),
  copy: (to, from) => v128.store(to, v128.load(from)),
}

/** Unsigned keys in the order of elements, in the low bits of as many as an element has. */
function keysOf(dtype: DType, f: Func, flip: I32): (x: I32) => Value<'i64'> {
  const bits = 8 * bytesOf(dtype)
  if (bits === 64) return wideKeys(dtype, f, flip)
  const raw = f.local('i32')
  const low = maskOf(bits) | 0
  const sign = (2 ** (bits - 1)) | 0
  const flipped = (key: Value<'i32'>): Value<'i64'> => i64.extendI32U(i32.and(i32.xor(key, flip), low))
  switch (dtype) {
    case 'float32':
    case 'float16':
    case 'bfloat16': {
      const infinity = { float32: 0x7f800000, float16: 0x7c00, bfloat16: 0x7f80 }[dtype]
      // the order of negative floats is that of their bits turned round; -0 is 0, and NaN the largest
      return (x) => {
        f.set(raw, bits === 32 ? i32.load(x) : i32.load16S(x))
        f.set(raw, select(i32.and(raw, sign - 1), raw, i32.const(0)))
        const key = i32.xor(raw, i32.or(i32.shrS(raw, 31), sign))
        return flipped(select(i32.gtU(i32.and(raw, sign - 1), infinity), i32.const(-1), key))
      }
    }
    case 'int32':
      return (x) => flipped(i32.xor(i32.load(x), sign))
    case 'int16':
      return (x) => flipped(i32.xor(i32.load16S(x), sign))
    case 'int8':
      return (x) => flipped(i32.xor(i32.load8S(x), sign))
    default:
      return (x) => flipped(i32.load8U(x))
  }
}

function wideKeys(dtype: DType, f: Func, flip: I32): (x: I32) => Value<'i64'> {
  const raw = f.local('i64')
  const mask = f.let(i64.extendI32S(flip))
  const sign = -(2n ** 63n)
  if (dtype === 'int64') return (x) => i64.xor(i64.xor(i64.load(x), sign), mask)
  const value = f.local('f64')
  return (x) => {
    // adding 0 makes 0 of -0
    f.set(value, f64.add(f64.load(x), 0))
    f.set(raw, i64.reinterpretF64(value))
    const key = i64.xor(raw, i64.or(i64.shrS(raw, 63), sign))
    return i64.xor(select(f64.ne(value, value), i64.const(-1), key), mask)
  }
}

function emitInsertion(module: ModuleBuilder, dtype: DType, record: RecordLayout): SortLine {
  return module.func({ params: lineParams, result: 'i32' }, (f, { x, step, length, flip, to }) => {
    const keyOf = keysOf(dtype, f, flip)
    const isNarrow = record.bytes === 8
    const key = f.local('i64')
    const [position, at] = f.localArray('i32', 2)
    const { bytes } = record
    f.for(position, 0, length, 1, () => {
      f.set(key, keyOf(x))
      f.set(at, i32.add(to, i32.mul(position, bytes)))
      f.block((placed) => {
        f.loop((again) => {
          f.brIf(placed, i32.leU(at, to))
          const before = i64.load(i32.sub(at, bytes))
          f.brIf(placed, i64.leU(isNarrow ? i64.shrU(before, 32) : before, key))
          f.do(record.copy(at, i32.sub(at, bytes)))
          f.add(at, -bytes)
          f.br(again)
        })
      })
      f.do(...record.write(at, key, position))
      f.add(x, step)
    })
    return to
  })
}

/** Digit after digit from the lowest, with the counters of all of them taken in one pass before. */
function emitRadix(module: ModuleBuilder, dtype: DType, record: RecordLayout, digitBits: number): SortLine {
  const { bytes } = record
  const passes = passesOf(dtype, digitBits)
  const counterBytes = 4 * 2 ** digitBits
  const distribute = emitDistribute(module, record, digitBits)
  return module.func({ params: lineParams, result: 'i32' }, (f, { x, step, length, flip, to }) => {
    const keyOf = keysOf(dtype, f, flip)
    const key = f.local('i64')
    const lineBytes = f.let(i32.mul(length, bytes))
    const counters = f.let(i32.add(to, i32.shl(lineBytes, 1)))
    const [position, counter, from, other] = f.localArray('i32', 4)
    f.do(memory.fill(counters, 0, passes * counterBytes))
    f.set(from, to)
    f.for(position, 0, length, 1, () => {
      f.set(key, keyOf(x))
      f.do(...record.write(from, key, position))
      for (let pass = 0; pass < passes; pass++) {
        const digit = i32.and(i32.wrapI64(i64.shrU(key, pass * digitBits)), maskOf(digitBits))
        f.set(counter, i32.add(counters, i32.shl(digit, 2)))
        f.do(i32.store(counter, i32.add(i32.load(counter, pass * counterBytes), bytes), pass * counterBytes))
      }
      f.add(x, step)
      f.add(from, bytes)
    })
    f.set(from, to)
    f.set(other, i32.add(to, lineBytes))
    for (let pass = 0; pass < passes; pass++) {
      const shift = pass * digitBits
      f.set(counter, i32.add(counters, i32.shl(record.digit(from, shift, digitBits), 2)))
      // nothing to do where all have one digit
      f.if(i32.ne(i32.load(counter, pass * counterBytes), lineBytes), () => {
        f.set(counter, i32.add(counters, pass * counterBytes))
        f.do(distribute.call({ from, lineBytes, to: other, counters: counter, shift }))
        f.set(position, from)
        f.set(from, other)
        f.set(other, position)
      })
    }
    return from
  })
}

const distributeParams = {
  from: 'i32',
  lineBytes: 'i32',
  to: 'i32',
  counters: 'i32',
  shift: 'i32',
} as const

/** Moves records to where the counters of one of their digits say, in the order in which they come. */
function emitDistribute(module: ModuleBuilder, record: RecordLayout, digitBits: number) {
  return module.func({ params: distributeParams }, (f, { from, lineBytes, to, counters, shift }) => {
    const end = f.let(i32.add(counters, 4 * 2 ** digitBits))
    const [count, counter] = f.localArray('i32', 2)
    // counters of bytes become places
    f.for(counter, counters, end, 4, () => {
      f.set(count, i32.load(counter))
      f.do(i32.store(counter, to))
      f.add(to, count)
    })
    f.set(end, i32.add(from, lineBytes))
    f.while(i32.ltU(from, end), () => {
      f.set(counter, i32.add(counters, i32.shl(record.digit(from, shift, digitBits), 2)))
      f.set(to, i32.load(counter))
      f.do(record.copy(to, from), i32.store(counter, i32.add(to, record.bytes)))
      f.add(from, record.bytes)
    })
  })
}
