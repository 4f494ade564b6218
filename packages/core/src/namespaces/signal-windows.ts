import { finite, flag, type Kind, listOf, whole } from '../base/kinds.ts'
import { takeArgument, takeOptions } from '../base/options.ts'
import { DTypeError, ValueError } from '../base/errors.ts'
import { tensorOptions, type TensorOptions } from '../create/create.ts'
import { cosines, kaiserShape, triangle, windowOf, type WindowShape } from '../create/window.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What every window of this namespace takes. */
export interface SignalWindowOptions extends TensorOptions {
  /** Whether the window is symmetric; false makes it periodic, for spectra. True by default. */
  sym?: boolean
}

const taken = <T extends SignalWindowOptions>(
  call: string,
  options: T | undefined,
  own: { readonly [N in Exclude<keyof T, keyof SignalWindowOptions>]-?: Kind<Exclude<T[N], undefined>> },
): Partial<T> =>
  // the members of T are those that the windows share, and its own
  takeOptions<SignalWindowOptions>(call, { ...tensorOptions, sym: flag, ...own }, options) as Partial<T>

const shared = ({ sym: _, dtype, requiresGrad }: SignalWindowOptions): TensorOptions => ({
  ...(dtype && { dtype }),
  ...(requiresGrad && { requiresGrad }),
})

/** A window of this namespace: of float32 or float64 alone, as PyTorch's. `call` is the name that errors have. */
function signalWindow(call: string, length: number, given: SignalWindowOptions, shape: WindowShape): Tensor {
  const { sym = true, dtype = 'float32' } = given
  takeArgument(call, 'length', whole, length)
  if (length < 0) throw new ValueError(`${call} requires non-negative window length, got M=${length}`)
  if (dtype !== 'float32' && dtype !== 'float64') {
    throw new DTypeError(`${call} expects float32 or float64 dtypes, got: ${dtype}`)
  }
  return windowOf(call, length, !sym, shared(given), shape)
}

/**
 * A triangle that is 0 at both ends.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.bartlett.html
 * @example
 * g.signal.windows.bartlett(5).tolist() // => [0, 0.5, 1, 0.5, 0]
 */
export function bartlett(length: number, options?: SignalWindowOptions): Tensor {
  const given = taken('bartlett', options, {})
  return signalWindow('bartlett', length, given, triangle)
}

/** Options of {@link generalCosine}. */
export interface GeneralCosineOptions extends SignalWindowOptions {
  /** The weights of the cosines, of period n, n / 2, and so on after the constant; signs alternate. */
  a: readonly number[]
}

/**
 * A weighted sum of cosines.
 *
 * @throws ValueError without weights
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.general_cosine.html
 * @example
 * g.signal.windows.generalCosine(3, { a: [0.5, 0.5] }).tolist() // ≈ [0, 1, 0]
 */
export function generalCosine(length: number, options: GeneralCosineOptions): Tensor {
  const { a = [], ...given } = taken<GeneralCosineOptions>('generalCosine', options, {
    a: listOf(finite),
  })
  if (a.length === 0) throw new ValueError('Coefficients cannot be empty')
  return signalWindow('generalCosine', length, given, cosines(a))
}

const ofCosines =
  (call: string, a: readonly number[]) =>
  (length: number, options?: SignalWindowOptions): Tensor => {
    const given = taken(call, options, {})
    // the sums of equal form share their checks
    return signalWindow(call === 'blackman' ? call : 'generalCosine', length, given, cosines(a))
  }

/**
 * Three cosines: see `blackmanWindow`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.blackman.html
 */
export const blackman = /* @__PURE__ */ ofCosines('blackman', [0.42, 0.5, 0.08])

/**
 * A raised cosine: see `hannWindow`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.hann.html
 */
export const hann = /* @__PURE__ */ ofCosines('hann', [0.5, 0.5])

/**
 * A cosine on a pedestal: see `hammingWindow`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.hamming.html
 */
export const hamming = /* @__PURE__ */ ofCosines('hamming', [0.54, 0.46])

/**
 * Four cosines with the least side lobes.
 *
 * @see Nuttall 1981, https://doi.org/10.1109/TASSP.1981.1163506
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.nuttall.html
 */
export const nuttall = /* @__PURE__ */ ofCosines('nuttall', [0.3635819, 0.4891775, 0.1365995, 0.0106411])

/** Options of {@link generalHamming}. */
export interface GeneralHammingOptions extends SignalWindowOptions {
  /** The constant; the cosine has the rest to 1. 0.54 by default. */
  alpha?: number
}

/**
 * A cosine on a pedestal of any height.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.general_hamming.html
 */
export function generalHamming(length: number, options?: GeneralHammingOptions): Tensor {
  const { alpha = 0.54, ...given } = taken<GeneralHammingOptions>('generalHamming', options, {
    alpha: finite,
  })
  return signalWindow('generalCosine', length, given, cosines([alpha, 1 - alpha]))
}

/**
 * Half a period of a sine, whose positions are the middles of the steps.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.cosine.html
 */
export function cosine(length: number, options?: SignalWindowOptions): Tensor {
  const given = taken('cosine', options, {})
  return signalWindow('cosine', length, given, (i, n) => Math.sin((Math.PI * (i + 0.5)) / n))
}

/** Options of {@link exponential}. */
export interface ExponentialOptions extends SignalWindowOptions {
  /** Where the window is 1; the middle by default, and always where it is symmetric. */
  center?: number
  /** Over how many positions it falls by the factor e; 1 by default. */
  tau?: number
}

/**
 * `exp(-|i - center| / tau)`.
 *
 * @throws ValueError for a centre of a symmetric window
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.exponential.html
 */
export function exponential(length: number, options?: ExponentialOptions): Tensor {
  const {
    center,
    tau = 1,
    ...given
  } = taken<ExponentialOptions>('exponential', options, {
    center: finite,
    tau: finite,
  })
  if (tau <= 0) throw new ValueError(`Tau must be positive, got: ${tau} instead.`)
  const { sym = true } = given
  if (sym && center !== undefined) throw new ValueError('Center must be null for symmetric windows')
  return signalWindow('exponential', length, given, (i, n) =>
    Math.exp(-Math.abs(i - (center ?? (n - 1) / 2)) / tau),
  )
}

/** Options of {@link gaussian}. */
export interface GaussianOptions extends SignalWindowOptions {
  /** The standard deviation in positions; 1 by default. */
  std?: number
}

/**
 * The density of a normal distribution around the middle, 1 there.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.gaussian.html
 */
export function gaussian(length: number, options?: GaussianOptions): Tensor {
  const { std = 1, ...given } = taken<GaussianOptions>('gaussian', options, { std: finite })
  if (std <= 0) throw new ValueError(`Standard deviation must be positive, got: ${std} instead.`)
  return signalWindow('gaussian', length, given, (i, n) => Math.exp(-0.5 * ((i - (n - 1) / 2) / std) ** 2))
}

/** Options of {@link kaiser}. */
export interface KaiserOptions extends SignalWindowOptions {
  /** How narrow the window is; 12 by default. */
  beta?: number
}

/**
 * Kaiser's window: see `kaiserWindow`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.signal.windows.kaiser.html
 */
export function kaiser(length: number, options?: KaiserOptions): Tensor {
  const { beta = 12, ...given } = taken<KaiserOptions>('kaiser', options, { beta: finite })
  if (beta < 0) throw new ValueError(`beta must be non-negative, got: ${beta} instead.`)
  return signalWindow('kaiser', length, given, kaiserShape(beta))
}
