import { ValueError } from '@gradus/core/functions'
import { anything, flag as boolean, kind, withDefaults, type Kind } from '@gradus/core/internal'
import { switches, type Switches } from './switches.ts'

/** An option of an optimizer: its default, and the kind of its values. */
export interface Option<T> extends Kind<T> {
  readonly initial: T
}

/** The options of an optimizer. */
export type Options<O> = { readonly [K in keyof O]-?: Option<O[K]> }

/** Kinds of options by name. */
export type Kinds = Readonly<Record<string, Kind<unknown>>>

/** The options that an optimizer is given. */
export type GivenOptions<O> = Partial<O> & Switches

/**
 * Defaults with the options that were given; `undefined` is the default.
 *
 * @param call - the name of the optimizer, for errors
 * @throws ArgumentError for an unknown name, or a value that an option does not take
 */
export function completed<O extends object>(
  call: string,
  kinds: Kinds,
  given: Record<string, unknown> | undefined,
  defaults: O,
): O {
  const all = withDefaults<Record<string, unknown>, O>(call, { ...kinds, ...switches }, given, defaults)
  const { foreach, fused, capturable, differentiable, ...options } = all
  if (foreach === true && fused === true)
    throw new ValueError('`fused` and `foreach` cannot be `true` together.', { where: call })
  // each entry is one of the defaults, or of the kind of its name
  return options as O
}

/** The options that were given, checked; without those that are `undefined`. */
export const checkedOptions = (call: string, kinds: Kinds, given: object): Record<string, unknown> =>
  withDefaults<Record<string, unknown>, object>(call, kinds, { ...given }, {})

/** The default of each option. */
export function initial<O>(options: Options<O>): O {
  const all: Partial<O> = {}
  for (const name in options) all[name] = options[name].initial
  // `options` has all that O has
  return all as O
}

/** Kinds for an optimizer without a declaration: any value for each option that has a default. */
export const kindsOf = (defaults: object): Kinds =>
  Object.fromEntries(Object.keys(defaults).map((name) => [name, anything()]))

/* @__NO_SIDE_EFFECTS__ */
export function option<T>(initial: T, { expected, accepts, refuses }: Kind<T>): Option<T> {
  return refuses ? { initial, expected, accepts, refuses } : { initial, expected, accepts }
}

/* @__NO_SIDE_EFFECTS__ */
export function flag(initial: boolean): Option<boolean> {
  return option(initial, boolean)
}

/* @__NO_SIDE_EFFECTS__ */
export function learningRate(initial: number): Option<number> {
  return option(
    initial,
    from0((value) => `Invalid learning rate: ${value}`),
  )
}

/** A number from 0 on, which PyTorch's message calls `name`. */
/* @__NO_SIDE_EFFECTS__ */
export function notNegative(initial: number, name: string): Option<number> {
  return option(
    initial,
    from0((value) => `Invalid ${name} value: ${value}`),
  )
}

/** A number from 0 on, with the message of PyTorch's newer optimizers. */
/* @__NO_SIDE_EFFECTS__ */
export function notBelow0(initial: number, name: string): Option<number> {
  return option(
    initial,
    from0((value) => `${name} should be >= 0 but is: ${value}`),
  )
}

/** A number between 0 and 1, both included. */
/* @__NO_SIDE_EFFECTS__ */
export function share(initial: number, name: string): Option<number> {
  const fits = (x: unknown): boolean => typeof x === 'number' && x >= 0 && x <= 1
  return option(
    initial,
    kind('a number from 0 to 1', fits, (value) => `Invalid ${name} value: ${String(value)}`),
  )
}

/** Two shares of the past, from 0 on and below 1. */
/* @__NO_SIDE_EFFECTS__ */
export function betas(first: number, second: number): Option<readonly [number, number]> {
  const fits = (x: unknown): boolean => typeof x === 'number' && x >= 0 && x < 1
  const expected = 'two numbers from 0 on and below 1'
  return option(
    [first, second],
    kind(
      expected,
      (x) => Array.isArray(x) && x.length === 2 && x.every(fits),
      (x) => {
        const at = Array.isArray(x) && x.length === 2 ? x.findIndex((beta) => !fits(beta)) : -1
        return at < 0 || !Array.isArray(x)
          ? `betas must be ${expected}, got ${String(x)}`
          : `Invalid beta parameter at index ${at}: ${String(x[at])}`
      },
    ),
  )
}

const from0 = (refuses: (value: string) => string): Kind<number> =>
  kind(
    'a finite number of at least 0',
    // `isFinite` is true of numbers only
    (x) => Number.isFinite(x) && (x as number) >= 0,
    (x) => refuses(String(x)),
  )
