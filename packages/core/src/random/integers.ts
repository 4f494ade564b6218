import type { DType, TypedArray } from '../base/dtype.ts'
import { categoryOf, finfo, iinfo } from '../base/dtype.ts'
import { describeValue } from '../base/describe.ts'
import { ValueError } from '../base/errors.ts'
import { castTo, fillWith } from './fill.ts'
import type { Generator } from './generator.ts'

/** Bits of the significand, the implied one included. */
const significand: Partial<Record<DType, number>> = { float16: 11, bfloat16: 8, float32: 24, float64: 53 }

/**
 * Fills `out` with integers in [`low`, `high`), in memory order: `torch.randint` and `Tensor.random_(from,
 * to)`.
 *
 * One draw an element; two where `high - low` is 2^28 or more. For a floating dtype the bounds first move
 * inwards to values it can represent.
 *
 * @param out - Float32Array of rounded values for float16 and bfloat16, else the array of the dtype
 * @throws ValueError unless low and high are integers, low < high, and both ends fit in the dtype
 * @see https://pytorch.org/docs/stable/generated/torch.randint.html
 * @example
 * const out = new Int32Array(4)
 * randint(new Generator(0), out, { dtype: 'int32', low: 0, high: 10 })
 * out // => Int32Array [4, 9, 3, 0]
 */
export function randint(
  generator: Generator,
  out: TypedArray,
  { dtype, low, high }: { dtype: DType; low: number | bigint; high: number | bigint },
): void {
  const [from, to] = checkedRange(dtype, toInteger('low', low), toInteger('high', high))
  const range = to - from
  const cast = castTo(dtype)
  if (range < 2n ** 28n && isSafe(from) && isSafe(to)) {
    const size = Number(range)
    const start = Number(from)
    fillWith(out, () => cast((generator.random() % size) + start))
  } else if (out instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = draw(generator, range) + from
  } else {
    fillWith(out, () => cast(Number(draw(generator, range) + from)))
  }
}

function toInteger(name: string, value: number | bigint): bigint {
  if (typeof value === 'bigint' || Number.isInteger(value)) return BigInt(value)
  throw new ValueError(`randint(): argument '${name}' must be int, not ${describeValue(value)}`)
}

const isSafe = (x: bigint): boolean => Number.isSafeInteger(Number(x))

const draw = (generator: Generator, range: bigint): bigint =>
  (range < 2n ** 28n ? BigInt(generator.random()) : generator.random64()) % range

/** The bounds that PyTorch draws from. */
function checkedRange(dtype: DType, low: bigint, high: bigint): [bigint, bigint] {
  if (low >= high) {
    throw new ValueError(`random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`)
  }
  const [from, to] = inwards(dtype, low, high)
  if (from >= to) {
    throw new ValueError(
      "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype," +
        ` but got from=${from} >= to=${to}`,
    )
  }
  const [min, max] = limits(dtype)
  if (from < min || from > max) throw new ValueError(`from is out of bounds for ${dtype}`)
  if (to - 1n < min || to - 1n > max) throw new ValueError(`to - 1 is out of bounds for ${dtype}`)
  return [from, to]
}

function limits(dtype: DType): [bigint, bigint] {
  if (dtype === 'bool') return [0n, 1n]
  const { min, max } = categoryOf(dtype) === 'float' ? finfo(dtype) : iinfo(dtype)
  return [BigInt(min), BigInt(max)]
}

/** Bounds within [low, high) that a floating dtype represents, so that no value rounds out of the range. */
function inwards(dtype: DType, low: bigint, high: bigint): [bigint, bigint] {
  const digits = significand[dtype]
  if (digits === undefined) return [low, high]
  const cast = castTo(dtype)
  const nearest = (x: bigint): bigint => {
    const value = cast(Number(x))
    // C++ leaves the cast of infinity to an integer open; x86-64 gives the smallest one
    return Number.isFinite(value) ? BigInt(value) : -(2n ** 63n)
  }
  const spacing = (x: bigint): bigint =>
    2n ** BigInt(Math.max(0, x.toString(2).replace('-', '').length - digits))
  const above = nearest(low + 1n)
  const below = nearest(high - 1n)
  return [
    above < low ? above + spacing(low + 1n) : low,
    below >= high ? below - spacing(high - 1n) : high, // prettier-ignore
  ]
}

/**
 * Fills `out` with integers from 0 to the largest of the dtype, in memory order: `Tensor.random_()` without
 * bounds.
 *
 * Floating dtypes go up to the last integer before gaps appear (2^24 for float32), bool is 0 or 1. int64 and
 * float64 take two draws an element, the others one.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.random_.html
 * @example
 * randomFull(new Generator(0), new Int32Array(3), { dtype: 'int32' })
 */
export function randomFull(generator: Generator, out: TypedArray, { dtype }: { dtype: DType }): void {
  if (out instanceof BigInt64Array) {
    const words = new Uint32Array(out.buffer, out.byteOffset, 2 * out.length)
    for (let i = 0; i < words.length; i += 2) {
      words[i + 1] = generator.random() & 0x7fffffff
      words[i] = generator.random()
    }
  } else if (dtype === 'float64') {
    fillWith(out, () => doubleInteger(generator))
  } else {
    const digits = significand[dtype]
    const size = digits !== undefined ? 2 ** digits + 1 : dtype === 'bool' ? 2 : Number(iinfo(dtype).max) + 1
    fillWith(out, () => generator.random() % size)
  }
}

/** A 64-bit draw modulo 2^53 + 1, in doubles: with x = high · 2^53 + low, x ≡ low - high. */
function doubleInteger(generator: Generator): number {
  const first = generator.random()
  const high = first >>> 21
  const low = (first & 0x1fffff) * 2 ** 32 + generator.random()
  return low >= high ? low - high : 2 ** 53 + (low - high + 1)
}

/** From this length on PyTorch permutes by another algorithm, on 64-bit draws. */
const longest = Math.floor((2 ** 32 - 1) / 20)

/**
 * A random permutation of 0 … n - 1: `torch.randperm`, one draw per element but the last.
 *
 * @param n - below 214748364
 * @throws ValueError if n is negative, not an integer, or too large
 * @see https://pytorch.org/docs/stable/generated/torch.randperm.html
 * @example
 * randperm(new Generator(0), 10) // => Int32Array [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]
 */
export function randperm(generator: Generator, n: number): Int32Array {
  if (!Number.isInteger(n)) throw new ValueError(`randperm(): argument 'n' must be int, not ${n}`)
  if (n < 0) throw new ValueError(`Trying to create tensor with negative dimension ${n}: [${n}]`)
  if (n >= longest) throw new ValueError(`randperm(): n must be below ${longest}, got ${n}`)
  const out = new Int32Array(n)
  for (let i = 0; i < n; i++) out[i] = i
  for (let i = 0; i < n - 1; i++) {
    const j = i + (generator.random() % (n - i))
    const value = out[i]
    out[i] = out[j]
    out[j] = value
  }
  return out
}
