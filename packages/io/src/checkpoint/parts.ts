import { Generator, getRngState, setRngState, Tensor, tensor, ValueError } from '@gradus/core'
import { FileError } from '../file-error.ts'

/** Whatever has a state that a checkpoint keeps: modules, optimizers, schedulers, scalers, accumulators, loaders. */
export interface HasState {
  stateDict(): unknown
  // each takes what its own stateDict gave
  loadStateDict(state: never): unknown
}

/** What a checkpoint keeps, by name: anything with a state, and generators of random numbers. */
export type Parts = Readonly<Record<string, HasState | Generator>>

const hasState = (value: unknown): value is HasState =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  'stateDict' in value &&
  typeof value.stateDict === 'function' &&
  'loadStateDict' in value &&
  typeof value.loadStateDict === 'function'

/** @throws ValueError for a part that has no state */
export function checkParts(parts: Parts): void {
  for (const [name, part] of Object.entries(parts)) {
    if (part instanceof Generator || hasState(part)) continue
    throw new ValueError(
      `a checkpoint keeps what has stateDict() and loadStateDict(): ${JSON.stringify(name)} has not`,
      {
        hint: 'numbers, text and tensors of your own go into metadata',
      },
    )
  }
}

/**
 * Parts in the order in which states are taken and given: one that acts on an optimizer comes before it, since an accumulator's window has to be
 * saved, and loaded, before the optimizer that it waits to step.
 */
function ordered(parts: Parts): [string, HasState | Generator][] {
  const entries = Object.entries(parts)
  const acts = ([, part]: [string, HasState | Generator]): boolean => 'optimizer' in part
  return [...entries.filter(acts), ...entries.filter((entry) => !acts(entry))]
}

/** The states of all parts, and of the default generator. They share memory with the parts. */
export function takeStates(parts: Parts): { states: Record<string, unknown>; rng: unknown } {
  const states: Record<string, unknown> = Object.create(null)
  // asking a model or loader for its state may draw numbers
  for (const [name, part] of ordered(parts))
    states[name] = part instanceof Generator ? tensor(part.getState()) : part.stateDict()
  return { states, rng: tensor(getRngState()) }
}

/**
 * Gives all parts the states of a checkpoint.
 *
 * @throws FileError if the checkpoint has other parts, and what a part throws that does not take its state; all parts are as before then
 */
export function giveStates(parts: Parts, states: Readonly<Record<string, unknown>>, rng: Uint8Array): void {
  const missing = Object.keys(parts).filter((name) => !(name in states))
  const unexpected = Object.keys(states).filter((name) => !Object.hasOwn(parts, name))
  if (missing.length + unexpected.length > 0) {
    const list = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')
    throw new FileError(
      `the checkpoint has other parts: ${[missing.length > 0 && `missing are ${list(missing)}`, unexpected.length > 0 && `unexpected are ${list(unexpected)}`].filter(Boolean).join('; ')}`,
      { hint: 'resume with the same names as were saved' },
    )
  }
  const drawn = getRngState()
  const before = copyOf(takeStates(parts).states) as Record<string, unknown> // a copy is of the kind of its original
  const given: [string, HasState | Generator][] = []
  try {
    for (const [name, part] of ordered(parts)) {
      given.push([name, part])
      give(name, part, states[name])
    }
    setRngState(rng)
  } catch (error) {
    // a run must not go on with a model of the checkpoint and the optimizer of before
    for (const [name, part] of given) give(name, part, before[name])
    setRngState(drawn)
    throw error
  }
}

/** A copy of a state that shares no memory with the part it is of. */
function copyOf(value: unknown): unknown {
  if (value instanceof Tensor) return value.clone()
  if (Array.isArray(value)) return value.map(copyOf)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copyOf(item)]))
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const copy: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) copy[key] = copyOf(item)
  return copy
}

function give(name: string, part: HasState | Generator, state: unknown): void {
  try {
    if (part instanceof Generator) part.setState(bytesOf(state))
    else part.loadStateDict(state as never) // what this part's stateDict gave, or it says why it is not
  } catch (error) {
    // the part's own message says what does not fit
    if (error instanceof Error) error.message += `\n  in the part ${JSON.stringify(name)} of the checkpoint`
    throw error
  }
}

/** The bytes of a generator's state. */
export function bytesOf(state: unknown): Uint8Array {
  const bytes: unknown =
    typeof state === 'object' && state !== null && 'readSync' in state && typeof state.readSync === 'function'
      ? state.readSync()
      : null
  if (bytes instanceof Uint8Array) return bytes
  throw new FileError('the checkpoint has a generator whose state is no bytes')
}
