import { count, finite } from '../base/kinds.ts'
import { takeArgument, takeOptions } from '../base/options.ts'
import { finish, sequence, tensorOptions, type TensorOptions } from '../create/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

export { fftshift, ifftshift } from '../ops/shape/fft-shift.ts'

/**
 * The frequencies of a transform of `n` values: 0 and the positive ones, then the negative ones, in cycles per unit.
 *
 * @param d - the distance of the values; 1 by default
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fftfreq.html
 * @example
 * g.fft.fftfreq(4).tolist() // => [0, 0.25, -0.5, -0.25]
 */
export function fftfreq(n: number, d = 1, options?: TensorOptions): Tensor {
  const given = takeOptions('fftfreq', tensorOptions, options)
  takeArgument('fftfreq', 'n', count, n)
  takeArgument('fftfreq', 'd', finite, d)
  const half = Math.ceil(n / 2)
  return finish(
    sequence(n, given.dtype ?? 'float32', (i) => (i < half ? i : i - n) / (n * d)),
    given,
  )
}

/**
 * The frequencies of a transform of `n` real values: none of them negative.
 *
 * @param d - the distance of the values; 1 by default
 * @returns [floor(n / 2) + 1]
 * @see https://pytorch.org/docs/stable/generated/torch.fft.rfftfreq.html
 * @example
 * g.fft.rfftfreq(4).tolist() // => [0, 0.25, 0.5]
 */
export function rfftfreq(n: number, d = 1, options?: TensorOptions): Tensor {
  const given = takeOptions('rfftfreq', tensorOptions, options)
  takeArgument('rfftfreq', 'n', count, n)
  takeArgument('rfftfreq', 'd', finite, d)
  return finish(
    sequence(Math.floor(n / 2) + 1, given.dtype ?? 'float32', (i) => i / (n * d)),
    given,
  )
}
