import type { HookHandle } from '@gradus/core/functions'
import { Callable } from './callable.ts'
import {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardHookOptions,
  forwardHookOptions,
  type ForwardPreHook,
  type HookOptions,
  hookOptions,
  Hooks,
  type LoadStateDictHook,
  type LoadStateDictPreHook,
  type StateDictHook,
  type StateDictPreHook,
  takeHook,
} from './hooks.ts'

/** The hooks of a module; null if none was ever registered. Set by the class, which alone sees its private fields. */
export let hooksOf: (module: Hookable) => Hooks | null

/** The base of modules that registers hooks. */
export abstract class Hookable extends Callable {
  #hooks: Hooks | null = null

  static {
    hooksOf = (module) => module.#hooks
  }

  /** Runs `fn` before every call, see {@link ForwardPreHook}. */
  registerForwardPreHook(fn: ForwardPreHook, options?: HookOptions): HookHandle {
    const { prepend = false } = takeHook('registerForwardPreHook', fn, hookOptions, options)
    return (this.#hooks ??= new Hooks()).forwardPre.add(fn, undefined, prepend)
  }

  /** Runs `fn` after every call, see {@link ForwardHook}. */
  registerForwardHook(fn: ForwardHook, options?: ForwardHookOptions): HookHandle {
    const { prepend = false, alwaysCall = false } = takeHook(
      'registerForwardHook',
      fn,
      forwardHookOptions,
      options,
    )
    return (this.#hooks ??= new Hooks()).forward.add(fn, { alwaysCall }, prepend)
  }

  /** Runs `fn` in backward when the gradients of the outputs are there, see {@link BackwardPreHook}. */
  registerFullBackwardPreHook(fn: BackwardPreHook, options?: HookOptions): HookHandle {
    const { prepend = false } = takeHook('registerFullBackwardPreHook', fn, hookOptions, options)
    return (this.#hooks ??= new Hooks()).backwardPre.add(fn, undefined, prepend)
  }

  /** Runs `fn` in backward when the gradients of the inputs are there, see {@link BackwardHook}. */
  registerFullBackwardHook(fn: BackwardHook, options?: HookOptions): HookHandle {
    const { prepend = false } = takeHook('registerFullBackwardHook', fn, hookOptions, options)
    return (this.#hooks ??= new Hooks()).backward.add(fn, undefined, prepend)
  }

  /** Runs `fn` before the state of this module is collected, see {@link StateDictPreHook}. */
  registerStateDictPreHook(fn: StateDictPreHook): HookHandle {
    takeHook('registerStateDictPreHook', fn, hookOptions, undefined)
    return (this.#hooks ??= new Hooks()).statePre.add(fn, undefined)
  }

  /** Runs `fn` after the state of this module is collected, see {@link StateDictHook}. */
  registerStateDictPostHook(fn: StateDictHook): HookHandle {
    takeHook('registerStateDictPostHook', fn, hookOptions, undefined)
    return (this.#hooks ??= new Hooks()).state.add(fn, undefined)
  }

  /** Runs `fn` before a state is loaded, see {@link LoadStateDictPreHook}. */
  registerLoadStateDictPreHook(fn: LoadStateDictPreHook): HookHandle {
    takeHook('registerLoadStateDictPreHook', fn, hookOptions, undefined)
    return (this.#hooks ??= new Hooks()).loadPre.add(fn, undefined)
  }

  /** Runs `fn` after a state is loaded, see {@link LoadStateDictHook}. */
  registerLoadStateDictPostHook(fn: LoadStateDictHook): HookHandle {
    takeHook('registerLoadStateDictPostHook', fn, hookOptions, undefined)
    return (this.#hooks ??= new Hooks()).load.add(fn, undefined)
  }
}
