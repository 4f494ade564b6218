import { isDType } from '../base/dtype.ts'
import { ValueError } from '../base/errors.ts'
import { checkSizes, sizeOf } from '../base/shape.ts'
import { elementsOf, type TensorJSON } from '../tensor/json.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { fromRaw } from './create.ts'

/** A value of JSON with tensors where {@link fromJSON} found some. */
export type WithTensors<T> = T extends TensorJSON | Tensor
  ? Tensor
  : T extends object
    ? { [K in keyof T]: WithTensors<T[K]> }
    : T

const isTensor = (value: object): value is TensorJSON => 'gradus.tensor' in value

/**
 * Reads tensors back from JSON: `value` is what `JSON.parse` returned, or `x.toJSON()`. Arrays and objects are copied with the
 * tensors in them; they come without gradient and on the current backend.
 *
 * @throws ValueError for a tensor whose dtype, shape and data do not belong together
 * @example
 * const text = JSON.stringify({ weight: g.tensor([1, NaN]), step: 3 })
 * g.fromJSON(JSON.parse(text)) // => { weight: tensor([1., nan]), step: 3 }
 */
export function fromJSON<T>(value: T): WithTensors<T>
export function fromJSON(value: unknown): unknown {
  return read(value, [])
}

/** @param within - the objects that hold this value: one of them in itself would have no end */
function read(value: unknown, within: readonly object[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (within.includes(value)) throw new ValueError('fromJSON: the value holds itself, which no JSON does')
  const inner = [...within, value]
  if (Array.isArray(value)) return value.map((item: unknown) => read(item, inner))
  if (!isTensor(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => [key, read(item, inner)]),
    )
  }
  const { 'gradus.tensor': dtype, shape, data } = value
  if (!isDType(dtype) || !Array.isArray(shape) || typeof data !== 'string')
    throw new ValueError('this is not the JSON of a tensor: it has a dtype, a shape and data in base64')
  const elements = elementsOf(value)
  const size = sizeOf(checkSizes(shape))
  if (elements.length !== size)
    throw new ValueError(
      `the JSON of a tensor of shape [${shape.join(', ')}] has ${elements.length} elements, not ${size}`,
    )
  return fromRaw(elements, shape, dtype)
}
