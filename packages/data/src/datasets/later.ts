/** Whether a value comes later. */
export const isPromise = (x: unknown): x is PromiseLike<unknown> =>
  typeof x === 'object' && x !== null && 'then' in x && typeof x.then === 'function'

/** Why a loop without `await` cannot go on. */
export const needsAwait =
  'the dataset is asynchronous: write `for await (const batch of loader)` in place of `for (const batch of loader)`'
