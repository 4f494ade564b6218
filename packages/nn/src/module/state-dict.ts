import { type Shape, Tensor, ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  describeValue,
  flag,
  kind,
  listOf,
  sameShape,
  takeArgument,
  text,
} from '@gradus/core/internal'
import { join, membersOf } from './members.ts'
import { hooksOf } from './hookable.ts'
import { isUninitialized } from './is-uninitialized.ts'
import type { Module } from './module.ts'
import { nameOf } from './name-of.ts'

/** Tensors by path, as `stateDict()` gives them. */
export type StateDict = Record<string, Tensor>

/** Options of {@link Module.stateDict}. */
export interface StateDictOptions {
  /** Put before every key; none by default. */
  prefix?: string
  /** Gives the parameters themselves rather than detached tensors; false by default. */
  keepVars?: boolean
}

export const stateDictOptions = /* @__PURE__ */ defineOptions<StateDictOptions>({
  prefix: text,
  keepVars: flag,
})

/** Options of {@link Module.loadStateDict}. */
export interface LoadStateDictOptions {
  /** Whether missing and unexpected keys are errors; true by default. */
  strict?: boolean
  /** Takes the given tensors' memory and dtype instead of copying; false by default. */
  assign?: boolean
}

export const loadOptions = /* @__PURE__ */ defineOptions<LoadStateDictOptions>({ strict: flag, assign: flag })

/** The argument of {@link Module.loadStateDict}. */
export const stateDictKind = /* @__PURE__ */ kind<StateDict>(
  'an object of tensors by key, as stateDict() gives it',
  (x) =>
    typeof x === 'object' && x !== null && !Array.isArray(x) && !(x instanceof Tensor) && !(x instanceof Map),
)

const keysKind = /* @__PURE__ */ listOf(text)

/** What `loadStateDict` could not match. Prints as in PyTorch: `<All keys matched successfully>`. */
export class IncompatibleKeys {
  readonly missingKeys: readonly string[]
  readonly unexpectedKeys: readonly string[]

  constructor(missingKeys: readonly string[], unexpectedKeys: readonly string[]) {
    this.missingKeys = takeArgument('IncompatibleKeys', 'missingKeys', keysKind, missingKeys)
    this.unexpectedKeys = takeArgument('IncompatibleKeys', 'unexpectedKeys', keysKind, unexpectedKeys)
  }

  toString(): string {
    if (this.missingKeys.length === 0 && this.unexpectedKeys.length === 0)
      return '<All keys matched successfully>'
    const list = (keys: readonly string[]): string => `[${keys.map((k) => `'${k}'`).join(', ')}]`
    return `_IncompatibleKeys(missing_keys=${list(this.missingKeys)}, unexpected_keys=${list(this.unexpectedKeys)})`
  }
}

const size = (shape: Shape): string => `[${shape.join(', ')}]`
const quoted = (keys: readonly string[]): string => keys.map((k) => `"${k}"`).join(', ')

/** The key of what {@link Module.getExtraState} gives. */
const extra = '_extra_state'

const withoutValues = (key: string): ValueError =>
  new ValueError(`stateDict: ${key} is uninitialized`, {
    hint: 'call the module once with an input, as a dummy batch: the lazy modules in it take their sizes from that',
  })

/** Parameters and persistent buffers by path. See {@link Module.stateDict}. */
export function collectState(root: Module, prefix: string, keepVars: boolean): StateDict {
  const state: StateDict = {}
  const modules = root.namedModules({ removeDuplicate: false })
  const below = (path: string): string => prefix + (path === '' ? '' : `${path}.`)
  for (const [path, module] of modules) {
    for (const { fn } of hooksOf(module)?.statePre ?? []) fn(module, below(path), keepVars)
    for (const kind of ['parameter', 'buffer'] as const) {
      for (const member of membersOf(module)) {
        if (member.kind !== kind || (member.kind === 'buffer' && !member.persistent)) continue
        const key = prefix + join(path, member.key)
        if (!keepVars && isUninitialized(member.value)) throw withoutValues(key)
        state[key] = keepVars ? member.value : member.value.detach()
      }
    }
    const own = module.getExtraState()
    if (own !== null) state[prefix + join(path, extra)] = own
  }
  // those below a module before it
  for (const [path, module] of [...modules].reverse())
    for (const { fn } of hooksOf(module)?.state ?? []) fn(module, state, below(path))
  return state
}

/** Loads a state into a module and those below it, hooks included. See {@link Module.loadStateDict}. */
export function loadState(
  root: Module,
  given: StateDict,
  options: { strict: boolean; assign: boolean },
): IncompatibleKeys {
  const state = { ...given }
  const modules = root.namedModules({ removeDuplicate: false })
  for (const [path, module] of modules)
    for (const { fn } of hooksOf(module)?.loadPre ?? [])
      fn(module, state, path === '' ? '' : `${path}.`, options.strict)
  const own = root.stateDict({ keepVars: true })
  // what a module makes of its own state is its concern: the value is as it was saved
  const extras = modules.flatMap(([path, module]) => {
    const key = join(path, extra)
    if (!Object.hasOwn(own, key) || !Object.hasOwn(state, key)) return []
    const value = state[key]
    delete own[key]
    delete state[key]
    return [() => module.setExtraState(value)]
  })
  const keys = loadInto(nameOf(root), own, state, options)
  for (const set of extras) set()
  for (const [, module] of [...modules].reverse())
    for (const { fn } of hooksOf(module)?.load ?? []) fn(module, keys)
  return keys
}

/** Loads `state` into the tensors of `own`. See {@link Module.loadStateDict}. */
function loadInto(
  name: string,
  own: StateDict,
  state: StateDict,
  { strict, assign }: { strict: boolean; assign: boolean },
): IncompatibleKeys {
  const missing = Object.keys(own).filter((key) => !Object.hasOwn(state, key))
  const unexpected = Object.keys(state).filter((key) => !Object.hasOwn(own, key))
  const errors: string[] = []
  if (strict && missing.length > 0) errors.push(`Missing key(s) in state_dict: ${quoted(missing)}. `)
  if (strict && unexpected.length > 0) errors.push(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `)
  const pairs = Object.entries(own).flatMap(([key, target]) =>
    Object.hasOwn(state, key) ? [{ key, target, value: state[key] }] : [],
  )
  for (const { key, target, value } of pairs) {
    if (!(value instanceof Tensor)) {
      errors.push(
        `While copying the parameter named "${key}", expected a Tensor from the checkpoint, got ${describeValue(value)}.`,
      )
    } else if (!isUninitialized(target) && !sameShape(target.shape, value.shape)) {
      errors.push(
        `size mismatch for ${key}: copying a param with shape ${size(value.shape)} from checkpoint, the shape in current model is ${size(target.shape)}.`,
      )
    }
  }
  if (errors.length > 0)
    throw new ValueError(`Error(s) in loading state_dict for ${name}:\n\t${errors.join('\n\t')}`)
  for (const { target, value } of pairs) {
    if (isUninitialized(target)) target.materialize(value.shape)
    if (assign) target.data = value
    else target.detach().copy_(value.detach())
  }
  return new IncompatibleKeys(missing, unexpected)
}
