import { warn } from '@gradus/core/internal'
import type { Module } from './module.ts'
import { nameOf } from './name-of.ts'

/** The model whose first call is running. */
let watch: { known: ReadonlySet<Module>; caller: Module } | null = null

/** Runs the first call of a module, and reports modules with parameters that it calls and does not own. */
export function watched<T>(module: Module, run: () => T): T {
  const outer = watch
  if (outer !== null && !outer.known.has(module)) report(module, outer.caller)
  watch = { known: outer?.known ?? new Set(module.modules()), caller: module }
  try {
    return run()
  } finally {
    watch = outer
  }
}

function report(module: Module, caller: Module): void {
  if (!module.parameters().some((p) => p.requiresGrad)) return
  warn(
    `${nameOf(caller)} calls a ${nameOf(module)} that is not one of its modules: ` +
      'its parameters are not in parameters(), so they are neither trained, saved nor converted\n' +
      '  hint: hold it in a public field, in an array in a field, or in a ModuleList; a #private field cannot be seen',
  )
}
