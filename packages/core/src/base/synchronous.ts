import { functionKind } from './kinds.ts'
import { takeArgument } from './options.ts'

/**
 * Runs the function of a mode. A mode is a property of the running code: a promise would outlive it.
 *
 * @throws ArgumentError for what is no function
 * @throws TypeError for a function whose result is a promise
 */
export function synchronous<T>(fn: () => T, mode: string): T {
  if (typeof fn !== 'function') takeArgument(mode, 'fn', functionKind(), fn)
  const result = fn()
  if (
    typeof result === 'object' &&
    result !== null &&
    'then' in result &&
    typeof result.then === 'function'
  ) {
    throw new TypeError(
      `${mode} got an async function: the mode would end before the function does\n` +
        `  hint: await first, then call ${mode}(() => …) around the synchronous part`,
    )
  }
  return result
}
