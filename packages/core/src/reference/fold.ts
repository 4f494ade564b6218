import type { Num, TypedArray } from '../base/dtype.ts'
import type { Combine } from '../program/program.ts'

/** A value folded over the positions of a row. */
export interface Fold {
  /** Begins a row, with the value of an empty one. */
  begin(): void
  /** Takes the first `n` values of the array it folds. */
  take(n: number): void
  /** Writes the result to the first `n` elements of `into`. */
  finish(into: TypedArray, n: number): void
}

/** The folds of numbers; NaN wins in `max` and `min`. */
export const numberFolds = {
  sum: (a: number, x: number) => a + x,
  prod: (a: number, x: number) => a * x,
  max: (a: number, x: number) => (x > a || x !== x ? x : a),
  min: (a: number, x: number) => (x < a || x !== x ? x : a),
  and: (a: number, x: number) => a & x,
  or: (a: number, x: number) => a | x,
} satisfies Record<Combine, unknown>

/** As {@link numberFolds}, in i32: sums and products wrap. */
export const intFolds = {
  ...numberFolds,
  sum: (a: number, x: number) => (a + x) | 0,
  prod: Math.imul,
} satisfies Record<Combine, unknown>

/** As {@link numberFolds}, in i64: sums and products wrap. */
export const bigintFolds = {
  sum: (a: bigint, x: bigint) => BigInt.asIntN(64, a + x),
  prod: (a: bigint, x: bigint) => BigInt.asIntN(64, a * x),
  max: (a: bigint, x: bigint) => (x > a ? x : a),
  min: (a: bigint, x: bigint) => (x < a ? x : a),
  and: (a: bigint, x: bigint) => a & x,
  or: (a: bigint, x: bigint) => a | x,
} satisfies Record<Combine, unknown>

const lowest: Record<Exclude<Num, 'i64'>, number> = {
  f32: -Infinity,
  f64: -Infinity,
  i32: -(2 ** 31),
  bool: 0,
}
const highest: Record<Exclude<Num, 'i64'>, number> = {
  f32: Infinity,
  f64: Infinity,
  i32: 2 ** 31 - 1,
  bool: 1,
}

/** The result of folding nothing. */
export function identityOf(combine: Combine, num: Exclude<Num, 'i64'>): number {
  switch (combine) {
    case 'sum':
    case 'or':
      return 0
    case 'prod':
    case 'and':
      return 1
    case 'max':
      return lowest[num]
    case 'min':
      return highest[num]
  }
}

function bigintIdentity(combine: Combine): bigint {
  if (combine === 'max') return -(2n ** 63n)
  if (combine === 'min') return 2n ** 63n - 1n
  return BigInt(identityOf(combine, 'i32'))
}

/** The fold of the values computed in `values`. Sums and products of float32 are kept in double and rounded once. */
export function foldOf(combine: Combine, num: Num, values: TypedArray): Fold {
  const logical = combine === 'and' || combine === 'or'
  const arithmetic = combine === 'sum' || combine === 'prod'
  if (num === 'bool' ? arithmetic : logical) throw new TypeError(`malformed program: ${combine} of ${num}`)
  if (values instanceof BigInt64Array) return bigintFold(combine, values)
  if (num === 'i64') throw new TypeError('i64 is computed in a BigInt64Array')
  const f = num === 'i32' ? intFolds[combine] : numberFolds[combine]
  let sum = 0
  return {
    begin() {
      sum = identityOf(combine, num)
    },
    take(n) {
      let a = sum
      if (combine === 'sum') for (let i = 0; i < n; i++) a += values[i]
      else for (let i = 0; i < n; i++) a = f(a, values[i])
      sum = num === 'i32' ? a | 0 : a
    },
    finish(into, n) {
      if (!(into instanceof BigInt64Array)) into.fill(sum, 0, n)
    },
  }
}

function bigintFold(combine: Combine, values: BigInt64Array): Fold {
  const f = bigintFolds[combine]
  let sum = 0n
  return {
    begin() {
      sum = bigintIdentity(combine)
    },
    take(n) {
      for (let i = 0; i < n; i++) sum = f(sum, values[i])
    },
    finish(into, n) {
      if (into instanceof BigInt64Array) into.fill(sum, 0, n)
    },
  }
}
