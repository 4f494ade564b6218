import { kind, takeArgument } from '@gradus/core/internal'
import { stack, tensor, Tensor, ValueError, type TypedArray } from '@gradus/core'
import { isPromise } from '../datasets/later.ts'

/** What collating items of a type gives. */
export type Collated<T> = T extends Tensor | number | boolean | bigint | TypedArray
  ? Tensor
  : T extends string
    ? string[]
    : T extends ReadonlyMap<infer K, infer V>
      ? Map<K, Collated<V>>
      : T extends readonly unknown[] | object
        ? { [K in keyof T]: Collated<T[K]> }
        : never

const someItems = /* @__PURE__ */ kind<readonly unknown[]>('an array of items', Array.isArray)

/**
 * Items as one batch: tensors and typed arrays are stacked; numbers become an int64 tensor if all are whole, else a
 * float32 one; bigints an int64 tensor, booleans a bool one. Arrays, plain objects and Maps are collated part by part,
 * strings are listed.
 *
 * A column of measurements that may all be whole in one batch keeps one dtype as tensors: `g.tensor(3)`.
 *
 * @throws ValueError for no items, and for items of different length, keys or type
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 * @example
 * const [x, y] = g.utils.data.defaultCollate([[g.ones(2), 0], [g.ones(2), 1]])
 * x.shape // => [2, 2]
 * y.dtype // => 'int64'
 */
export function defaultCollate<T>(items: readonly T[]): Collated<T> {
  takeArgument('defaultCollate', 'items', someItems, items)
  if (items.length === 0) throw new ValueError('a batch needs at least one item')
  // by the type of the items, which Collated spells out
  return collate(items, '') as Collated<T>
}

/** @param path - where in an item this part lies, as `[0].x` */
function collate(items: readonly unknown[], path: string): unknown {
  const [first] = items
  if (first instanceof Tensor) return stacked(all(items, isTensor, 'tensors', path), path)
  if (isArrayOfNumbers(first)) {
    return stacked(
      all(items, isArrayOfNumbers, 'typed arrays', path).map((item) => tensor(item)),
      path,
    )
  }
  if (typeof first === 'string') return all(items, isString, 'strings', path)
  if (typeof first === 'boolean') return tensor(all(items, isBoolean, 'booleans', path))
  if (typeof first === 'bigint') return tensor(all(items, isBigint, 'bigints', path))
  if (typeof first === 'number') {
    const numbers = all(items, isNumber, 'numbers', path)
    return tensor(numbers, { dtype: numbers.every(isWhole) ? 'int64' : 'float32' })
  }
  if (Array.isArray(first)) return collateArrays(all(items, Array.isArray, 'arrays', path), path)
  if (first instanceof Map) return collateMaps(all(items, isMap, 'Maps', path), path)
  if (isPlain(first)) return collateObjects(all(items, isPlain, 'objects', path), path)
  throw notCollated(first, path)
}

function notCollated(item: unknown, path: string): ValueError {
  if (isPromise(item)) {
    return new ValueError(`default_collate: an item${inPart(path)} is a promise`, {
      hint: 'wait for it in an async get(index) of the dataset, and iterate with for await',
    })
  }
  return new ValueError(
    `default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found ${kindOf(item)}${inPart(path)}`,
    { hint: 'give the loader a collateFn' },
  )
}

function stacked(tensors: Tensor[], path: string): Tensor {
  const [first] = tensors
  const at = tensors.findIndex((x) => x.shape.join() !== first.shape.join())
  if (at < 0) return stack(tensors)
  throw new ValueError(
    `stack expects each tensor to be equal size, but got [${first.shape.join(', ')}] at entry 0 and [${tensors[at].shape.join(', ')}] at entry ${at}${inPart(path)}`,
    { hint: 'pad or crop items to one size, or give the loader a collateFn' },
  )
}

function collateArrays(rows: readonly (readonly unknown[])[], path: string): unknown[] {
  const { length } = rows[0]
  const other = rows.find((row) => row.length !== length)
  if (other) {
    throw new ValueError(`each element in list of batch should be of equal size${inPart(path)}`, {
      hint: `one has ${length} parts, another ${other.length}; pad them, or give the loader a collateFn`,
    })
  }
  return Array.from({ length }, (_, i) =>
    collate(
      rows.map((row) => row[i]),
      `${path}[${i}]`,
    ),
  )
}

