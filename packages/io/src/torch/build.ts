import { currentBackend, GradError, isFloat, Layout, Storage, Tensor, type DType } from '@gradus/core'
import { elementsOf, sayRead, type ElementType } from '../elements.ts'
import { FileError } from '../file-error.ts'
import { toPlain } from '../pickle/plain.ts'
import { StorageRef, TensorRef } from './refs.ts'

/** A storage of a file on the current backend, which its tensors share. */
interface Memory {
  readonly storage: Storage
  readonly counter: { value: number }
}

/** Makes the tensors of one file. */
export class TensorBuilder {
  private readonly bytes = new Map<string, Uint8Array>()
  private readonly memories = new Map<string, Memory>()
  private readonly tensors = new Map<TensorRef, Tensor>()

  /** Takes the bytes of a storage to the backend; what is kept of them here are those of dtypes that gradus does not have. */
  addStorage(ref: StorageRef, bytes: Uint8Array): void {
    const { type } = ref.class
    if (type && !type.convert) this.memories.set(`${ref.key} ${type.dtype}`, memoryOf(bytes, type.dtype))
    else this.bytes.set(ref.key, bytes)
  }

  /** What a pickle of `length` bytes gave, with its tensors. */
  build(root: unknown, length: number): unknown {
    return toPlain(
      root,
      (value) => {
        if (value instanceof TensorRef) return this.tensor(value)
        if (value instanceof StorageRef) throw new FileError(`storage ${value.key} is there without a tensor`)
        throw new FileError('the file holds a value that is no data')
      },
      length,
    )
  }

  private tensor(ref: TensorRef): Tensor {
    const known = this.tensors.get(ref)
    if (known) return known
    const { storage, counter } = this.memory(ref)
    const rowMajor = Layout.of(ref.shape)
    const layout = new Layout(ref.shape, ref.strides, ref.offset)
    // what begins at 0 and is row-major has the one layout that kernels know by identity
    const usual = layout.contiguous && layout.offset === 0 ? rowMajor : layout
    const x = new Tensor(storage, usual, ref.type.dtype, counter)
    if (ref.requiresGrad) restoreGrad(x)
    this.tensors.set(ref, x)
    return x
  }

  private memory({ storage, type }: TensorRef): Memory {
    const key = `${storage.key} ${type.convert ? type.name : type.dtype}`
    let memory = this.memories.get(key)
    if (!memory) {
      const bytes = this.bytes.get(storage.key)
      if (!bytes) throw new FileError(`storage ${storage.key} is missing`)
      this.memories.set(key, (memory = converted(bytes, type)))
    }
    return memory
  }
}

function converted(bytes: Uint8Array, type: ElementType): Memory {
  if (!type.convert)
    return memoryOf(bytes.slice(0, bytes.length - (bytes.length % (type.bits / 8))), type.dtype)
  sayRead(type)
  const data = type.convert(bytes.subarray(0, bytes.length - (bytes.length % Math.max(1, type.bits / 8))))
  return memoryOf(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), type.dtype)
}

function memoryOf(bytes: Uint8Array, dtype: DType): Memory {
  const storage = new Storage(currentBackend(), bytes.length)
  storage.backend.write(storage.block, elementsOf(bytes, dtype))
  return { storage, counter: { value: 0 } }
}

/** As in PyTorch, what was a leaf is one again; in a program without autograd it cannot be. */
function restoreGrad(x: Tensor): void {
  if (!isFloat(x.dtype)) return
  try {
    x.requiresGrad_()
  } catch (error) {
    if (!(error instanceof GradError)) throw error
  }
}
