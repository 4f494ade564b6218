import { tensor, Tensor, type DType, type TypedArray } from '@gradus/core'
import type { Task } from '../loader/fetch.ts'

/** What a worker is told first. */
export interface Beginning {
  /** Its number, from 0. */
  readonly id: number
  readonly numWorkers: number
  readonly args: readonly unknown[]
}

/** How a worker makes the batches of one iteration. */
export interface EpochSettings {
  readonly baseSeed: bigint
  readonly batchSize: number
  readonly dropLast: boolean
  /** Whether it gives the items and not the batch. */
  readonly raw: boolean
}

/** What a worker is asked for. */
export type Request =
  | {
      readonly epoch: number
      readonly id: number
      readonly settings: EpochSettings
      readonly task: Task | null
    }
  /** The iteration is over. */
  | { readonly epoch: number; readonly over: true }

/** An error as it crosses threads. */
export interface SentError {
  readonly name: string
  readonly message: string
  readonly stack: string
}

/** What a worker answers. */
export type Answer =
  | { readonly ready: true }
  /** The dataset could not be made. */
  | { readonly failed: SentError }
  | { readonly id: number; readonly error: SentError }
  | { readonly id: number; readonly end: true }
  | { readonly id: number; readonly parcel: Parcel }

/** An error of any kind, in parts that can be sent. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' }
  return { name: error.name, message: error.message, stack: error.stack ?? '' }
}

/** A batch as it crosses threads: tensors beside it, by number. */
export interface Parcel {
  readonly tree: Tree
  readonly tensors: readonly {
    readonly dtype: DType
    readonly shape: readonly number[]
    readonly data: TypedArray
  }[]
}

type Tree =
  | { readonly tensor: number }
  | { readonly list: readonly Tree[] }
  | { readonly entries: readonly (readonly [string, Tree])[] }
  | { readonly map: readonly (readonly [unknown, Tree])[] }
  /** What is sent as it is. */
  | { readonly value: unknown }

/** A batch with the values of its tensors, which are copied. */
export async function pack(batch: unknown): Promise<Parcel> {
  const found: Tensor[] = []
  const tree = treeOf(batch, found)
  const tensors = await Promise.all(
    found.map(async (x) => ({ dtype: x.dtype, shape: [...x.shape], data: await x.detach().read() })),
  )
  return { tree, tensors }
}

function treeOf(value: unknown, found: Tensor[]): Tree {
  if (value instanceof Tensor) return { tensor: found.push(value) - 1 }
  if (Array.isArray(value)) return { list: value.map((part) => treeOf(part, found)) }
  if (value instanceof Map) return { map: [...value].map(([key, part]) => [key, treeOf(part, found)]) }
  if (typeof value === 'object' && value !== null && isRecord(value)) {
    return { entries: Object.entries(value).map(([key, part]) => [key, treeOf(part, found)]) }
  }
  return { value }
}

function isRecord(value: object): boolean {
  const prototype: unknown = Reflect.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** The buffers of a parcel, which move instead of being copied. */
export const buffersOf = ({ tensors }: Parcel): ArrayBuffer[] =>
  tensors.map(({ data }) => data.buffer).filter((buffer) => buffer instanceof ArrayBuffer)

/** The batch that was packed. */
export function unpack({ tree, tensors }: Parcel): unknown {
  const made = tensors.map(({ dtype, shape, data }) => tensor(data, { dtype }).reshape(shape))
  return valueOf(tree, made)
}

function valueOf(tree: Tree, tensors: readonly Tensor[]): unknown {
  if ('tensor' in tree) return tensors[tree.tensor]
  if ('list' in tree) return tree.list.map((part) => valueOf(part, tensors))
  if ('map' in tree) return new Map(tree.map.map(([key, part]) => [key, valueOf(part, tensors)]))
  if ('entries' in tree) {
    return Object.fromEntries(tree.entries.map(([key, part]) => [key, valueOf(part, tensors)]))
  }
  return tree.value
}
