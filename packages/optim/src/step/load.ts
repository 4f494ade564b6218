import { ValueError, type Tensor } from '@gradus/core/functions'
import { describeValue } from '@gradus/core/internal'
import { loadedMaster } from './masters.ts'
import { checkedOptions, type Kinds } from './options.ts'
import { groupKinds, type ParamGroup } from './param-group.ts'
import { camel, type OptimizerStateDict, type ParamState } from './state-dict.ts'
import { switches } from './switches.ts'

/** The optimizer that loads a state. */
export interface Loading<O> {
  readonly name: string
  readonly kinds: Kinds
  readonly groups: readonly ParamGroup<O>[]
  /** Refuses options that exclude each other. */
  checkOptions(options: ParamGroup<O>): void
  /** The state of a parameter, of entries under the names that gradus uses. */
  stateOf(p: Tensor, given: Readonly<Record<string, unknown>>, options: ParamGroup<O>, at: string): ParamState
}

/**
 * Reads a state dict. Everything is checked first.
 *
 * @returns a function that puts it into effect
 * @throws ValueError, ArgumentError for a value that does not fit; nothing has changed then
 */
export function readStateDict<O extends object>(
  given: OptimizerStateDict,
  state: Map<Tensor, ParamState>,
  loading: Loading<O>,
): () => void {
  const { name, groups } = loading
  // anything may come from a file
  if (!isRecord(given) || !isRecord(given.state) || !Array.isArray(given.param_groups)) {
    throw new ValueError(`${name}.loadStateDict takes { state, param_groups }, got ${describeValue(given)}`, {
      hint: 'it is what stateDict() returns',
    })
  }
  if (given.param_groups.length !== groups.length) {
    throw new ValueError('loaded state dict has a different number of parameter groups')
  }
  const options = given.param_groups.map((group, i) => readGroup(group, groups[i], loading))
  const [loaded, masters] = [new Map<Tensor, ParamState>(), new Array<() => void>()]
  const known = new Set<string>()
  given.param_groups.forEach(({ params }, i) =>
    params.forEach((number, k) => {
      known.add(String(number))
      const own = given.state[number]
      if (own === undefined) return
      const at = `parameter ${k} of group ${i}`
      if (!isRecord(own)) throw new ValueError(`the state of ${at} is an object, got ${describeValue(own)}`)
      const p = groups[i].params[k]
      const { apply, rest } = loadedMaster(p, camelCased(own), at)
      masters.push(apply)
      const read = loading.stateOf(p, rest, Object.assign(Object.create(groups[i]), options[i]), at)
      if (Object.keys(read).length > 0) loaded.set(p, read)
    }),
  )
  const unknown = Object.keys(given.state).find((number) => !known.has(number))
  if (unknown !== undefined) {
    throw new ValueError(`the loaded state has an entry for parameter ${unknown}, which is in no group of it`)
  }
  return () => {
    state.clear()
    for (const [p, own] of loaded) state.set(p, own)
    groups.forEach((group, i) => Object.assign(group, options[i]))
    for (const apply of masters) apply()
  }
}

/** The options of a loaded group, under the names that gradus uses. */
function readGroup<O extends object>(given: unknown, group: ParamGroup<O>, loading: Loading<O>): Partial<O> {
  if (!isRecord(given) || !Array.isArray(given['params'])) {
    throw new ValueError(`a loaded group is { params, ...options }, got ${describeValue(given)}`)
  }
  const { params, ...rest } = given
  if (params.length !== group.params.length) {
    throw new ValueError(
      "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    )
  }
  const { paramNames, ...named } = camelCased(rest)
  const own = Object.fromEntries(
    Object.entries(named).filter(([option, value]) => !(option in switches) && value !== undefined),
  )
  const options = checkedOptions(loading.name, { ...loading.kinds, ...groupKinds }, own)
  const copied = Object.fromEntries(Object.entries(options).map(([option, value]) => [option, copy(value)]))
  if (Array.isArray(paramNames)) copied['paramNames'] = paramNames.map(String)
  loading.checkOptions(Object.assign(Object.create(group), copied))
  // options of O by their names
  return copied as Partial<O>
}

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

const camelCased = (x: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(x).map(([name, value]) => [camel(name), value]))

const copy = (value: unknown): unknown => (Array.isArray(value) ? value.map(copy) : value)
