import { Generator } from './generator.ts'

let current: Generator | null = null

/** The generator that random functions draw from unless they are given one; seeded with PyTorch's default at first. */
export const defaultGenerator = (): Generator => (current ??= new Generator())

/** Replaces {@link defaultGenerator}; returns the one before. Tests and forked streams use it. */
export function setDefaultGenerator(generator: Generator): Generator {
  const before = defaultGenerator()
  current = generator
  return before
}

/**
 * Starts the default sequence of random numbers anew: the same seed gives the same numbers as `torch.manual_seed`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.manual_seed.html
 * @example
 * g.manualSeed(0)
 * g.rand(1).item() // => 0.49625658988952637
 */
export const manualSeed = (seed: number | bigint): Generator => defaultGenerator().manualSeed(seed)

/** Seeds the default generator with a number that differs from call to call, and returns it. */
export const seed = (): bigint => defaultGenerator().seed()

/** The seed that the default sequence began with. */
export const initialSeed = (): bigint => defaultGenerator().initialSeed()

/** The state of the default generator: 5056 bytes, as `torch.get_rng_state`. */
export const getRngState = (): Uint8Array => defaultGenerator().getState()

/** Continues from a state that {@link getRngState} returned, here or in PyTorch. */
export function setRngState(state: Uint8Array): void {
  defaultGenerator().setState(state)
}
