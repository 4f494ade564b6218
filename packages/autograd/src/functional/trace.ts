import { GradError, Tensor, ValueError, zerosLike } from '@gradus/core/functions'
import { defineOptions, describeValue, flag, functionKind, takeArgument } from '@gradus/core/internal'
import { variable } from '../pull.ts'

/** A tensor, or an array of them. */
export type Tensors = Tensor | readonly Tensor[]

/** `R` for a tensor, an array of `R` for an array of them. */
export type PerTensor<T extends Tensors, R> = T extends readonly Tensor[]
  ? { -readonly [K in keyof T]: R }
  : R

/** Options of the functions of `autograd.functional`. */
export interface FunctionalOptions {
  /** Records the computation, so that the results can be differentiated; false by default. */
  createGraph?: boolean
  /** Refuses an output that does not depend on an input, instead of giving zeros; false by default. */
  strict?: boolean
}

/** Options of {@link jacobian} and {@link hessian}. */
export interface JacobianOptions extends FunctionalOptions {
  /** Taken for PyTorch's sake: the result is the same. Not together with `strict`. */
  vectorize?: boolean
}

export const functionalOptions = /* @__PURE__ */ defineOptions<FunctionalOptions>({
  createGraph: flag,
  strict: flag,
})
export const jacobianOptions = /* @__PURE__ */ defineOptions<JacobianOptions, FunctionalOptions>(
  { vectorize: flag },
  functionalOptions,
)
export const defaults = { createGraph: false, strict: false }
export const body = /* @__PURE__ */ functionKind<(...inputs: Tensor[]) => Tensors>()

export type Fn<O extends Tensors> = (...inputs: Tensor[]) => O

export interface Traced {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly single: { readonly input: boolean; readonly output: boolean }
}

/** Runs `fn` on inputs to differentiate by. */
export function trace(
  call: string,
  fn: Fn<Tensors>,
  inputs: Tensors,
  linked: boolean,
  strict: boolean,
): Traced {
  takeArgument(call, 'fn', body, fn)
  const variables = tensorsOf(inputs, 'inputs', call).map((x) => variable(x, linked))
  const given = fn(...variables)
  const outputs = tensorsOf(given, 'outputs of the user-provided function', call)
  if (strict) {
    outputs.forEach((y, i) => {
      if (y.requiresGrad) return
      throw new GradError(
        `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
      )
    })
  }
  return {
    inputs: variables,
    outputs,
    single: { input: inputs instanceof Tensor, output: given instanceof Tensor },
  }
}

export const unlinked = (x: Tensor, createGraph: boolean): Tensor => (createGraph ? x : x.detach())
export const results = (list: readonly Tensor[], single: boolean, createGraph: boolean): Tensors => {
  const own = list.map((x) => unlinked(x, createGraph))
  return single ? own[0] : own
}

/** Zeros for null, unless strict. */
export const filled = (
  grads: readonly (Tensor | null)[],
  like: readonly Tensor[],
  strict: boolean,
  message: (i: number) => string,
): Tensor[] =>
  grads.map((g, i) => {
    if (g !== null) return g
    if (strict) throw new GradError(`${message(i)} This is not allowed in strict mode.`)
    return zerosLike(like[i])
  })

export const independent = (i: number): string =>
  `The output of the user-provided function is independent of input ${i}.`

/** With strict and createGraph, each result must depend on the inputs. */
export function checkLinked(
  list: readonly Tensor[],
  strict: boolean,
  createGraph: boolean,
  what: string,
): void {
  if (!strict || !createGraph) return
  list.forEach((x, i) => {
    if (x.requiresGrad) return
    throw new GradError(
      `The ${what} of the user-provided function is independent of input ${i}. This is not allowed in strict mode when createGraph: true.`,
    )
  })
}

export function oneElement(call: string, outputs: readonly Tensor[], single: boolean): Tensor {
  if (!single) throw new GradError(`The function given to ${call} should return a single Tensor`)
  const y = outputs[0]
  if (y.numel() !== 1)
    throw new GradError(
      `The Tensor returned by the function given to ${call} should contain a single element`,
    )
  return y
}

export function dependent(list: readonly Tensor[], strict: boolean): void {
  if (!strict) return
  list.forEach((x, i) => {
    if (x.requiresGrad) return
    throw new GradError(
      `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`,
    )
  })
}

/** A tensor, or a list of them, as a list. */
export function tensorsOf(given: unknown, what: string, call: string): readonly Tensor[] {
  if (given instanceof Tensor) return [given]
  const must = `The ${what} given to ${call} must be either a Tensor or an array of Tensors but the`
  if (!Array.isArray(given)) throw new GradError(`${must} given ${what} is ${describeValue(given)}.`)
  const list: readonly unknown[] = given
  list.forEach((x, i) => {
    if (!(x instanceof Tensor)) throw new GradError(`${must} value at index ${i} is ${describeValue(x)}.`)
  })
  return list as readonly Tensor[] // each was looked at
}

/** @throws ValueError unless `v` has the shapes of `like` */
export function checkShapes(v: readonly Tensor[], like: readonly Tensor[]): void {
  if (v.length !== like.length) {
    throw new ValueError(`v is an array of invalid length: should be ${like.length} but got ${v.length}.`)
  }
  v.forEach((x, i) => {
    if (String(x.shape) === String(like[i].shape)) return
    throw new ValueError(
      `${like.length > 1 ? `Entry ${i} in ` : ''}v has invalid size: should be [${like[i].shape.join(', ')}] but got [${x.shape.join(', ')}].`,
    )
  })
}
