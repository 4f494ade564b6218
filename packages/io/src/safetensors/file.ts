import type { DType, Shape, Tensor } from '@gradus/core'

/** What is known of a tensor before it is read. */
export interface TensorInfo {
  /** The dtype it is read as. */
  readonly dtype: DType
  /** PyTorch's name of the dtype it has in the file: another one for float8 and unsigned integers. */
  readonly storedAs: string
  readonly shape: Shape
  /** Bytes it takes in the file. */
  readonly bytes: number
}

/** A tensor that is read when it is asked for. {@link saveSafetensors} takes them, too. */
export interface LazyTensor {
  readonly dtype: DType
  readonly shape: Shape
  read(): Promise<Tensor>
}

/**
 * A safetensors file that is open: what is in it is known, and its tensors are read one by one.
 *
 * Iterating gives `[name, tensor]`, in the order of the file's header.
 */
export interface SafetensorsFile extends AsyncIterable<[string, Tensor]> {
  readonly name: string
  /** Text by name that whoever wrote the file left in it. */
  readonly metadata: Readonly<Record<string, string>>
  /** The tensors' names. */
  readonly names: readonly string[]
  /** @throws FileError if there is no such tensor */
  info(name: string): TensorInfo
  /** Reads one tensor. */
  tensor(name: string): Promise<Tensor>
  /** The bytes of one tensor as they lie in the file; a view where the file is in memory. */
  bytes(name: string): Promise<Uint8Array>
  /** One tensor, to be read later. */
  lazy(name: string): LazyTensor
  /** Reads all tensors, into an object without a prototype. */
  all(): Promise<Record<string, Tensor>>
  close(): Promise<void>
}

/** Every tensor of a file. Names are data: the object has no prototype. */
export async function readAll(file: SafetensorsFile): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = Object.create(null)
  for (const name of file.names) tensors[name] = await file.tensor(name)
  return tensors
}
