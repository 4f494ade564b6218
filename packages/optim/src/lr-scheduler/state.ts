import { ValueError } from '@gradus/core/functions'
import { describeValue } from '@gradus/core/internal'
import { snake } from '../step/state-dict.ts'

/** A scheduler's fields under PyTorch's names. */
export type SchedulerStateDict = Record<string, unknown>

/** Fields whose names in PyTorch are not theirs in snake_case. */
const names: Record<string, string> = {
  stepCount: '_step_count',
  isInitial: '_is_initial',
  getLrCalledWithinStep: '_get_lr_called_within_step',
  lastLr: '_last_lr',
  schedulers: '_schedulers',
  milestonePoints: '_milestones',
  phases: '_schedule_phases',
  annealStrategy: '_anneal_func_type',
  tMax: 'T_max',
  t0: 'T_0',
  tI: 'T_i',
  tMult: 'T_mult',
  tCur: 'T_cur',
  defaultMinLr: 'default_min_lr',
}
const nameOf = (field: string): string => names[field] ?? snake(field)

interface HasState {
  stateDict(): SchedulerStateDict
  loadStateDict(state: SchedulerStateDict): void
}
const hasState = (x: unknown): x is HasState =>
  typeof x === 'object' && x !== null && 'stateDict' in x && 'loadStateDict' in x

/** Fields as plain data; a function becomes null, a nested scheduler its own state. */
export function exportFields(scheduler: object): SchedulerStateDict {
  const plain = (value: unknown): unknown => {
    if (typeof value === 'function') return null
    if (hasState(value)) return value.stateDict()
    if (Array.isArray(value)) return value.map(plain)
    return value instanceof Map ? Object.fromEntries(value) : value
  }
  return Object.fromEntries(
    Object.entries(scheduler).flatMap(([field, value]) =>
      field === 'optimizer' || value === undefined ? [] : [[nameOf(field), plain(value)]],
    ),
  )
}

/** State of gradus that PyTorch keeps elsewhere. */
const own = new Set(['rates', 'momenta'])

/**
 * Takes over fields as {@link exportFields} gave them; functions stay as they are. Everything is checked first.
 *
 * @throws ValueError for a field that is missing, or has a value of another kind or length
 */
export function importFields(scheduler: object, state: SchedulerStateDict): void {
  if (typeof state !== 'object' || state === null || Array.isArray(state))
    throw new ValueError(`loadStateDict takes what stateDict() gave, got ${describeValue(state)}`)
  const apply: (() => void)[] = []
  for (const [field, value] of Object.entries(scheduler)) {
    if (field === 'optimizer' || value === undefined || typeof value === 'function') continue
    if (Array.isArray(value) && value.some((x) => typeof x === 'function')) continue
    const given = state[nameOf(field)]
    if (given === undefined) {
      if (own.has(field)) continue
      throw new ValueError(`the loaded state has no ${nameOf(field)}, which this scheduler needs`, {
        hint: 'it is the state of another scheduler',
      })
    }
    apply.push(importField(scheduler, field, value, given))
  }
  for (const set of apply) set()
}

/** Checks one field. Returns a function that sets it. */
function importField(scheduler: object, field: string, value: unknown, given: unknown): () => void {
  const wrong = (): ValueError =>
    new ValueError(
      `${nameOf(field)} of the loaded state is ${describeValue(given)}, it was ${describeValue(value)}`,
    )
  if (value instanceof Map) {
    if (typeof given !== 'object' || given === null) throw wrong()
    const entries = Object.entries(given).map(([key, count]) => [Number(key), count] as const)
    return () => Reflect.set(scheduler, field, new Map(entries))
  }
  if (!Array.isArray(value)) {
    // NaN is no learning rate; the best metric may be infinite
    if (typeof given !== typeof value || Number.isNaN(given)) throw wrong()
    return () => Reflect.set(scheduler, field, given)
  }
  const list: readonly unknown[] = value
  if (!Array.isArray(given) || given.length !== list.length) throw wrong()
  if (list.some(hasState)) {
    return () => list.forEach((nested, i) => hasState(nested) && nested.loadStateDict(given[i]))
  }
  if (given.some((x, i) => typeof x !== typeof list[i])) throw wrong()
  return () => Reflect.set(scheduler, field, [...given])
}
