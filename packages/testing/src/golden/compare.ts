import { Tensor } from '@gradus/core'
import { sameShape } from '@gradus/core/internal'
import { close, toleranceOf } from './tolerance.ts'
import { Tuple } from './values.ts'

/** Results in order, whatever they are bundled in: a tensor, a list, a record of outputs. */
export function flat(value: unknown): unknown[] {
  if (value instanceof Tensor) return [value]
  if (value instanceof Tuple) return value.items.flatMap(flat)
  if (Array.isArray(value)) return value.flatMap(flat)
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(flat)
  return [value]
}

/** What is compared besides the values. */
export interface Rules {
  /** Whether this result may be int32 where PyTorch has int64: the op declares it a position. */
  readonly isIndex: (x: Tensor) => boolean
  /** Uninitialised memory: only shape and dtype mean something. */
  readonly shapeOnly: boolean
}

/** @returns what differs, or null */
export function difference(op: string, actual: unknown, expected: unknown, rules: Rules): string | null {
  const got = flat(actual)
  const wanted = flat(expected)
  if (got.length !== wanted.length) return `${got.length} results instead of ${wanted.length}`
  for (const [i, want] of wanted.entries()) {
    const problem =
      want instanceof Tensor ? tensorDifference(op, got[i], want, rules) : scalarDifference(op, got[i], want)
    if (problem !== null) return wanted.length > 1 ? `result ${i}: ${problem}` : problem
  }
  return null
}

function scalarDifference(op: string, got: unknown, want: unknown): string | null {
  const value = got instanceof Tensor && got.numel() === 1 ? got.tolist() : got
  if (typeof want === 'number' && typeof value === 'number') {
    return close(value, want, toleranceOf(op, 'float32')) ? null : `${value} instead of ${want}`
  }
  return Object.is(value, want) ? null : `${String(value)} instead of ${String(want)}`
}

function tensorDifference(op: string, got: unknown, want: Tensor, rules: Rules): string | null {
  if (!(got instanceof Tensor)) return `${typeof got} instead of a tensor`
  if (!sameShape(got.shape, want.shape)) return `shape [${got.shape}] instead of [${want.shape}]`
  const asIndex = want.dtype === 'int64' && got.dtype === 'int32' && rules.isIndex(got)
  if (got.dtype !== want.dtype && !asIndex) return `${got.dtype} instead of ${want.dtype}`
  return rules.shapeOnly ? null : valueDifference(op, got, want)
}

/** @returns the first element that differs by more than the tolerance, or null */
export function valueDifference(op: string, got: Tensor, want: Tensor): string | null {
  if (!sameShape(got.shape, want.shape)) return `shape [${got.shape}] instead of [${want.shape}]`
  const a = got.readSync()
  const b = want.readSync()
  const tolerance = toleranceOf(op, want.dtype)
  for (let i = 0; i < b.length; i++) {
    if (!close(Number(a[i]), Number(b[i]), tolerance)) return `element ${i}: ${a[i]} instead of ${b[i]}`
  }
  return null
}
