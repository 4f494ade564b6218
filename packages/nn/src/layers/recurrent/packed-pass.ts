import { cat, type Tensor } from '@gradus/core/functions'
import type { Pass } from './recurrent.ts'

/**
 * One direction of a layer over a packed sequence. A step has as many rows as sequences have that step, so that the state
 * loses the rows of sequences that have ended, and backwards gains those of sequences that begin.
 *
 * @param gates - the input's part of the gates for each step
 * @param initial - the states of all sequences
 */
export function packedPass(
  gates: readonly Tensor[],
  initial: readonly Tensor[],
  backwards: boolean,
  step: (gates: Tensor, state: readonly Tensor[]) => readonly Tensor[],
): Pass {
  const rows = (state: readonly Tensor[], from: number, to: number): readonly Tensor[] =>
    state.map((s) => s.narrow(0, from, to - from))
  const steps = new Array<Tensor>(gates.length)
  const ended: (readonly Tensor[])[] = []
  let count = gates[backwards ? gates.length - 1 : 0].shape[0]
  let state = rows(initial, 0, count)
  for (let i = 0; i < gates.length; i++) {
    const t = backwards ? gates.length - 1 - i : i
    const now = gates[t].shape[0]
    if (now < count) {
      ended.unshift(rows(state, now, count))
      state = rows(state, 0, now)
    } else if (now > count) {
      const begun = rows(initial, count, now)
      state = state.map((s, k) => cat([s, begun[k]], 0))
    }
    count = now
    state = step(gates[t], state)
    steps[t] = state[0]
  }
  // the longest sequence comes first
  return {
    steps,
    state: ended.length === 0 ? state : state.map((s, k) => cat([s, ...ended.map((e) => e[k])], 0)),
  }
}
