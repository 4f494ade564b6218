import { GradError, type Tensor } from '@gradus/core/functions'
import { flag, synchronous, takeArgument, warn } from '@gradus/core/internal'
import { watchApply } from './engine.ts'
import { watchNodes, type Node } from './node.ts'

/** Where the operation of each node was called, while the mode is on. */
const calls = /* @__PURE__ */ new WeakMap<Node, string>()

let on = false
let checksNan = true

/**
 * Switches anomaly detection on or off. While on, each recorded operation remembers where it was called; an error in the
 * gradient of one warns of that place, and a NaN in a gradient is an error. It is slow: for finding a fault.
 *
 * @param checkNan - whether NaN is looked for; true by default
 * @returns whether it was on before
 * @see https://pytorch.org/docs/stable/autograd.html#torch.autograd.set_detect_anomaly
 * @example
 * g.autograd.setDetectAnomaly(true) // => false
 * g.autograd.setDetectAnomaly(false) // => true
 */
export function setDetectAnomaly(mode: boolean, checkNan = true): boolean {
  takeArgument('setDetectAnomaly', 'mode', flag, mode)
  takeArgument('setDetectAnomaly', 'checkNan', flag, checkNan)
  const before = on
  on = mode
  checksNan = checkNan
  watchNodes(mode ? remember : null)
  watchApply(mode ? watched : null)
  return before
}

/**
 * Runs `fn`, forward and backward, under {@link setDetectAnomaly}.
 *
 * @param checkNan - whether NaN is looked for; true by default
 * @throws TypeError if `fn` returns a promise
 * @see https://pytorch.org/docs/stable/autograd.html#torch.autograd.detect_anomaly
 * @example
 * const x = g.tensor([1], { requiresGrad: true })
 * g.autograd.detectAnomaly(() => x.sqrt().backward())
 * x.grad.tolist() // => [0.5]
 */
export function detectAnomaly<T>(fn: () => T, checkNan = true): T {
  const before = checksNan
  const was = setDetectAnomaly(true, checkNan)
  try {
    return synchronous(fn, 'detectAnomaly')
  } finally {
    setDetectAnomaly(was, before)
  }
}

function remember(node: Node): void {
  // V8 keeps ten lines, which the package itself fills
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit')
  Reflect.set(Error, 'stackTraceLimit', 50)
  const { stack = '' } = new Error()
  Reflect.set(Error, 'stackTraceLimit', limit)
  // without the lines of this function and of the node
  calls.set(node, stack.split('\n').slice(3).join('\n'))
}

function watched(node: Node, apply: () => readonly (Tensor | null)[]): readonly (Tensor | null)[] {
  try {
    const grads = apply()
    if (checksNan) checkGrads(node, grads)
    return grads
  } catch (error) {
    const call = calls.get(node)
    warn(
      call === undefined
        ? `Error detected in ${node.name}. No forward pass information available. Enable detect anomaly during forward pass for more information.`
        : `Error detected in ${node.name}. Traceback of forward call that caused the error:\n${call}`,
    )
    throw error
  }
}

function checkGrads(node: Node, grads: readonly (Tensor | null)[]): void {
  grads.forEach((g, i) => {
    if (g?.readSync().some((value) => Number.isNaN(Number(value))))
      throw new GradError(`Function '${node.name}' returned nan values in its ${i}th output.`)
  })
}
