import type { HookHandle, Tensor } from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  functionKind,
  type OptionTable,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import type { Module } from './module.ts'
import type { IncompatibleKeys, StateDict } from './state-dict.ts'

/** Runs before `forward` with its arguments; what it returns replaces them: an array of all, or the only one. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown

/** Runs after `forward`; what it returns replaces the output. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown

/** Gradients by position; null for what is no tensor or needs no gradient. */
export type Gradients = readonly (Tensor | null)[]

/** Runs when the gradients of the outputs are there, before the module's own backward; what it returns replaces them. */
export type BackwardPreHook = (module: Module, gradOutput: Gradients) => Gradients | null | void

/** Runs when the gradients of the inputs are there; what it returns replaces them. */
export type BackwardHook = (
  module: Module,
  gradInput: Gradients,
  gradOutput: Gradients,
) => Gradients | null | void

/** Where a hook goes among those there are. */
export interface HookOptions {
  /** Before the hooks registered so far rather than after them; false by default. */
  prepend?: boolean
}

/** How a forward hook runs. */
export interface ForwardHookOptions extends HookOptions {
  /** Runs, with `undefined` as the output, when `forward` or an earlier hook threw; false by default. */
  alwaysCall?: boolean
}

export const hookOptions = /* @__PURE__ */ defineOptions<HookOptions>({ prepend: flag })
export const forwardHookOptions = /* @__PURE__ */ defineOptions<ForwardHookOptions>({
  prepend: flag,
  alwaysCall: flag,
})

/** The options of a hook, after a look at the hook itself. */
export function takeHook<T extends object>(
  call: string,
  fn: unknown,
  table: OptionTable<T>,
  options: T | undefined,
): Partial<T> {
  takeArgument(call, 'fn', functionKind(), fn)
  return takeOptions(call, table, options)
}

/** Hooks in the order they run. Running is over a copy, so that a hook may remove itself. */
class HookList<F, Options = undefined> {
  private entries: { readonly fn: F; readonly options: Options }[] = []

  add(fn: F, options: Options, prepend = false): HookHandle {
    const entry = { fn, options }
    if (prepend) this.entries.unshift(entry)
    else this.entries.push(entry)
    return {
      remove: () => {
        this.entries = this.entries.filter((other) => other !== entry)
      },
    }
  }

  get size(): number {
    return this.entries.length
  }

  [Symbol.iterator](): Iterator<{ readonly fn: F; readonly options: Options }> {
    return [...this.entries][Symbol.iterator]()
  }
}

/** Runs before a module's state is collected. */
export type StateDictPreHook = (module: Module, prefix: string, keepVars: boolean) => void

/** Runs after a module's state, and that of those below it, is collected; may change `state`. */
export type StateDictHook = (module: Module, state: StateDict, prefix: string) => void

/** Runs before a state is compared with a module; may change `state`, which is a copy. */
export type LoadStateDictPreHook = (module: Module, state: StateDict, prefix: string, strict: boolean) => void

/** Runs after a state is loaded. */
export type LoadStateDictHook = (module: Module, incompatible: IncompatibleKeys) => void

/** All hooks of one module. */
export class Hooks {
  readonly forwardPre = new HookList<ForwardPreHook>()
  readonly forward = new HookList<ForwardHook, { alwaysCall: boolean }>()
  readonly backwardPre = new HookList<BackwardPreHook>()
  readonly backward = new HookList<BackwardHook>()
  readonly statePre = new HookList<StateDictPreHook>()
  readonly state = new HookList<StateDictHook>()
  readonly loadPre = new HookList<LoadStateDictPreHook>()
  readonly load = new HookList<LoadStateDictHook>()
}
