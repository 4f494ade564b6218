import { whole } from '../../base/kinds.ts'
import { takeArgument } from '../../base/options.ts'
import { ShapeError } from '../../base/errors.ts'
import { takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { conv1d } from './conv.ts'

/**
 * A convolution along time, of the layout `[t, n, c]`.
 *
 * @param x - [t, n, inChannels]
 * @param weight - [kernel, inChannels, outChannels]
 * @param bias - [outChannels]
 * @param pad - zeros at both ends of the time, 0 by default
 * @returns [t + 2 · pad - kernel + 1, n, outChannels]
 * @throws ShapeError for other ranks
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_tbc.html
 * @example
 * g.convTbc(g.ones(4, 1, 2), g.ones(3, 2, 5), g.zeros(5)).shape // => [2, 1, 5]
 */
export function convTbc(x: Tensor, weight: Tensor, bias: Tensor, pad = 0): Tensor {
  takeTensor('convTbc', 'x', x)
  takeTensor('convTbc', 'weight', weight)
  takeTensor('convTbc', 'bias', bias)
  takeArgument('convTbc', 'pad', whole, pad)
  if (x.ndim !== 3) throw new ShapeError('Input must have 3 dims: time, batch, in_channel')
  if (weight.ndim !== 3)
    throw new ShapeError('Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.')
  if (bias.ndim !== 1) throw new ShapeError('Bias must be 1-D')
  const filters = weight.permute([2, 1, 0])
  return conv1d(x.permute([1, 2, 0]), filters, bias, { padding: pad }).permute([2, 0, 1])
}
