import type { Backend, View } from '../backend/types.ts'
import { BackendError } from '../base/errors.ts'
import { decode, type HostArray } from '../tensor/elements.ts'
import type { Tensor } from '../tensor/tensor.ts'

/*
 * An op that computes with values on the host waits for the device. Such ops are declared here and read values in no other
 * way: the linter refuses other reads in `ops/` and `create/`, and a test compares reads with declarations.
 */

/** The permission of one op to read values on the host: made by {@link readsValues}. */
export interface HostReader {
  /** The function that reads, as programs call it. */
  readonly op: string
  /** The number of its reads. Each would wait for a device that answers late. */
  reads: number
}

const declared: HostReader[] = []

/** Declares that an op reads values on the host; the constant stands beside the op. */
/*@__NO_SIDE_EFFECTS__*/
export function readsValues(op: string): HostReader {
  const reader = { op, reads: 0 }
  declared.push(reader)
  return reader
}

/** The loaded ops that read values on the host. */
export const hostReaders = (): readonly HostReader[] => declared

/**
 * The elements of an operand in row-major order, copied to the host: as {@link Tensor.readSync} gives them.
 *
 * @param on - the backend of a view that is no tensor
 * @throws BackendError where the backend has no synchronous read
 */
export function hostValues(reader: HostReader, x: Tensor): HostArray
export function hostValues(reader: HostReader, x: View, on: Backend): HostArray
export function hostValues(reader: HostReader, x: Tensor | View, on?: Backend): HostArray {
  reader.reads++
  // without a backend beside it x is a tensor, as the overloads say
  const backend = on ?? (x as Tensor).storage.backend
  if (!backend.readSync) {
    throw new BackendError(
      `${reader.op} needs values on the host, which the ${backend.name} backend does not read at once`,
    )
  }
  return decode(backend.readSync(x), x.dtype)
}

/** {@link hostValues} as numbers. */
export const hostNumbers = (reader: HostReader, x: Tensor): number[] =>
  Array.from<number | bigint, number>(hostValues(reader, x), Number)

/** The number of a one-element tensor; a number is itself. */
export function hostNumber(reader: HostReader, x: Tensor | number): number {
  if (typeof x === 'number') return x
  reader.reads++
  // with the checks of item(): one element, and an int64 that fits
  return x.item()
}
