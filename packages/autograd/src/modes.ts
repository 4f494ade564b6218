import { isGradEnabled, setGradEnabled as setMode } from '@gradus/core'
import { synchronous, warn } from '@gradus/core/internal'

let open = 0

// a mode held with `using` ends with its block, unless the block awaits: then whatever else runs meanwhile is in the mode
function enter(enabled: boolean, name: string): Disposable {
  const before = setMode(enabled)
  if (open++ === 0) {
    queueMicrotask(() => {
      if (open > 0) {
        warn(
          `${name}() is still open although its job has ended: it was held over an await, and other code ran in it. ` +
            `Await first, then wrap the synchronous part: ${name}(() => …).`,
        )
      }
    })
  }
  let ended = false
  return {
    [Symbol.dispose]() {
      if (ended) return
      ended = true
      open--
      setMode(before)
    },
  }
}

function mode(enabled: boolean, name: string) {
  function run(): Disposable
  function run<T>(fn: () => T): T
  function run<T>(fn?: () => T): T | Disposable {
    if (!fn) return enter(enabled, name)
    const before = setMode(enabled)
    try {
      return synchronous(fn(), name)
    } finally {
      setMode(before)
    }
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

/** {@link enableGrad} or {@link noGrad}, by a flag. */
export function setGradEnabled<T>(enabled: boolean, fn: () => T): T {
  return enabled ? enableGrad(fn) : noGrad(fn)
}

export { isGradEnabled }
