import { ArgumentError, IndexError, ShapeError } from './errors.ts'
import { describeValue } from './describe.ts'
import type { Shape } from './layout.ts'

/** Number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

/**
 * The shape two operands broadcast to: aligned at the right, an axis of length 1 takes the other's length.
 *
 * @throws ShapeError with PyTorch's message when they do not fit
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  const shape = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const m = i > a.length ? 1 : a[a.length - i]
    const n = i > b.length ? 1 : b[b.length - i]
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `The size of tensor a (${m}) must match the size of tensor b (${n}) at non-singleton dimension ${rank - i}`,
        { hint: 'axes are aligned at the right; each pair must be equal or have a 1' },
      )
    }
    shape[rank - i] = m === 1 ? n : m
  }
  return shape
}

/**
 * An axis counted from the front.
 *
 * @param rank - a scalar counts as one axis here, as in PyTorch
 * @throws IndexError when out of range
 */
export function normalizeAxis(axis: number, rank: number): number {
  const n = Math.max(rank, 1)
  if (!Number.isInteger(axis)) throw new ArgumentError(`an axis is an integer, got ${describeValue(axis)}`)
  if (axis < -n || axis >= n) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-n}, ${n - 1}], but got ${axis})`,
    )
  }
  return axis < 0 ? axis + n : axis
}

const counted: number[][] = []

/** `[0, 1, …, rank - 1]`, shared: not to be changed. */
export const allAxes = (rank: number): number[] =>
  (counted[rank] ??= Array.from({ length: rank }, (_, i) => i))

/** Axes counted from the front, all of them when none are named. Throws on repeats. */
export function normalizeAxes(axes: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axes === null || axes === undefined) return allAxes(rank)
  if (typeof axes === 'number')
    return rank === 0 && normalizeAxis(axes, 0) === 0 ? [] : [normalizeAxis(axes, rank)]
  if (!Array.isArray(axes))
    throw new ArgumentError(`axes are an integer or an array of integers, got ${describeValue(axes)}`, {
      hint: 'axes come before the options: sum(0, { keepdim: true })',
    })
  const result: number[] = []
  for (const axis of axes) {
    const a = normalizeAxis(axis, rank)
    if (result.includes(a)) throw new ShapeError(`dim ${a} appears multiple times in the list of dims`)
    result.push(a)
  }
  return rank === 0 ? [] : result
}

/** Refuses sets of axes where there are more than 64: PyTorch keeps them in one word. */
export function checkAxisSet(rank: number): void {
  if (rank > 64) throw new ShapeError('only tensors with up to 64 dims are supported')
}

/**
 * A shape in which at most one -1 stands for the remaining size.
 *
 * @throws ShapeError when the number of elements does not agree
 */
export function inferShape(shape: Shape, size: number): Shape {
  let known = 1
  let open = -1
  shape.forEach((n, i) => {
    if (n === -1) {
      if (open >= 0) throw new ShapeError('only one dimension can be inferred')
      open = i
    } else if (n < 0 || !Number.isInteger(n)) {
      throw new ShapeError(`invalid shape dimension ${n} at index ${i} of shape [${shape.join(', ')}]`)
    } else known *= n
  })
  const mismatch = (): never => {
    throw new ShapeError(`shape '[${shape.join(', ')}]' is invalid for input of size ${size}`)
  }
  if (open < 0) return known === size ? shape : mismatch()
  if (known === 0) {
    if (size !== 0) mismatch()
    throw new ShapeError(
      `cannot reshape tensor of 0 elements into shape [${shape.join(', ')}] because the unspecified dimension size -1 can be any value and is ambiguous`,
    )
  }
  if (size % known !== 0) mismatch()
  return shape.map((n) => (n === -1 ? size / known : n))
}

/** Sizes as `f(2, 3)` or `f([2, 3])`. */
export const sizesOf = (sizes: readonly (number | Shape)[]): Shape => {
  const first = sizes[0]
  // either one array or numbers: the two forms that the public signatures offer
  return typeof first === 'object' ? first : (sizes as readonly number[])
}

/** @throws ShapeError for a size that is negative or not an integer */
export function checkSizes(shape: Shape): Shape {
  if (!Array.isArray(shape))
    throw new ArgumentError(`a shape is an array of integers, got ${describeValue(shape)}`)
  // an array with holes has undefined there for this loop, and nothing for `forEach`
  for (const n of shape) {
    if (!Number.isInteger(n))
      throw new ArgumentError(`sizes are integers, got ${describeValue(n)} in ${describeValue(shape)}`)
    if (n < 0)
      throw new ShapeError(`Trying to create tensor with negative dimension ${n}: [${shape.join(', ')}]`)
  }
  if (sizeOf(shape) > Number.MAX_SAFE_INTEGER)
    throw new ShapeError(`a tensor of shape [${shape.join(', ')}] has more elements than can be counted`)
  return shape
}

/** The axes of a reduction: one, several, or null for all. */
export type Axes = number | readonly number[] | null

/** One number or several, as a list: axes, or sizes. */
export const asList = (x: number | readonly number[]): readonly number[] => {
  if (typeof x === 'number') return [x]
  if (!Array.isArray(x))
    throw new ArgumentError(`expected an integer or an array of integers, got ${describeValue(x)}`)
  return x
}

const mostElements = 2 ** 29

/**
 * Refuses a result of more elements than memory holds, for functions that make tables or loops of its size first.
 *
 * @throws ShapeError for more than 2^29 elements, 2 GB of float32
 */
export function checkCapacity(call: string, shape: Shape): void {
  if (sizeOf(shape) > mostElements)
    throw new ShapeError(`${call}: a result of shape [${shape.join(', ')}] has more than 2^29 elements`)
}
