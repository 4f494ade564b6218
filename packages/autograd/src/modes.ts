import { isGradEnabled, setGradEnabled } from '@gradus/core/functions'
import { setInterceptors, synchronous, warn } from '@gradus/core/internal'
import type { Interceptor } from '@gradus/core/functions'

interface Held {
  readonly name: string
  readonly before: boolean
}

/** Modes held with `using` in the running job, outermost first. */
let held: Held[] = []

function enter(enabled: boolean, name: string): Disposable {
  const mine = { name, before: setGradEnabled(enabled) }
  held.push(mine)
  if (held.length === 1) queueMicrotask(expire)
  return {
    [Symbol.dispose]() {
      const at = held.indexOf(mine)
      if (at < 0) return // ended before, or expired
      held.length = at
      setGradEnabled(mine.before)
    },
  }
}

// A mode held with `using` ends with its block. Where the block awaits, other code would run in the mode, and two such
// blocks would end in the wrong order and leave it on for good: the mode ends with the job.
function expire(): void {
  const outermost = held[0]
  if (outermost === undefined) return
  held = []
  setGradEnabled(outermost.before)
  warn(
    `${outermost.name}() was held over an await and has ended there: other code would have run in it. ` +
      `Await first, then wrap the synchronous part: ${outermost.name}(() => …).`,
  )
}

function mode(enabled: boolean, name: string) {
  function run(): Disposable
  function run<T>(fn: () => T): T
  function run<T>(fn?: () => T): T | Disposable {
    return fn === undefined ? enter(enabled, name) : setGradEnabled(enabled, () => synchronous(fn, name))
  }
  return run
}

/**
 * Runs `fn` without recording: results require no gradient. Without `fn`, a resource for `using _ = noGrad()`.
 *
 * @throws TypeError if `fn` returns a promise
 * @see https://pytorch.org/docs/stable/generated/torch.no_grad.html
 * @example
 * const w = g.ones(2, { requiresGrad: true })
 * g.noGrad(() => w.mul(2)).requiresGrad // => false
 */
export const noGrad = /* @__PURE__ */ mode(false, 'noGrad')

/**
 * Runs `fn` with recording on, inside a {@link noGrad} too.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.enable_grad.html
 */
export const enableGrad = /* @__PURE__ */ mode(true, 'enableGrad')

/**
 * {@link noGrad} under PyTorch's name for inference. Tensors made inside are ordinary ones.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.inference_mode.html
 */
export const inferenceMode = /* @__PURE__ */ mode(false, 'inferenceMode')

export { isGradEnabled, setGradEnabled }

let ofTape: readonly Interceptor[] = []

/** Replaces the interceptors that see the work of the tape; returns those before. */
export function setTapeInterceptors(next: readonly Interceptor[]): readonly Interceptor[] {
  const before = ofTape
  ofTape = next
  return before
}

/** Runs `fn` with recording on or off, and out of sight of the program's interceptors: the work of the tape. */
export function withinTape<T>(recording: boolean, fn: () => T): T {
  const outer = setInterceptors(ofTape)
  try {
    return setGradEnabled(recording, fn)
  } finally {
    setInterceptors(outer)
  }
}
