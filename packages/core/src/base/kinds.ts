import { isDType, type DType } from './dtype.ts'

/** The set of values that an argument or option accepts. */
export interface Kind<T> {
  /** As an error says it: `a boolean`, `an integer of at least 1`. */
  readonly expected: string
  accepts(this: void, value: unknown): value is T
  /** PyTorch's own message for a refused value, where it has one. */
  refuses?(this: void, value: unknown): string
}

/** A kind of one's own. */
/*@__NO_SIDE_EFFECTS__*/
export function kind<T>(
  expected: string,
  accepts: (value: unknown) => boolean,
  refuses?: (value: unknown) => string,
): Kind<T> {
  // the declaration of a kind states that `accepts` tests for T
  const guard = accepts as (value: unknown) => value is T
  return refuses === undefined ? { expected, accepts: guard } : { expected, accepts: guard, refuses }
}

/** Whether a value is a whole number that a double holds exactly. */
function isInteger(x: unknown): x is number {
  return Number.isSafeInteger(x)
}

/** `true` or `false`. */
export const flag = /* @__PURE__ */ kind<boolean>('a boolean', (x) => typeof x === 'boolean')

/** A number that is not NaN; infinite ones are allowed. */
export const real = /* @__PURE__ */ kind<number>('a number', (x) => typeof x === 'number' && x === x)

/** Any number, NaN included. */
export const number = /* @__PURE__ */ kind<number>('a number', (x) => typeof x === 'number')

/** A number or boolean. */
export const plainValue = /* @__PURE__ */ kind<number | boolean>(
  'a number or a boolean',
  (x) => typeof x === 'number' || typeof x === 'boolean',
)

/** A finite number. */
export const finite = /* @__PURE__ */ kind<number>('a finite number', Number.isFinite)

/** A finite number of at least `min`, or above it. */
/*@__NO_SIDE_EFFECTS__*/
export function atLeast(min: number, { exclusive = false } = {}): Kind<number> {
  return kind(
    exclusive ? `a finite number above ${min}` : `a finite number of at least ${min}`,
    // `isFinite` was true, so that x is a number
    (x) => Number.isFinite(x) && (exclusive ? (x as number) > min : (x as number) >= min),
  )
}

/** A whole number from `min` to `max`, both of them included; safe integers by default. */
/*@__NO_SIDE_EFFECTS__*/
export function integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Kind<number> {
  const range =
    max !== Number.MAX_SAFE_INTEGER
      ? ` from ${min} to ${max}`
      : min !== Number.MIN_SAFE_INTEGER
        ? ` of at least ${min}`
        : ''
  return kind(`an integer${range}`, (x) => isInteger(x) && x >= min && x <= max)
}

/** A whole number. */
export const whole = /* @__PURE__ */ integer()

/** A whole number that is not negative. */
export const count = /* @__PURE__ */ integer(0)

/** `x.every(accepts)`, which would pass over the holes of an array. */
function every(x: readonly unknown[], accepts: (value: unknown) => boolean): boolean {
  for (const value of x) if (!accepts(value)) return false
  return true
}

/** An array whose elements are all of kind `element`. With `length`, it has that many elements. */
/*@__NO_SIDE_EFFECTS__*/
export function listOf<T>(element: Kind<T>, length?: number): Kind<readonly T[]> {
  const size = length === undefined ? 'an array' : `an array of ${length}`
  return kind(
    `${size}, each ${element.expected}`,
    (x) => Array.isArray(x) && (length === undefined || x.length === length) && every(x, element.accepts),
  )
}

/** Whole numbers. */
export const wholes = /* @__PURE__ */ listOf(whole)

/** Whole numbers that are not negative. */
export const counts = /* @__PURE__ */ listOf(count)

/** One of these texts. */
/*@__NO_SIDE_EFFECTS__*/
export function oneOf<const T extends string>(...texts: readonly T[]): Kind<T> {
  const quoted = texts.map((text) => `'${text}'`)
  return kind(
    quoted.length === 1 ? quoted[0] : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    // a set of T asked about a value of any type
    (x) => (texts as readonly unknown[]).includes(x),
  )
}

/** Any text. */
export const text = /* @__PURE__ */ kind<string>('a string', (x) => typeof x === 'string')

/** A whole number, or one per axis. */
export const integers = /* @__PURE__ */ kind<number | readonly number[]>(
  'an integer or an array of integers',
  (x) => isInteger(x) || (Array.isArray(x) && every(x, isInteger)),
)

/** The name of a dtype. */
export const dtypeName = /* @__PURE__ */ kind<DType>("a dtype, as 'float32'", isDType)

/** A function. The type says which. */
/*@__NO_SIDE_EFFECTS__*/
export function functionKind<T>(): Kind<T> {
  return kind('a function', (x) => typeof x === 'function')
}

/** `null`, or a value of another kind. */
/*@__NO_SIDE_EFFECTS__*/
export function nullable<T>(inner: Kind<T>): Kind<T | null> {
  return kind(`${inner.expected} or null`, (x) => x === null || inner.accepts(x), inner.refuses)
}

/** A value of either kind. */
/*@__NO_SIDE_EFFECTS__*/
export function either<A, B>(a: Kind<A>, b: Kind<B>): Kind<A | B> {
  return kind(`${a.expected}, or ${b.expected}`, (x) => a.accepts(x) || b.accepts(x), a.refuses ?? b.refuses)
}

/** Any value: for an option that the call itself examines. */
/*@__NO_SIDE_EFFECTS__*/
export function anything<T>(): Kind<T> {
  return kind('anything', () => true)
}
