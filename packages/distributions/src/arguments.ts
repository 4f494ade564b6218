import {
  broadcastTensors,
  isTensor,
  sigmoid,
  softmax,
  setGradEnabled,
  clamp,
  finfo,
  log,
  log1p,
  neg,
  tensor,
  TensorError,
  ValueError,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, flag, integer, kind, listOf, nullable, takeArgument } from '@gradus/core/internal'

/** A parameter of a distribution: a number stands for a tensor of no axes. */
export type Parameter = number | Tensor

/** Options that every distribution takes. */
export interface DistributionOptions {
  /** Whether parameters and values are checked, which reads them; as `Distribution.setDefaultValidateArgs` said by default. */
  validateArgs?: boolean | null
}
/** The kinds of {@link DistributionOptions}. */
export const distributionOptions = /* @__PURE__ */ defineOptions<DistributionOptions>({
  validateArgs: /* @__PURE__ */ nullable(flag),
})

/** A tensor or a number. */
export const aParameter = /* @__PURE__ */ kind<Parameter>(
  'a tensor or a number',
  (x) => isTensor(x) || typeof x === 'number',
)

/** Refuses a shape that is no array of sizes. */
export function takeShape(call: string, name: string, value: unknown): void {
  takeArgument(call, name, sizes, value)
}

/** A tensor. */
export const aTensor = /* @__PURE__ */ kind<Tensor>('a tensor', isTensor)

/** Refuses a value that is no tensor. */
export function takeValue(call: string, name: string, value: unknown): void {
  takeArgument(call, name, aTensor, value)
}

/** Sizes of axes. */
export const sizes = /* @__PURE__ */ listOf(/* @__PURE__ */ integer(0))

/**
 * Parameters broadcast together. Numbers become tensors of the dtype of the first tensor, or float32.
 *
 * @throws ArgumentError for what is neither, ShapeError for shapes that do not broadcast
 */
export function broadcastAll(call: string, given: Readonly<Record<string, Parameter>>): Tensor[] {
  const values = Object.entries(given)
  for (const [name, value] of values) takeArgument(call, name, aParameter, value)
  const dtype = values.map(([, x]) => x).find(isTensor)?.dtype ?? 'float32'
  return broadcastTensors(values.map(([, x]) => (isTensor(x) ? x : tensor(x, { dtype }))))
}

/** The sum over the last `count` axes. */
export function sumRightmost(x: Tensor, count: number): Tensor {
  if (count === 0) return x
  return x.reshape([...x.shape.slice(0, x.ndim - count), -1]).sum(-1)
}

/** Probabilities moved into the open interval from 0 to 1. */
export function clampProbs(probs: Tensor): Tensor {
  const { eps } = finfo(probs.dtype)
  return clamp(probs, eps, 1 - eps)
}

/** Options that give the probabilities of a distribution in one of two forms. */
export interface ProbsOptions<P = Parameter> extends DistributionOptions {
  /** Probabilities. */
  probs?: P | null
  /** Log-odds, in place of `probs`. */
  logits?: P | null
}
/** The kinds of {@link ProbsOptions}. */
export const probsOptions = /* @__PURE__ */ defineOptions<ProbsOptions, DistributionOptions>(
  { probs: /* @__PURE__ */ nullable(aParameter), logits: /* @__PURE__ */ nullable(aParameter) },
  distributionOptions,
)

/** The options of a call whose first argument is `probs`, or options that name it. */
export function probsFirst<T extends ProbsOptions>(
  call: string,
  first: T['probs'] | T,
  options: T | undefined,
): T | undefined {
  if (first === undefined || first === null || typeof first === 'number' || isTensor(first)) {
    if (first === undefined || first === null) return options
    if (options?.probs != null) throw new ValueError(`${call}: probs is given twice`)
    // the options with one member more, of its declared type
    return { ...options, probs: first } as T
  }
  if (options !== undefined && typeof first === 'object')
    throw new ValueError(`${call} takes options once: they follow probs, or stand alone`)
  // neither absent nor a parameter: options, which the call checks
  return first as T
}

/** One of `probs` and `logits` as given; the other is computed when it is first read. */
export class ProbsOrLogits {
  /** What was given. */
  readonly given: Tensor
  /** Whether probabilities were given. */
  readonly isProbs: boolean
  private readonly binary: boolean
  private other: Tensor | null = null

  constructor(given: Tensor, isProbs: boolean, binary: boolean) {
    this.given = given
    this.isProbs = isProbs
    this.binary = binary
  }

  get probs(): Tensor {
    if (this.isProbs) return this.given
    return (this.other ??= setGradEnabled(true, () =>
      this.binary ? sigmoid(this.given) : softmax(this.given, -1),
    ))
  }

  get logits(): Tensor {
    if (!this.isProbs) return this.given
    return (this.other ??= setGradEnabled(true, () => {
      const probs = clampProbs(this.given)
      return this.binary ? log(probs).sub(log1p(neg(probs))) : log(probs)
    }))
  }

  /** The same of another shape. */
  expand(shape: Shape): ProbsOrLogits {
    return new ProbsOrLogits(this.given.expand(shape), this.isProbs, this.binary)
  }
}

/** The one of `probs` and `logits` that was given, by its name. */
export function givenOf<P>({ probs, logits }: ProbsOptions<P>): { value: P; isProbs: boolean } {
  const isProbs = probs != null
  const value = isProbs ? probs : logits
  if (value == null || (isProbs && logits != null))
    throw new ValueError('Either `probs` or `logits` must be specified, but not both.')
  return { value, isProbs }
}

/** {@link ProbsOrLogits} of two outcomes, from options. */
export function binaryFrom(call: string, options: ProbsOptions): ProbsOrLogits {
  const { value, isProbs } = givenOf(options)
  const [given] = broadcastAll(call, { [isProbs ? 'probs' : 'logits']: value })
  return new ProbsOrLogits(given, isProbs, true)
}

/** What a distribution, transform or constraint does not have. */
export const notImplemented = (message: string, hint?: string): TensorError =>
  new TensorError(message, hint === undefined ? {} : { hint })
