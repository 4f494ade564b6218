import { takeTensor } from '../../tensor/kind.ts'
import { asList } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { roll } from './rearrange.ts'

const shifted = (x: Tensor, axes: number | readonly number[] | null, by: (n: number) => number): Tensor => {
  const list = axes === null ? x.shape.map((_, a) => a) : asList(axes)
  return roll(
    x,
    list.map((a) => by(x.size(a))),
    list,
  )
}

/**
 * The frequencies of a spectrum in ascending order: the second half of each axis put first.
 *
 * @param axes - all by default
 * @see https://pytorch.org/docs/stable/generated/torch.fft.fftshift.html
 * @example
 * g.fft.fftshift(g.tensor([0, 1, 2, -2, -1])).tolist() // => [-2, -1, 0, 1, 2]
 */
export const fftshift = (x: Tensor, axes: number | readonly number[] | null = null): Tensor => {
  takeTensor('fftshift', 'x', x)
  return shifted(x, axes, (n) => Math.floor(n / 2))
}

/**
 * Undoes {@link fftshift}.
 *
 * @param axes - all by default
 * @see https://pytorch.org/docs/stable/generated/torch.fft.ifftshift.html
 * @example
 * g.fft.ifftshift(g.tensor([-2, -1, 0, 1, 2])).tolist() // => [0, 1, 2, -2, -1]
 */
export const ifftshift = (x: Tensor, axes: number | readonly number[] | null = null): Tensor => {
  takeTensor('ifftshift', 'x', x)
  return shifted(x, axes, (n) => Math.floor((n + 1) / 2))
}
