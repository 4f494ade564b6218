import { type Shape, Tensor, ValueError } from '@gradus/core/functions'
import { defineOptions, describeValue, flag, kind, sameShape, text } from '@gradus/core/internal'
import { join, membersOf } from './members.ts'
import type { Module } from './module.ts'

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

/** What `loadStateDict` could not match. Prints as in PyTorch: `<All keys matched successfully>`. */
export class IncompatibleKeys {
  readonly missingKeys: readonly string[]
  readonly unexpectedKeys: readonly string[]

  constructor(missingKeys: readonly string[], unexpectedKeys: readonly string[]) {
    this.missingKeys = missingKeys
    this.unexpectedKeys = unexpectedKeys
  }

  toString(): string {
    if (this.missingKeys.length === 0 && this.unexpectedKeys.length === 0)
      return '<All keys matched successfully>'
    const list = (keys: readonly string[]): string => `[${keys.map((k) => `'${k}'`).join(', ')}]`
    return `_IncompatibleKeys(missing_keys=${list(this.missingKeys)}, unexpected_keys=${list(this.unexpectedKeys)})`
  }
}

const size = (shape: Shape): string => `torch.Size([${shape.join(', ')}])`
const quoted = (keys: readonly string[]): string => keys.map((k) => `"${k}"`).join(', ')

/** Parameters and persistent buffers by path. See {@link Module.stateDict}. */
export function collectState(root: Module, prefix: string, keepVars: boolean): StateDict {
  const state: StateDict = {}
  for (const [path, module] of root.namedModules({ removeDuplicate: false })) {
    for (const kind of ['parameter', 'buffer'] as const) {
      for (const member of membersOf(module)) {
        if (member.kind !== kind || (member.kind === 'buffer' && !member.persistent)) continue
        state[prefix + join(path, member.key)] = keepVars ? member.value : member.value.detach()
      }
    }
  }
  return state
}

/** Loads `state` into the tensors of `own`. See {@link Module.loadStateDict}. */
export function loadInto(
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
    } else if (!sameShape(target.shape, value.shape)) {
      errors.push(
        `size mismatch for ${key}: copying a param with shape ${size(value.shape)} from checkpoint, the shape in current model is ${size(target.shape)}.`,
      )
    }
  }
  if (errors.length > 0)
    throw new ValueError(`Error(s) in loading state_dict for ${name}:\n\t${errors.join('\n\t')}`)
  for (const { target, value } of pairs) {
    if (assign) target.data = value
    else target.detach().copy_(value.detach())
  }
  return new IncompatibleKeys(missing, unexpected)
}
