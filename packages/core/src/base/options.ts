import { ArgumentError } from './errors.ts'
import { describeValue } from './describe.ts'
import { type Kind } from './kinds.ts'

/** The kind of each option of a call: the one list of names that the call takes. */
export type OptionTable<T> = { readonly [Name in keyof T]-?: Kind<Exclude<T[Name], undefined>> }

/**
 * Declares the options of a call. The table has a kind for every member of the options' type, or it does not compile.
 *
 * @param base - the table of the options that the type extends
 */
/*@__NO_SIDE_EFFECTS__*/
export function defineOptions<T extends object, B extends object = object>(
  table: OptionTable<Omit<T, keyof B>>,
  base?: OptionTable<B>,
): OptionTable<T> {
  // together they have every member of T: the members of B, and the members that B lacks
  return (base === undefined ? table : { ...base, ...table }) as OptionTable<T>
}

/**
 * The options that a call was given, checked. An absent object is `{}`; an option that is `undefined` is as if absent.
 *
 * @param call - as the user wrote it: `sum`, `SGD`
 * @returns `given` itself
 * @throws ArgumentError (a TypeError) for options that are not an object, an unknown name, and a value of another kind
 */
export function takeOptions<T extends object>(
  call: string,
  table: OptionTable<T>,
  given: T | undefined,
): Partial<T> {
  if (given === undefined) return none
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw notAnObject(call, table, given)
  let isEmpty = true
  for (const name in given) {
    isEmpty = false
    // a name that the table inherits from Object.prototype is a function, not a kind
    const kind = table[name] as Kind<unknown> | undefined
    if (typeof kind?.accepts !== 'function') throw unknownOption(call, table, given, name)
    const value = given[name]
    if (value !== undefined && !kind.accepts(value)) throw wrongValue(call, name, kind, value)
  }
  // a Map, a Promise or a regular expression has no names of its own
  if (isEmpty && !isPlain(given)) throw notAnObject(call, table, given)
  return given
}

const isPlain = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === null || proto === Object.prototype || Object.getPrototypeOf(proto) === null
}

/**
 * Options with their defaults: a member that `given` lacks or has as `undefined` is taken from `defaults`.
 *
 * @throws ArgumentError as {@link takeOptions}
 */
export function withDefaults<T extends object, D extends Partial<T>>(
  call: string,
  table: OptionTable<T>,
  given: T | undefined,
  defaults: D,
): T & D {
  const taken = takeOptions(call, table, given)
  const all: Record<string, unknown> = { ...defaults }
  for (const [name, value] of Object.entries(taken)) if (value !== undefined) all[name] = value
  // every member is of `given`, whose values were checked, or of `defaults`
  return all as T & D
}

/**
 * A positional argument, checked by the same kinds as options are.
 *
 * @returns the value
 * @throws ArgumentError that names the call and the argument
 */
export function takeArgument<T>(call: string, name: string, kind: Kind<T>, value: unknown): T {
  if (!kind.accepts(value)) throw wrongValue(call, name, kind, value)
  return value
}

const none = Object.freeze({})

function wrongValue(call: string, name: string, kind: Kind<unknown>, value: unknown): ArgumentError {
  const known = kind.refuses?.(Array.isArray(value) ? value.map(printable) : printable(value))
  return known === undefined
    ? new ArgumentError(`${call}: ${name} must be ${kind.expected}, got ${describeValue(value)}`)
    : new ArgumentError(known, { where: `${call}(${name})`, hint: `${name} is ${kind.expected}` })
}

/** What a message of PyTorch's has in it: a value that prints as itself, or its description. */
const printable = (value: unknown): unknown =>
  value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : describeValue(value)

function notAnObject(call: string, table: object, given: unknown): ArgumentError {
  // the first option that accepts the value: probably the one meant
  const meant = Object.entries(table).find(([, kind]: [string, Kind<unknown>]) => kind.accepts(given))?.[0]
  const form = meant === undefined ? namesOf(table) : `{ ${meant}: ${describeValue(given)} }`
  return new ArgumentError(`${call} takes options as one object: ${form}, got ${describeValue(given)}`)
}

function unknownOption(call: string, table: object, given: object, name: string): ArgumentError {
  const proto: unknown = Object.getPrototypeOf(given)
  if (proto !== null && proto !== Object.prototype) return notAnObject(call, table, given)
  const near = nearest(name, Object.keys(table))
  const takes = `${call} takes ${namesOf(table)}`
  return new ArgumentError(`${call} has no option '${name}'`, {
    hint: near === undefined ? takes : `did you mean ${near}? ${takes}`,
  })
}

const namesOf = (table: object): string => {
  const names = Object.keys(table)
  return names.length === 0 ? 'no options' : `{ ${names.join(', ')} }`
}

/** The name that was probably meant, or undefined: PyTorch's spelling, another case, or a slip of one or two letters. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const bare = (text: string): string => text.replaceAll('_', '').toLowerCase()
  const wanted = bare(name) === 'dim' ? 'axis' : bare(name)
  let best: string | undefined
  let least = Math.min(3, Math.ceil(wanted.length / 2))
  for (const candidate of names) {
    const d = distance(wanted, bare(candidate))
    if (d < least) [best, least] = [candidate, d]
  }
  return best
}

/** Levenshtein's distance, row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]
}
