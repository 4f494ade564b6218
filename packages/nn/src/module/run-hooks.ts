import { BackwardHooks } from './backward-hooks.ts'
import type { Hooks } from './hooks.ts'
import type { Module } from './module.ts'

/**
 * Calls `forward` with the module's hooks around it, in PyTorch's order: forward pre-hooks, `forward`, forward hooks; in
 * backward, backward pre-hooks and then backward hooks.
 */
export function runWithHooks(
  module: Module,
  hooks: Hooks,
  args: readonly unknown[],
  forward: (args: readonly unknown[]) => unknown,
): unknown {
  const called = new Set<unknown>()
  let given = args
  try {
    for (const { fn } of hooks.forwardPre) {
      const replaced = fn(module, given)
      if (replaced !== undefined && replaced !== null) given = Array.isArray(replaced) ? replaced : [replaced]
    }
    const backward =
      hooks.backward.size + hooks.backwardPre.size > 0 ? new BackwardHooks(module, hooks) : null
    if (backward) given = backward.onInputs(given)
    let output = forward(given)
    for (const { fn } of hooks.forward) {
      called.add(fn)
      const replaced = fn(module, given, output)
      if (replaced !== undefined && replaced !== null) output = replaced
    }
    return backward ? backward.onOutput(output) : output
  } catch (error) {
    for (const { fn, options } of hooks.forward) {
      if (options.alwaysCall && !called.has(fn)) fn(module, given, undefined)
    }
    throw error
  }
}
