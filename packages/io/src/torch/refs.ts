import { sizeOfClaim, type ElementType } from '../elements.ts'
import { FileError } from '../file-error.ts'

/** A class of PyTorch's storages: what is in it, or null where only the tensors on it know. */
export interface StorageClass {
  readonly name: string
  readonly type: ElementType | null
}

/** A storage that a pickle speaks of; its bytes are elsewhere in the file. */
export class StorageRef {
  readonly key: string
  readonly class: StorageClass
  /** Its length in elements; in bytes where it has no type. */
  readonly length: number
  /** Where it begins in the storage of its key: files from before 0.4 have storages that are parts of others. */
  readonly start: number

  constructor(key: string, storageClass: StorageClass, length: number, start = 0) {
    this.key = key
    this.class = storageClass
    this.length = length
    this.start = start
  }

  get bytes(): number {
    return (this.length * (this.class.type?.bits ?? 8)) / 8
  }
}

/** A tensor that a pickle speaks of. */
export class TensorRef {
  readonly storage: StorageRef
  readonly type: ElementType
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly requiresGrad: boolean

  constructor(
    storage: StorageRef,
    type: ElementType,
    place: { offset: unknown; shape: unknown; strides: unknown; requiresGrad: unknown },
  ) {
    const { offset, shape, strides } = place
    if (
      !isSize(offset) ||
      !isSizes(shape) ||
      !isSizes(strides) ||
      strides.length !== shape.length ||
      shape.length > 64
    )
      throw new FileError('a tensor of the file has a shape, strides or offset that are no sizes')
    this.storage = storage
    this.type = type
    this.shape = shape
    this.strides = strides
    this.offset = offset + storage.start
    this.requiresGrad = place.requiresGrad === true
    const length = Math.floor((storage.bytes * 8) / type.bits)
    const last = lastElement(offset, shape, strides)
    if (last >= length) {
      throw new FileError(
        `a tensor of shape [${shape.join(', ')}] and strides [${strides.join(', ')}] at ${offset} reaches element ${last} of storage ${storage.key}, which has ${length}`,
      )
    }
  }
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize)

/** The largest position that a tensor reaches; -1 for an empty one. */
function lastElement(offset: number, shape: readonly number[], strides: readonly number[]): number {
  if (sizeOfClaim(shape) === null)
    throw new FileError(`the sizes of a tensor overflow: [${shape.join(', ')}]`)
  if (shape.includes(0)) return -1
  return shape.reduce((last, n, i) => last + (n - 1) * strides[i], offset)
}
