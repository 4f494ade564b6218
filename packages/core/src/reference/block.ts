import type { Block, View } from '../backend/types.ts'
import type { DType, TypedArray } from '../base/dtype.ts'
import { codeOf } from '../base/dtype.ts'
import { BackendError } from '../base/errors.ts'

/** Memory of the reference backend: one buffer per block, seen as every dtype. */
export class HostBlock implements Block {
  readonly bytes: number
  private buffer: ArrayBuffer | null
  private readonly seenAs: TypedArray[] = []

  constructor(bytes: number) {
    this.bytes = bytes
    // whole words, so that it can be seen as any dtype
    this.buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8)
  }

  as(dtype: DType): TypedArray {
    if (this.buffer === null) throw new BackendError('a block was used after it was freed')
    return (this.seenAs[codeOf(dtype)] ??= arrayOver(this.buffer, dtype))
  }

  release(): boolean {
    const held = this.buffer !== null
    this.buffer = null
    this.seenAs.length = 0
    return held
  }
}

function arrayOver(buffer: ArrayBuffer, dtype: DType): TypedArray {
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

/** The whole storage of a view, as elements of its dtype. */
export function elementsOf(view: View): TypedArray {
  return hostBlock(view.storage.block).as(view.dtype)
}

/** A block as this backend's own. */
export function hostBlock(block: Block): HostBlock {
  if (block instanceof HostBlock) return block
  throw new BackendError('the reference backend was given memory of another backend')
}
