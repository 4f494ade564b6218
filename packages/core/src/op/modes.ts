import { flag, functionKind } from '../base/kinds.ts'
import { takeArgument } from '../base/options.ts'
import { synchronous } from '../base/synchronous.ts'
import type { AnyOp } from './declaration.ts'
import type { Tensor } from '../tensor/tensor.ts'

/*
 * All state that follows control rather than data: whether operations are recorded, and the interceptors around them. Each is
 * one variable with one setter.
 */

let recording = true

/** Whether operations on tensors that require a gradient are recorded. */
export const isGradEnabled = (): boolean => recording

/**
 * Sets whether operations are recorded: for good, or while `fn` runs.
 *
 * @returns the mode before, or the result of `fn`
 * @throws TypeError if `fn` returns a promise
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.grad_mode.set_grad_enabled.html
 * @example
 * const w = g.ones(2, { requiresGrad: true })
 * g.setGradEnabled(false, () => w.mul(2)).requiresGrad // => false
 */
export function setGradEnabled(enabled: boolean): boolean
export function setGradEnabled<T>(enabled: boolean, fn: () => T): T
export function setGradEnabled<T>(enabled: boolean, fn?: () => T): boolean | T {
  if (enabled !== true && enabled !== false) takeArgument('setGradEnabled', 'enabled', flag, enabled)
  const before = recording
  recording = enabled
  if (fn === undefined) return before
  try {
    return synchronous(fn, 'setGradEnabled')
  } finally {
    recording = before
  }
}

/** Arguments of a call; a number or boolean stands where a pointwise operand is one. */
export type CallInputs = readonly (Tensor | number | boolean | null)[]

/**
 * Wraps every operation: may replace inputs and attributes before passing them on, and see the results. `stack` has all
 * interceptors of the call, for one that makes calls which they should see.
 */
export type Interceptor = (
  op: AnyOp,
  inputs: CallInputs,
  attrs: unknown,
  next: (inputs: CallInputs, attrs: unknown) => readonly Tensor[],
  stack: readonly Interceptor[],
) => readonly Tensor[]

let stack: readonly Interceptor[] = []

/** Outermost first. */
export const interceptors = (): readonly Interceptor[] => stack

/** @returns the stack before */
export function setInterceptors(next: readonly Interceptor[]): readonly Interceptor[] {
  const before = stack
  stack = next
  return before
}

/**
 * Runs `fn` with an interceptor around every operation: autocast and profiling are interceptors.
 *
 * @throws TypeError if `fn` returns a promise: the interceptor would leak into whatever runs while it waits
 */
export function withInterceptor<T>(interceptor: Interceptor, fn: () => T): T {
  takeArgument('withInterceptor', 'interceptor', functionKind(), interceptor)
  const before = setInterceptors([...stack, interceptor])
  try {
    return synchronous(fn, 'withInterceptor')
  } finally {
    setInterceptors(before)
  }
}

/** Takes a mode as it is now; what it returns runs code in that mode later. */
export type Ambient = () => <T>(fn: () => T) => T

const ambients = /* @__PURE__ */ new Set<Ambient>()

/** Makes a mode that an interceptor reads part of {@link captureModes}; the same one twice counts once. */
export function addAmbient(ambient: Ambient): void {
  ambients.add(ambient)
}

/** The modes of now, for code that runs later as if it ran here. */
export function captureModes(): <T>(fn: () => T) => T {
  const captured = [...ambients].map((ambient) => ambient())
  return (fn) => captured.reduce((inner, within) => () => within(inner), fn)()
}
