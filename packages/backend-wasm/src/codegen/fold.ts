import type { Combine, Num } from '@gradus/core/backend'
import { f32, f32x4, f64x2, i32, i32x4, i64x2, i8x16, v128 } from '../assembler/index.ts'
import type { Func, Local, Operand, Value } from '../assembler/index.ts'
import { vectorsOfNum } from './lower.ts'

type Vector = Value<'v128'>
type Step = (a: Operand<'v128'>, x: Operand<'v128'>) => Vector

const limits: Record<Num, { low: number | bigint; high: number | bigint }> = {
  f32: { low: -Infinity, high: Infinity },
  f64: { low: -Infinity, high: Infinity },
  i32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
  i64: { low: -(2n ** 63n), high: 2n ** 63n - 1n },
  bool: { low: 0, high: 1 },
}

/** The result of a fold over nothing. */
export function identityOf(combine: Combine, num: Num): number | bigint {
  switch (combine) {
    case 'sum':
      return 0
    case 'prod':
      return 1
    case 'max':
      return limits[num].low
    case 'min':
      return limits[num].high
    case 'and':
      return num === 'bool' ? 1 : -1
    case 'or':
      return 0
  }
}

/** Whether a fold remembers apart that there was a NaN. */
export const watchesNaN = (combine: Combine, num: Num): boolean =>
  (combine === 'max' || combine === 'min') && (num === 'f32' || num === 'f64')

function stepOf(combine: Combine, num: Num): Step {
  const floats = num === 'f32' ? f32x4 : f64x2
  const isFloat = num === 'f32' || num === 'f64'
  if (combine === 'and') return v128.and
  if (combine === 'or') return v128.or
  if (num === 'bool') return combine === 'prod' || combine === 'min' ? v128.and : v128.or
  switch (combine) {
    case 'sum':
      return isFloat ? floats.add : num === 'i64' ? i64x2.add : i32x4.add
    case 'prod':
      return isFloat ? floats.mul : num === 'i64' ? i64x2.mul : i32x4.mul
    // an accumulator is never NaN, and keeps its value where x is: NaN is remembered apart
    case 'max':
      if (isFloat) return floats.pmax
      return num === 'i64' ? (a, x) => v128.bitselect(x, a, i64x2.gtS(x, a)) : i32x4.maxS
    case 'min':
      if (isFloat) return floats.pmin
      return num === 'i64' ? (a, x) => v128.bitselect(x, a, i64x2.ltS(x, a)) : i32x4.minS
  }
}

const swapHalves = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]
const swapWords = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11]
const firstHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]

/**
 * The accumulators of one reduction: `ways` independent sets of four lanes.
 *
 * Sums of float32 are added up in float32 over short runs, which {@link flush} carries to float64. Where rows are lanes'
 * (`across`), the ways and lanes are folded into one value in the end; otherwise each lane is a result.
 */
export class Accumulator {
  readonly #f: Func
  readonly #combine: Combine
  readonly #num: Num
  readonly #across: boolean
  /** Whether runs must be flushed: of float32 sums. */
  readonly carries: boolean
  readonly #step: Step
  readonly #lanes: Local<'v128'>[][] = []
  readonly #totals: Local<'v128'>[][] = []
  readonly #nans: Local<'v128'>[][] = []

