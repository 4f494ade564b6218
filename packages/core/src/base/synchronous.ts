/** A mode is a property of the running code: a promise would outlive it. */
export function synchronous<T>(result: T, mode: string): T {
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
