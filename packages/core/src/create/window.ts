import { count, finite, flag } from '../base/kinds.ts'
import { takeArgument, takeOptions, type OptionTable } from '../base/options.ts'
import { isFloat } from '../base/dtype.ts'
import { DTypeError } from '../base/errors.ts'
import { finish, sequence, tensorOptions, type TensorOptions } from './create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The value of a window at position `i` of `n`, whose ends are 0 and n - 1. */
export type WindowShape = (i: number, n: number) => number

/** A window of `length` positions; a periodic one is that of one more without its end. */
export function windowOf(
  call: string,
  length: number,
  periodic: boolean,
  options: TensorOptions,
  shape: WindowShape,
): Tensor {
  takeArgument(call, 'length', count, length)
  const { dtype = 'float32' } = options
  if (!isFloat(dtype)) throw new DTypeError(`${call} expects floating point dtypes, got: ${dtype}`)
  const n = periodic ? length + 1 : length
  return finish(
    sequence(length, dtype, (i) => (length === 1 ? 1 : shape(i, n))),
    options,
  )
}

/** A sum of cosines with alternating signs: `Σ (-1)^k a_k cos(2 π k i / (n - 1))`. */
export const cosines =
  (a: readonly number[]): WindowShape =>
  (i, n) =>
    a.reduce((sum, ak, k) => sum + (k % 2 === 0 ? ak : -ak) * Math.cos((2 * Math.PI * k * i) / (n - 1)), 0)

/** Kaiser's window: the modified Bessel function of order 0 over an arc. */
export const kaiserShape =
  (beta: number): WindowShape =>
  (i, n) => {
    const t = (2 * i) / (n - 1) - 1
    return bessel0(beta * Math.sqrt(Math.max(0, 1 - t * t))) / bessel0(beta)
  }

// Abramowitz & Stegun 9.6.12: the series of positive terms converges for all that windows ask
function bessel0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-17; k++) sum += term *= (x / (2 * k)) ** 2
  return sum
}

/** What the windows take. */
export interface WindowOptions extends TensorOptions {
  /** Whether the window repeats without its end, for spectra; false makes it symmetric. True by default. */
  periodic?: boolean
}
/** The kinds of {@link WindowOptions}. */
const windowOptions = (): OptionTable<WindowOptions> => ({ ...tensorOptions, periodic: flag })

/**
 * A raised cosine: `0.5 (1 - cos(2 π i / n))`.
 *
 * @param length - how many positions
 * @throws DTypeError unless floating
 * @see https://pytorch.org/docs/stable/generated/torch.hann_window.html
 * @example
 * g.hannWindow(4).tolist() // ≈ [0, 0.5, 1, 0.5]
 */
export function hannWindow(length: number, options?: WindowOptions): Tensor {
  const { periodic = true, ...rest } = takeOptions('hannWindow', windowOptions(), options)
  return windowOf('hannWindow', length, periodic, rest, cosines([0.5, 0.5]))
}

/** Options of {@link hammingWindow}. */
export interface HammingWindowOptions extends WindowOptions {
  /** The constant; 0.54 by default. */
  alpha?: number
  /** The weight of the cosine; 0.46 by default. */
  beta?: number
}

/**
 * A cosine on a pedestal: `alpha - beta cos(2 π i / n)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.hamming_window.html
 * @example
 * g.hammingWindow(4).tolist() // ≈ [0.08, 0.54, 1, 0.54]
 */
export function hammingWindow(length: number, options?: HammingWindowOptions): Tensor {
  const table = { ...windowOptions(), alpha: finite, beta: finite }
  const { periodic = true, alpha = 0.54, beta = 0.46, ...rest } = takeOptions('hammingWindow', table, options)
  return windowOf('hammingWindow', length, periodic, rest, cosines([alpha, beta]))
}

/**
 * Three cosines: `0.42 - 0.5 cos(2 π i / n) + 0.08 cos(4 π i / n)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.blackman_window.html
 * @example
 * g.blackmanWindow(4).tolist() // ≈ [0, 0.34, 1, 0.34]
 */
export function blackmanWindow(length: number, options?: WindowOptions): Tensor {
  const { periodic = true, ...rest } = takeOptions('blackmanWindow', windowOptions(), options)
  return windowOf('blackmanWindow', length, periodic, rest, cosines([0.42, 0.5, 0.08]))
}

/** A triangle that is 0 at both ends. */
export const triangle: WindowShape = (i, n) => 1 - Math.abs((2 * i) / (n - 1) - 1)

/**
 * A triangle.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.bartlett_window.html
 * @example
 * g.bartlettWindow(4).tolist() // => [0, 0.5, 1, 0.5]
 */
export function bartlettWindow(length: number, options?: WindowOptions): Tensor {
  const { periodic = true, ...rest } = takeOptions('bartlettWindow', windowOptions(), options)
  return windowOf('bartlettWindow', length, periodic, rest, triangle)
}

/** Options of {@link kaiserWindow}. */
export interface KaiserWindowOptions extends WindowOptions {
  /** How narrow the window is; 12 by default. */
  beta?: number
}

/**
 * Kaiser's window: of all of one length the one with nearly the most energy in its main lobe.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.kaiser_window.html
 * @example
 * g.kaiserWindow(3, { periodic: false, beta: 0 }).tolist() // => [1, 1, 1]
 */
export function kaiserWindow(length: number, options?: KaiserWindowOptions): Tensor {
  const table = { ...windowOptions(), beta: finite }
  const { periodic = true, beta = 12, ...rest } = takeOptions('kaiserWindow', table, options)
  return windowOf('kaiserWindow', length, periodic, rest, kaiserShape(beta))
}
