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

/** Fields as {@link exportFields} gave them; functions stay as they are. */
export function importFields(scheduler: object, state: SchedulerStateDict): void {
  for (const [field, value] of Object.entries(scheduler)) {
    const given = state[nameOf(field)]
    if (field === 'optimizer' || given === undefined || typeof value === 'function') continue
    if (Array.isArray(value) && value.some(hasState) && Array.isArray(given)) {
      value.forEach((nested, i) => hasState(nested) && nested.loadStateDict(given[i]))
    } else if (Array.isArray(value) && value.some((x) => typeof x === 'function')) continue
    else if (value instanceof Map && typeof given === 'object' && given !== null) {
      Reflect.set(
        scheduler,
        field,
        new Map(Object.entries(given).map(([key, count]) => [Number(key), count])),
      )
    } else Reflect.set(scheduler, field, Array.isArray(given) ? [...given] : given)
  }
}
