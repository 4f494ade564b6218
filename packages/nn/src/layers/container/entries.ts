import { ArgumentError, Tensor, ValueError } from '@gradus/core/functions'
import { describeValue, takeArgument, whole } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'

export const noForward = (name: string): never => {
  throw new ValueError(`Module [${name}] is missing the required "forward" function`, {
    hint: 'call the modules in it',
  })
}

/** A position counted from the front. */
export function position(index: number, length: number): number {
  takeArgument('a list of modules or parameters', 'index', whole, index)
  const at = index < 0 ? index + length : index
  if (at < 0 || at >= length) throw new ValueError(`index ${index} is out of range`)
  return at
}

/** Children by position, one that is there twice included. */
export const childEntries = (module: Module): [string, Module][] =>
  Object.entries(module).filter((entry): entry is [string, Module] => entry[1] instanceof Module)

const isObject = (x: unknown): x is object => (typeof x === 'object' || typeof x === 'function') && x !== null

// a tensor iterates over its numbers, which are nobody's entries, and so does a typed array
const isIterable = (x: unknown): x is Iterable<unknown> =>
  isObject(x) && Symbol.iterator in x && !(x instanceof Tensor) && !ArrayBuffer.isView(x)

/** An object of values by name: neither a list, nor a tensor, nor a module. */
export const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !isIterable(x) && !(x instanceof Tensor)

/** The names and values that a container is made of. */
export function entriesOf<T>(
  call: string,
  given: Readonly<Record<string, T>> | Iterable<readonly [string, T]>,
) {
  if (isRecord(given)) return Object.entries(given) // not iterable
  if (typeof given === 'string' || !isIterable(given)) {
    throw new ArgumentError(
      `${call} should be called with an object or iterable key/value pairs, but got ${describeValue(given)}`,
    )
  }
  const entries: unknown[] = [...given]
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== 'string')
      throw new ArgumentError(`${call} takes pairs [name, value], got ${describeValue(entry)}`)
  }
  return entries as [string, T][] // looked at just before
}

/** The values that a list is made of. */
export function valuesOf<T>(call: string, given: Iterable<T>): T[] {
  if (typeof given === 'string' || !isIterable(given)) {
    throw new ArgumentError(`${call} should be called with an iterable, but got ${describeValue(given)}`)
  }
  return [...given]
}
