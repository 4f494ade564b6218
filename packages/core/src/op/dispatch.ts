import { describeValue } from '../base/describe.ts'
import { isTensor } from '../tensor/kind.ts'
import { TensorError } from '../base/errors.ts'
import { internals } from './internals.ts'
import { describe } from '../tensor/format.ts'
import { interceptors, isGradEnabled, setInterceptors, type CallInputs } from './modes.ts'
import type { AnyOp } from './declaration.ts'
import { ownerOf, type Tape } from './tape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Passes a call through the interceptors, outermost first, and then to `run`.
 * The interceptor's own calls are not intercepted; the calls inside `run` are.
 */
export function intercepted(
  op: AnyOp,
  inputs: CallInputs,
  attrs: unknown,
  run: (inputs: CallInputs, attrs: unknown) => readonly Tensor[],
): readonly Tensor[] {
  const stack = interceptors()
  const enter = (depth: number, given: CallInputs, attributes: unknown): readonly Tensor[] => {
    const innermost = depth === stack.length
    const before = setInterceptors(innermost ? stack : [])
    try {
      return innermost
        ? run(given, attributes)
        : stack[depth](op, given, attributes, (next, a) => enter(depth + 1, next, a), stack)
    } finally {
      setInterceptors(before)
    }
  }
  return enter(0, inputs, attrs)
}

/** The tape of the first input that has one, if operations are being recorded. */
export function tapeOf(inputs: CallInputs): Tape | null {
  if (!isGradEnabled()) return null
  for (const x of inputs) {
    const tape = typeof x === 'object' && x !== null ? internals(x).tape : null
    if (tape !== null) return tape
  }
  return null
}

/** The tape that a write concerns. A view that is on no tape counts as its base: a write through it may change a leaf. */
export function tapeOfWrite(target: Tensor, inputs: CallInputs): Tape | null {
  return tapeOf(inputs) ?? (isGradEnabled() ? internals(ownerOf(target)).ownTape : null)
}

/** `matmul(x: float32[2, 3], y: float32[2, 2])`: the call as errors name it. */
export function describeCall(op: AnyOp, inputs: CallInputs, attrs?: unknown): string {
  const operands = inputs.map((x, i) => {
    const name = op.inputs[i] ?? op.inputs.at(-1) ?? ''
    return `${name}: ${isTensor(x) ? describe(x.dtype, x.shape) : describeValue(x)}`
  })
  return `${op.name}(${[...operands, ...describeAttrs(attrs)].join(', ')})`
}

function describeAttrs(attrs: unknown): string[] {
  // a list holds the coefficients of a formula, which have no names
  if (typeof attrs !== 'object' || attrs === null || Array.isArray(attrs)) return []
  return Object.entries(attrs).flatMap(([key, value]) =>
    typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string'
      ? [`${key}: ${value}`]
      : Array.isArray(value) && value.every((v) => typeof v === 'number')
        ? [`${key}: [${value.join(', ')}]`]
        : [],
  )
}

/** An error completed with the call it happened in. */
export function located(error: unknown, op: AnyOp, inputs: CallInputs, attrs: unknown): unknown {
  return error instanceof TensorError ? error.at(describeCall(op, inputs, attrs)) : error
}
