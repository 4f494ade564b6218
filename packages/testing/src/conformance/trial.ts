import {
  allocateTyped, bfloat16ToNumber, bytesOf, categoryOf, finfo, float16ToNumber, IndexError, isFloat, Layout,
  numberToBFloat16, numberToFloat16, rowMajorStrides, TensorError,
} from '@gradus/core/backend' // prettier-ignore
import type { Backend, DType, Num, Program, TypedArray, View } from '@gradus/core/backend'

/** How the elements of an operand lie in its memory. */
export type Lie = 'dense' | 'transposed' | 'gaps' | 'backwards' | 'repeated'
export const lies: readonly Lie[] = ['dense', 'transposed', 'gaps', 'backwards', 'repeated']

/** An operand before it is on a backend. */
export interface Source {
  readonly dtype: DType
  readonly layout: Layout
  readonly array: TypedArray
}

/** What kernels compute in. */
export const nums: readonly Num[] = ['f32', 'f64', 'i32', 'i64', 'bool']

/** Numbers that look random and are the same every time, in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Numbers around 0 within `span`, the same every time. */
export function numbers(seed: number, span = 8): (i: number) => number {
  const random = generator(seed)
  return () => (random() - 0.5) * span
}

function layoutOf(shape: readonly number[], lie: Lie): Layout {
  const row = rowMajorStrides(shape)
  const last = shape.length - 1
  switch (lie) {
    case 'dense':
      return Layout.of(shape)
    case 'transposed':
      return new Layout(shape, rowMajorStrides([...shape].reverse()).reverse(), 2)
    case 'gaps':
      return new Layout(shape, row.map((s) => 2 * s), 1) // prettier-ignore
    case 'backwards':
      return new Layout(shape, row.map((s) => -s), Math.max(0, shape.reduce((a, b) => a * b, 1) - 1)) // prettier-ignore
    case 'repeated':
      return new Layout(shape, row.map((s, axis) => (axis === last ? 0 : s)), 0) // prettier-ignore
  }
}

/** Stores a number as an element of a dtype. */
function put(dtype: DType, array: TypedArray, at: number, value: number): void {
  if (dtype === 'float16') array[at] = numberToFloat16(value)
  else if (dtype === 'bfloat16') array[at] = numberToBFloat16(value)
  else if (array instanceof BigInt64Array) array[at] = BigInt(Math.trunc(value))
  else array[at] = dtype === 'bool' ? (value > 0 ? 1 : 0) : isFloat(dtype) ? value : Math.trunc(value)
}

/** An operand filled by `value`; results have none and hold 1 before. */
export function source(
  dtype: DType,
  shape: readonly number[],
  lie: Lie = 'dense',
  value: (i: number) => number = () => 1,
): Source {
  const layout = layoutOf(shape, lie)
  const span = layout.span()
  const array = allocateTyped(dtype, span ? span.to + 3 : 1)
  for (let i = 0; i < array.length; i++) put(dtype, array, i, value(i))
  return { dtype, layout, array }
}

/** Tries an action on a backend and on another, and says where what they leave differs. */
export interface Trial {
  readonly sources: readonly Source[]
  /** What an element may differ by, as a multiple of the dtype's eps; 0 by default. */
  readonly ulps?: number
  /** Differences count in relation to this at least; 0 by default: the expected value alone counts. */
  readonly scale?: number
  run(backend: Backend, views: readonly View[]): void
}

/** A run of one binding whose operands are the sources in order. */
export const trial = (
  program: Program,
  outer: readonly number[],
  inner: readonly number[],
  sources: readonly Source[],
  more: Partial<Trial> & { params?: readonly number[] } = {},
): Trial => ({
  sources,
  run: (backend, operands) => backend.run(program, [{ outer, inner, operands, params: more.params ?? [] }]),
  ...more,
})

/** The first difference, or null. */
export async function differenceOf(
  trial: Trial,
  backend: Backend,
  reference: Backend,
  exact: boolean,
): Promise<string | null> {
  const got = await outcome(trial, backend)
  const wanted = await outcome(trial, reference)
  const [error = null, second = null] = got.errors
  if (error?.text !== wanted.errors[0]?.text)
    return `error ${error?.text ?? null} instead of ${wanted.errors[0]?.text ?? null}`
  if (second !== null) return `error ${second.text} after ${error?.text}`
  if (error?.late && !error.mayBeLate) return `error ${error.text} at the next read instead of at once`
  // a failed call leaves everything as it was, on both
  for (let k = 0; k < trial.sources.length; k++) {
    const { dtype } = trial.sources[k]
    const found = compare(
      dtype,
      got.results[k],
      wanted.results[k],
      exact ? 0 : (trial.ulps ?? 0),
      trial.scale ?? 0,
    )
    if (found !== null) return `operand ${k} (${dtype}) ${found}`
  }
  return null
}

/** An error, and whether it came at the call or at the read that followed. */
interface Failure {
  readonly text: string
  readonly late: boolean
  /** A check of elements may be reported at the next read; what sizes and dtypes tell is refused at once. */
  readonly mayBeLate: boolean
}

function failure(thrown: unknown, late: boolean): Failure {
  if (!(thrown instanceof TensorError)) throw thrown
  return { text: `${thrown.name}: ${thrown.what}`, late, mayBeLate: thrown instanceof IndexError }
}

async function outcome(
  trial: Trial,
  backend: Backend,
): Promise<{ errors: Failure[]; results: TypedArray[] }> {
  const blocks = new Map<TypedArray, View['storage']['block']>()
  const views = trial.sources.map(({ dtype, layout, array }): View => {
    let block = blocks.get(array)
    if (!block) {
      block = backend.alloc(array.length * bytesOf(dtype))
      backend.write(block, array)
      blocks.set(array, block)
    }
    return { storage: { block }, dtype, layout }
  })
  const errors: Failure[] = []
  try {
    trial.run(backend, views)
  } catch (thrown) {
    errors.push(failure(thrown, false))
  }
  const results: TypedArray[] = []
  for (const view of views) {
    try {
      results.push(await contents(backend, view))
    } catch (thrown) {
      errors.push(failure(thrown, true))
      // a failure is reported once
      results.push(await contents(backend, view))
    }
  }
  for (const block of blocks.values()) backend.free(block)
  return { errors, results }
}

const contents = (backend: Backend, view: View): TypedArray | Promise<TypedArray> =>
  backend.readSync ? backend.readSync(view) : backend.read(view)

function compare(
  dtype: DType,
  got: TypedArray,
  wanted: TypedArray,
  ulps: number,
  scale: number,
): string | null {
  if (got.length !== wanted.length) return `has ${got.length} elements instead of ${wanted.length}`
  const eps = categoryOf(dtype) === 'float' ? finfo(dtype).eps : 0
  for (let i = 0; i < got.length; i++) {
    if (got[i] === wanted[i]) continue
    const [a, b] = [numberOf(dtype, got[i]), numberOf(dtype, wanted[i])]
    if (a === b || (a !== a && b !== b)) continue
    const allowed = ulps * eps * Math.max(Math.abs(Number(b)), scale, finfoTiny(dtype))
    if (eps > 0 && Math.abs(Number(a) - Number(b)) <= allowed) continue
    return `element ${i}: ${a} instead of ${b}`
  }
  return null
}

const finfoTiny = (dtype: DType): number => (isFloat(dtype) ? finfo(dtype).tiny : 0)

function numberOf(dtype: DType, bits: number | bigint): number | bigint {
  if (dtype === 'float16') return float16ToNumber(Number(bits))
  if (dtype === 'bfloat16') return bfloat16ToNumber(Number(bits))
  return bits
}
