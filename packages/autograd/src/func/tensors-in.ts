import { GradError, Tensor } from '@gradus/core/functions'
import { describeValue } from '@gradus/core/internal'

/** Whether a value is a plain object. */
export const isPlain = (x: unknown): x is { readonly [key: string]: unknown } =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype

/**
 * A tensor, or arrays and plain objects of tensors, with `fn` of each in its place.
 *
 * @throws GradError for anything else
 */
export function mapTensors(tree: unknown, fn: (x: Tensor) => unknown): unknown {
  if (tree instanceof Tensor) return fn(tree)
  if (Array.isArray(tree)) return tree.map((item) => mapTensors(item, fn))
  if (isPlain(tree))
    return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapTensors(item, fn)]))
  if (tree === undefined) return tree
  throw new GradError(`Expected tensors, got ${describeValue(tree)}`, {
    hint: 'tensors may stand in arrays and plain objects',
  })
}

/** The tensors of arrays and plain objects, in order. */
export function tensorsIn(tree: unknown): readonly Tensor[] {
  const found: Tensor[] = []
  mapTensors(tree, (x) => {
    found.push(x)
    return x
  })
  return found
}
