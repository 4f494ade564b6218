import { isHalf, type DType } from '@gradus/core/backend'
import { full, isFloat, Tensor, ValueError } from '@gradus/core'
import { exportMaster } from './masters.ts'
import type { Group } from './param-group.ts'

/** One entry of a parameter's state. */
export type StateValue = Tensor | number | null | readonly Tensor[]

/** What an optimizer keeps per parameter: numbers, tensors and lists of them under PyTorch's names in camelCase. */
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
const camel = (key: string): string => key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())

// which implementation runs is PyTorch's own business
const switches: ReadonlySet<string> = new Set(['foreach', 'capturable', 'differentiable', 'fused'])

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

/** A loaded state dict in the form that `stateDict()` gives. */
export const fromLoaded = ({ state, param_groups, ...rest }: LoadedOptimizerState): OptimizerStateDict => ({
  ...rest,
  state: state instanceof Map ? Object.fromEntries(state) : state,
  param_groups,
})

export function importState(
  given: OptimizerStateDict,
  groups: readonly Group[],
  state: Map<Tensor, ParamState>,
  scalars: readonly string[],
): void {
  if (given.param_groups.length !== groups.length) {
    throw new ValueError('loaded state dict has a different number of parameter groups')
  }
  if (given.param_groups.some(({ params }, i) => params.length !== groups[i].params.length)) {
    throw new ValueError(
      "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    )
  }
  const loaded = new Map<Tensor, ParamState>()
  given.param_groups.forEach(({ params }, i) => {
    params.forEach((number, k) => {
      const own = given.state[number]
      const p = groups[i].params[k]
      if (own) loaded.set(p, stateFrom(own, p, scalars))
    })
  })
  state.clear()
  for (const [p, own] of loaded) state.set(p, own)
  given.param_groups.forEach((group, i) => {
    for (const [key, value] of Object.entries(group)) {
      if (key !== 'params' && !switches.has(key)) Reflect.set(groups[i], camel(key), structuredCopy(value))
    }
  })
}

function stateFrom(own: Record<string, StateValue>, p: Tensor, scalars: readonly string[]): ParamState {
  const state: ParamState = {}
  for (const [key, value] of Object.entries(own)) {
    const name = camel(key)
    // PyTorch's LBFGS keeps places for what it computes anew, null at first
    if (Array.isArray(value))
      state[name] = value.flatMap((x: unknown) =>
        x instanceof Tensor ? [x.detach().clone().to(stateDType(p))] : [],
      )
    else if (!(value instanceof Tensor)) state[name] = value
    else if (scalars.includes(name)) state[name] = value.item()
    else
      state[name] = isFloat(value.dtype) ? value.detach().clone().to(stateDType(p)) : value.detach().clone()
  }
  return state
}

const structuredCopy = (value: unknown): unknown => (Array.isArray(value) ? value.map(structuredCopy) : value)

/** What state is kept in: the dtype of the parameter, float32 for half precision, whose small updates would be lost. */
export const stateDType = (p: Tensor): DType => (isHalf(p.dtype) ? 'float32' : p.dtype)
