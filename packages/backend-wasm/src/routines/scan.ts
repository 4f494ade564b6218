import { DTypeError, numOf, dtypeOfNum, type Scan, type TypedArray, type View } from '@gradus/core/backend'
import { eachLine } from './lines.ts'
import type { Staging } from './staging.ts'

/** A running fold along an axis, in the number type of `out`; sums of floats are kept in double and rounded at each store. */
export function scan(
  staging: Staging,
  kind: Scan,
  x: View,
  axis: number,
  out: View,
  indices: View | undefined,
): void {
  const { shape, size } = x.layout
  const num = numOf(out.dtype)
  const dtype = dtypeOfNum[num]
  const from = staging.read(x, dtype)
  const to = staging.write(out, dtype)
  const positions = indices === undefined ? 0 : staging.write(indices, 'int32')
  const values = staging.array(from, dtype, size)
  const result = staging.array(to, dtype, size)
  if (indices !== undefined && (kind === 'max' || kind === 'min')) {
    const at = staging.array(positions, 'int32', size)
    eachLine(shape, axis, (first, step, length) => extremes(kind, values, at, first, step, length))
  }
  if (values instanceof BigInt64Array) {
    if (kind === 'logsumexp') throw new DTypeError('logsumexp takes floats')
    const fold = bigintFolds[kind]
    if (result instanceof BigInt64Array) {
      eachLine(shape, axis, (first, step, length) => {
        let a = values[first]
        result[first] = a
        for (let i = 1, at = first + step; i < length; i++, at += step)
          result[at] = a = BigInt.asIntN(64, fold(a, values[at]))
      })
    }
  } else {
    const fold =
      num === 'i32' && kind === 'sum'
        ? wrappingSum
        : num === 'i32' && kind === 'prod'
          ? Math.imul
          : folds[kind]
    eachLine(shape, axis, (first, step, length) => {
      let a = Number(values[first])
      result[first] = a
      for (let i = 1, at = first + step; i < length; i++, at += step)
        result[at] = a = fold(a, Number(values[at]))
    })
  }
  staging.finish()
}

const wrappingSum = (a: number, x: number): number => (a + x) | 0

const folds: Record<Scan, (a: number, x: number) => number> = {
  sum: (a, x) => a + x,
  prod: (a, x) => a * x,
  // NaN wins
  max: (a, x) => (x > a || x !== x ? x : a),
  min: (a, x) => (x < a || x !== x ? x : a),
  // equal infinities would give NaN
  logsumexp(a, x) {
    const high = Math.max(a, x)
    const low = Math.min(a, x)
    return high === low && !Number.isFinite(high) ? high : high + Math.log1p(Math.exp(low - high))
  },
}

const bigintFolds: Record<Exclude<Scan, 'logsumexp'>, (a: bigint, x: bigint) => bigint> = {
  sum: (a, x) => a + x,
  prod: (a, x) => a * x,
  max: (a, x) => (x > a ? x : a),
  min: (a, x) => (x < a ? x : a),
}

// position of the running extreme: the last of equals, and of NaNs
function extremes(
  kind: 'max' | 'min',
  values: TypedArray,
  positions: TypedArray,
  first: number,
  step: number,
  length: number,
): void {
  let best = 0
  for (let i = 0, at = first; i < length; i++, at += step) {
    const value = values[at]
    const old = values[first + best * step]
    if ((kind === 'max' ? value >= old : value <= old) || value !== value) best = i
    positions[at] = best
  }
}