function collateMaps(maps: readonly ReadonlyMap<unknown, unknown>[], path: string): Map<unknown, unknown> {
  const keys = [...maps[0].keys()]
  sameKeys(
    maps.map((map) => ({ size: map.size, lacks: keys.find((key) => !map.has(key)) })),
    keys.length,
    path,
  )
  return new Map(
    keys.map((key) => [
      key,
      collate(
        maps.map((map) => map.get(key)),
        `${path}.${String(key)}`,
      ),
    ]),
  )
}

function collateObjects(objects: readonly object[], path: string): object {
  const keys = Object.keys(objects[0])
  sameKeys(
    objects.map((object) => ({
      size: Object.keys(object).length,
      lacks: keys.find((key) => !Object.hasOwn(object, key)),
    })),
    keys.length,
    path,
  )
  return Object.fromEntries(
    keys.map((key) => [
      key,
      collate(
        objects.map((object): unknown => Reflect.get(object, key)),
        `${path}.${key}`,
      ),
    ]),
  )
}

function sameKeys(found: readonly { size: number; lacks: unknown }[], size: number, path: string): void {
  for (const [i, item] of found.entries()) {
    if (item.lacks !== undefined) {
      throw new ValueError(
        `item ${i} of the batch lacks ${JSON.stringify(item.lacks)}${inPart(path)}, which item 0 has`,
      )
    }
    if (item.size !== size) {
      throw new ValueError(`item ${i} of the batch has ${item.size} keys${inPart(path)}, item 0 has ${size}`)
    }
  }
}

/** The items, if each is of one kind. */
function all<T>(
  items: readonly unknown[],
  is: (item: unknown) => item is T,
  kind: string,
  path: string,
): T[] {
  return items.map((item, i) => {
    if (is(item)) return item
    throw new ValueError(`a batch mixes ${kind} and others: item ${i} is ${kindOf(item)}${inPart(path)}`)
  })
}

const inPart = (path: string): string => (path === '' ? '' : ` (in item${path})`)

function kindOf(item: unknown): string {
  if (item === null || typeof item !== 'object') return item === null ? 'null' : typeof item
  const { constructor } = item
  return typeof constructor === 'function' ? constructor.name : 'object'
}

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor
const isString = (x: unknown): x is string => typeof x === 'string'
const isNumber = (x: unknown): x is number => typeof x === 'number'
const isBoolean = (x: unknown): x is boolean => typeof x === 'boolean'
const isBigint = (x: unknown): x is bigint => typeof x === 'bigint'
const isMap = (x: unknown): x is ReadonlyMap<unknown, unknown> => x instanceof Map
const isArrayOfNumbers = (x: unknown): x is TypedArray => ArrayBuffer.isView(x) && !(x instanceof DataView)

// -0 is whole, and no integer
const isWhole = (x: number): boolean => Number.isSafeInteger(x) && !Object.is(x, -0)

function isPlain(x: unknown): x is object {
  if (typeof x !== 'object' || x === null) return false
  const prototype: unknown = Reflect.getPrototypeOf(x)
  // an object of another realm has another Object.prototype, which has no prototype either
  return prototype === null || Reflect.getPrototypeOf(prototype as object) === null
}

/**
 * The numbers in an item as tensors, without stacking: what a loader without batches does. Typed arrays become tensors, all in
 * arrays and objects likewise; everything else stays.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.default_convert
 * @example
 * g.utils.data.defaultConvert({ x: new Float32Array([1, 2]), name: 'a' }).x.tolist() // => [1, 2]
 */
export function defaultConvert<T>(item: T): Converted<T>
export function defaultConvert(item: unknown): unknown {
  if (isArrayOfNumbers(item)) return tensor(item)
  if (Array.isArray(item)) return item.map((part: unknown) => defaultConvert(part))
  if (typeof item !== 'object' || item === null || Object.getPrototypeOf(item) !== Object.prototype)
    return item
  return Object.fromEntries(
    Object.entries(item).map(([key, part]: [string, unknown]) => [key, defaultConvert(part)]),
  )
}

/** What {@link defaultConvert} makes of an item. */
export type Converted<T> = T extends Tensor
  ? T
  : T extends ArrayBufferView
    ? Tensor
    : T extends object
      ? { [K in keyof T]: Converted<T[K]> }
      : T
