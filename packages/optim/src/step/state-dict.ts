import { full, type Tensor } from '@gradus/core/functions'
import { exportMaster } from './masters.ts'
import type { Group } from './param-group.ts'

/** One entry of a parameter's state. */
export type StateValue = Tensor | number | null | readonly Tensor[]

/** The state of one parameter: numbers, tensors and lists of tensors under PyTorch's names in camelCase. */
export type ParamState = Record<string, StateValue>

/** An optimizer's state as PyTorch lays it out, under PyTorch's names. */
export interface OptimizerStateDict {
  /** Per parameter, numbered over all groups. */
  state: Record<string, Record<string, StateValue>>
  /** Options of each group, with the numbers of its parameters under `params`. */
  param_groups: ({ params: number[] } & Record<string, unknown>)[]
}

/** `weightDecay` as PyTorch writes it: `weight_decay`. */
export const snake = (key: string): string => key.replace(/(?<!^)[A-Z]/g, (c) => `_${c.toLowerCase()}`)
export const camel = (key: string): string => key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())

export function exportState(
  groups: readonly Group[],
  state: ReadonlyMap<Tensor, ParamState>,
): OptimizerStateDict {
  const numbers = new Map<Tensor, number>()
  const param_groups = groups.map((group) => {
    const options: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(group)) if (key !== 'params') options[snake(key)] = value
    const params = group.params.map((p) => {
      const known = numbers.get(p) ?? numbers.size
      numbers.set(p, known)
      return known
    })
    return { ...options, params }
  })
  const exported: OptimizerStateDict['state'] = {}
  for (const [p, number] of numbers) {
    const [kept, master] = [state.get(p), exportMaster(p)]
    if (!kept && !master) continue
    const own: ParamState = { ...kept, ...master }
    exported[number] = Object.fromEntries(
      Object.entries(own).map(([key, value]) => [
        snake(key),
        typeof value === 'number' ? scalarOf(value) : value,
      ]),
    )
  }
  return { state: exported, param_groups }
}

/** A number as PyTorch keeps it, float32; as float64 where float32 would change it, since training goes on from it. */
const scalarOf = (value: number): Tensor =>
  full([], value, { dtype: Object.is(Math.fround(value), value) ? 'float32' : 'float64' })

/**
 * A state dict as a file of PyTorch has it: the numbers of parameters are integers there, and so keys of a map.
 */
export interface LoadedOptimizerState {
  state: OptimizerStateDict['state'] | ReadonlyMap<unknown, Record<string, StateValue>>
  param_groups: OptimizerStateDict['param_groups']
}

/** A loaded state dict in the form that `stateDict()` gives. Other values come back as they are. */
export const fromLoaded = (given: LoadedOptimizerState): OptimizerStateDict => {
  const state: unknown = given?.state
  if (state instanceof Map) return { ...given, state: Object.fromEntries(state) }
  // what is no map is an object of this form, or is refused when it is checked
  return given as OptimizerStateDict
}
