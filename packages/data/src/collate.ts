import { stack, tensor, Tensor, ValueError } from '@gradus/core'

/** What collating items of a type gives. */
export type Collated<T> = T extends Tensor | number | boolean | bigint
  ? Tensor
  : T extends string
    ? string[]
    : T extends readonly unknown[] | object
      ? { [K in keyof T]: Collated<T[K]> }
      : never

/**
 * Items as one batch: tensors are stacked, numbers become a float32 tensor, booleans a bool one, bigints an int64 one;
 * arrays and objects are collated part by part, strings are listed.
 *
 * @throws ValueError for items of different length, or of another type
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 * @example
 * const [x, y] = g.utils.data.defaultCollate([[g.ones(2), 0], [g.ones(2), 1]])
 * x.shape // => [2, 2]
 */
export function defaultCollate<T>(items: readonly T[]): Collated<T> {
  // by the type of the items, which Collated spells out
  return collate(items) as Collated<T>
}

function collate(items: readonly unknown[]): unknown {
  const [first] = items
  if (first instanceof Tensor) return stack(items.map(asTensor))
  if (typeof first === 'string') return items
  if (typeof first === 'number' || typeof first === 'boolean' || typeof first === 'bigint') {
    return tensor(items.map(asValue))
  }
  if (Array.isArray(first)) {
    const rows = items.map((item) => (Array.isArray(item) ? item : []))
    if (rows.some((row) => row.length !== first.length)) {
      throw new ValueError('each element in list of batch should be of equal size')
    }
    return first.map((_, i) => collate(rows.map((row): unknown => row[i])))
  }
  if (typeof first === 'object' && first !== null) {
    const keys = Object.keys(first)
    return Object.fromEntries(
      keys.map((key) => [key, collate(items.map((item) => Reflect.get(item as object, key)))]), // items are alike
    )
  }
  throw new ValueError(
    `default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found ${typeof first}`,
    { hint: 'give the loader a collateFn' },
  )
}

function asTensor(item: unknown): Tensor {
  if (item instanceof Tensor) return item
  throw new ValueError(`a batch mixes tensors and ${typeof item}s`)
}

function asValue(item: unknown): number | boolean | bigint {
  if (typeof item === 'number' || typeof item === 'boolean' || typeof item === 'bigint') return item
  throw new ValueError(`a batch mixes numbers and ${typeof item}s`)
}