  constructor(
    f: Func,
    combine: Combine,
    num: Num,
    { across, carries }: { across: boolean; carries: boolean },
    ways: number,
  ) {
    this.#f = f
    this.#combine = combine
    this.#num = num
    this.#across = across
    this.carries = carries
    this.#step = stepOf(combine, num)
    for (let way = 0; way < ways; way++) {
      this.#lanes.push(f.localArray('v128', vectorsOfNum(num)))
      if (this.carries && (way === 0 || !across)) this.#totals.push(f.localArray('v128', across ? 1 : 2))
      if (this.#watchesNaN) this.#nans.push(f.localArray('v128', vectorsOfNum(num)))
    }
  }

  get #watchesNaN(): boolean {
    return watchesNaN(this.#combine, this.#num)
  }

  /** @param identity - a vector with the value of an empty fold in every lane */
  begin(identity: Vector, zero: Vector): void {
    for (const lanes of this.#lanes) for (const lane of lanes) this.#f.set(lane, identity)
    for (const totals of this.#totals) for (const total of totals) this.#f.set(total, zero)
    for (const nan of this.#nans.flat()) this.#f.set(nan, zero)
  }

  /** Goes on from a result of its one way. */
  resume(result: readonly Vector[], zero: Vector): void {
    this.#lanes[0].forEach((lane, half) => this.#f.set(lane, result[half]))
    for (const nan of this.#nans.flat()) this.#f.set(nan, zero)
  }

  take(way: number, x: readonly Vector[]): void {
    const lanes = this.#lanes[way]
    lanes.forEach((lane, half) => {
      if (!this.#watchesNaN) return this.#f.set(lane, this.#step(lane, x[half]))
      const value = this.#f.let(x[half])
      const nan = this.#nans[way][half]
      this.#f.set(nan, v128.or(nan, (this.#num === 'f32' ? f32x4 : f64x2).ne(value, value)))
      this.#f.set(lane, this.#step(lane, value))
    })
  }

  /** Adds products of two factors each, rounded once. */
  takeProducts(way: number, factors: readonly Vector[]): void {
    const { relaxedMadd } = this.#num === 'f32' ? f32x4 : f64x2
    this.#lanes[way].forEach((lane, half) =>
      this.#f.set(lane, relaxedMadd(factors[2 * half], factors[2 * half + 1], lane)),
    )
  }

  /** Carries sums in single precision over to double. */
  flush(zero: Vector): void {
    const f = this.#f
    if (this.#across) {
      const sum = f.let(this.#folded(0))
      const [total] = this.#totals[0]
      const halves = f64x2.add(
        f64x2.promoteLowF32x4(sum),
        f64x2.promoteLowF32x4(i8x16.shuffle(sum, sum, swapHalves)),
      )
      f.set(total, f64x2.add(total, halves))
    } else {
      this.#lanes.forEach(([lane], way) => {
        const [low, high] = this.#totals[way]
        f.set(low, f64x2.add(low, f64x2.promoteLowF32x4(lane)))
        f.set(high, f64x2.add(high, f64x2.promoteLowF32x4(i8x16.shuffle(lane, lane, swapHalves))))
      })
    }
    for (const [lane] of this.#lanes) f.set(lane, zero)
  }

  /** The result of a way, or of all ways with `across`, in each of its lanes. Wide: a sum of float32 as float64. */
  finish(way: number, wide: boolean): Local<'v128'>[] {
    const f = this.#f
    if (this.carries) return this.#finishSum(way, wide)
    const halves = this.#lanes[way].map((_, half) =>
      f.let(this.#across ? this.#folded(half) : this.#lanes[way][half]),
    )
    if (this.#across) this.#foldLanes(halves)
    if (this.#watchesNaN) this.#putNaN(halves, way)
    return halves
  }

  #finishSum(way: number, wide: boolean): Local<'v128'>[] {
    const f = this.#f
    const totals = this.#totals[way]
    if (!this.#across) {
      if (wide) return totals
      const [low, high] = totals.map((t) => f32x4.demoteF64x2Zero(t))
      return [f.let(i8x16.shuffle(low, high, firstHalves))]
    }
    const [total] = totals
    f.set(total, f64x2.add(total, i8x16.shuffle(total, total, swapHalves)))
    if (wide) return [total, total]
    return [f.let(f32x4.splat(f32.demoteF64(f64x2.extractLane(total, 0))))]
  }

  // all ways as one, by pairs
  #folded(half: number): Vector {
    let values: Vector[] = this.#lanes.map((lanes) => lanes[half])
    while (values.length > 1) {
      const next: Vector[] = []
      for (let i = 0; i < values.length; i += 2) {
        // a step may read its operands twice
        const [a, x] = [
          this.#f.let(values[i]),
          i + 1 < values.length ? this.#f.let(values[i + 1]) : undefined,
        ]
        next.push(x === undefined ? a : this.#step(a, x))
      }
      values = next
    }
    return values[0]
  }

  #foldLanes(halves: Local<'v128'>[]): void {
    const f = this.#f
    if (halves.length === 2) f.set(halves[0], this.#step(halves[0], halves[1]))
    const [result] = halves
    const shuffles = halves.length === 2 ? [swapHalves] : [swapHalves, swapWords]
    for (const shuffle of shuffles) {
      const other = f.let(i8x16.shuffle(result, result, shuffle))
      f.set(result, this.#step(result, other))
    }
    if (halves.length === 2) f.set(halves[1], result)
  }

  #putNaN(halves: Local<'v128'>[], way: number): void {
    const f = this.#f
    const quiet = this.#num === 'f32' ? f32x4.splat(NaN) : f64x2.splat(NaN)
    if (this.#across) {
      const [first, ...rest] = this.#nans.flat()
      let any: Vector = first
      for (const nan of rest) any = v128.or(any, nan)
      const found = f.let(i32.sub(0, v128.anyTrue(any)))
      for (const half of halves) f.set(half, v128.bitselect(quiet, half, i32x4.splat(found)))
    } else {
      halves.forEach((half, i) => f.set(half, v128.bitselect(quiet, half, this.#nans[way][i])))
    }
  }
}
