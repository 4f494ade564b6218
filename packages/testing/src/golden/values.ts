import { dtypes, isDType, Layout, Tensor, type DType, type TypedArray } from '@gradus/core'
import { fromRaw } from '@gradus/core/internal'

/** A Python slice among the arguments of `__getitem__` and the like. */
export class Slice {
  readonly start: number | null
  readonly stop: number | null
  readonly step: number | null

  constructor([start, stop, step]: readonly (number | null)[]) {
    this.start = start ?? null
    this.stop = stop ?? null
    this.step = step ?? null
  }
}

/** Python's `...`. */
export const ellipsis = Symbol('ellipsis')

/** A Python tuple: several results where an argument would be a list. */
export class Tuple {
  readonly items: readonly unknown[]

  constructor(items: readonly unknown[]) {
    this.items = items
  }
}

/** Thrown for a value that gradus has no counterpart of. */
export class Unreadable extends Error {}

/** A tensor as the files describe it: bytes in the companion `.bin`, laid out with these strides. */
export interface StoredTensor {
  readonly $t: string
  readonly shape: readonly number[]
  readonly stride: readonly number[]
  readonly off: number
  readonly len: number
  readonly rg?: boolean
}

export const isStored = (value: unknown): value is StoredTensor =>
  typeof value === 'object' && value !== null && '$t' in value

/** Reads the values of one file, making its tensors from the bytes beside it. */
export class Values {
  private readonly bytes: Uint8Array
  /** Called with each tensor that is an input requiring a gradient, in the order of the arguments. */
  private readonly leaf: (x: Tensor) => void

  constructor(bytes: Uint8Array, leaf: (x: Tensor) => void = () => {}) {
    this.bytes = bytes
    this.leaf = leaf
  }

  tensor({ $t, shape, stride, off, len }: StoredTensor): Tensor {
    if (!isDType($t)) throw new Unreadable(`dtype ${$t} is none of ${dtypes.join(', ')}`)
    const elements = typedArray($t, this.bytes.slice(off, off + len))
    const flat = fromRaw(elements, [elements.length], $t)
    return new Tensor(flat.storage, new Layout(shape, stride), $t)
  }

  read(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((v) => this.read(v))
    if (typeof value !== 'object' || value === null) return value
    if (isStored(value)) {
      const x = this.tensor(value)
      if (value.rg) this.leaf(x)
      return x
    }
    return this.tagged(value)
  }

  private tagged(value: object): unknown {
    const [[tag, content]] = Object.entries(value) as [[string, unknown]] // tags are objects of one key
    switch (tag) {
      case '$f':
        return content === 'nan' ? NaN : content === 'inf' ? Infinity : -Infinity
      case '$dtype':
        return content
      case '$size':
        return content
      case '$tuple':
        return new Tuple((content as unknown[]).map((v) => this.read(v))) // a tuple holds a list
      case '$dict':
        return Object.fromEntries(Object.entries(content as object).map(([k, v]) => [k, this.read(v)])) // a dict holds a record
      case '$slice':
        return new Slice((content as unknown[]).map((v) => this.read(v)) as (number | null)[]) // start, stop, step
      case '$ellipsis':
        return ellipsis
      case '$mf':
        return undefined
      default:
        throw new Unreadable(`a value tagged ${tag}`)
    }
  }
}

function typedArray(dtype: DType, { buffer }: Uint8Array<ArrayBuffer>): TypedArray {
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(buffer)
    case 'int8':
      return new Int8Array(buffer)
    case 'int16':
      return new Int16Array(buffer)
    case 'float16':
    case 'bfloat16':
      return new Uint16Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'int64':
      return new BigInt64Array(buffer)
    case 'float32':
      return new Float32Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
  }
}

/** Tuples as the arrays that gradus takes. */
export function plainArgument(value: unknown): unknown {
  if (value instanceof Tuple) return value.items.map(plainArgument)
  if (Array.isArray(value)) return value.map(plainArgument)
  return value
}
