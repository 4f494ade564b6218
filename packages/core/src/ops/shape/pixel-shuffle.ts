import { apart } from '../elementwise/convert.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { takeArgument } from '../../base/options.ts'
import { whole } from '../../base/kinds.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'

function check(name: string, x: Tensor, factor: number, what: string): void {
  if (x.ndim < 3) {
    throw new ShapeError(
      `${name} expects input to have at least 3 dimensions, but got input with ${x.ndim} dimension(s)`,
    )
  }
  if (!(factor > 0)) throw new ValueError(`${name} expects a positive ${what}, but got ${factor}`)
}

/**
 * Channels spread over a finer image: `[..., c · r², h, w]` to `[..., c, h · r, w · r]`.
 *
 * @throws ShapeError unless r² divides the channels
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html
 * @example
 * g.pixelShuffle(g.ones(1, 4, 2, 2), 2).shape // => [1, 1, 4, 4]
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  takeTensor('pixelShuffle', 'x', x)

  takeArgument('pixelShuffle', 'upscaleFactor', whole, upscaleFactor)
  check('pixel_shuffle', x, upscaleFactor, 'upscale_factor')
  const r = upscaleFactor
  const [channels, height, width] = x.shape.slice(-3)
  if (channels % (r * r) !== 0) {
    throw new ShapeError(
      `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${channels} is not divisible by ${r * r}`,
    )
  }
  const leading = x.shape.slice(0, -3)
  const rows = leading.reduce((a, b) => a * b, 1)
  const c = channels / (r * r)
  const out = x
    .reshape([rows, c, r, r, height, width])
    .permute(0, 1, 4, 2, 5, 3)
    .reshape([...leading, c, height * r, width * r])
  return apart(out, x)
}

/**
 * The reverse of {@link pixelShuffle}: `[..., c, h · r, w · r]` to `[..., c · r², h, w]`.
 *
 * @throws ShapeError unless r divides height and width
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  takeTensor('pixelUnshuffle', 'x', x)

  takeArgument('pixelUnshuffle', 'downscaleFactor', whole, downscaleFactor)
  check('pixel_unshuffle', x, downscaleFactor, 'downscale_factor')
  const r = downscaleFactor
  const [c, height, width] = x.shape.slice(-3)
  for (const [name, axis, n] of [
    ['height', -2, height],
    ['width', -1, width],
  ] as const) {
    if (n % r !== 0) {
      throw new ShapeError(
        `pixel_unshuffle expects ${name} to be divisible by downscale_factor, but input.size(${axis})=${n} is not divisible by ${r}`,
      )
    }
  }
  const leading = x.shape.slice(0, -3)
  const rows = leading.reduce((a, b) => a * b, 1)
  const out = x
    .reshape([rows, c, height / r, r, width / r, r])
    .permute(0, 1, 3, 5, 2, 4)
    .reshape([...leading, c * r * r, height / r, width / r])
  return apart(out, x)
}

/**
 * Channels dealt out like cards: those of `groups` parts take turns.
 *
 * @param x - `[n, c, ...]`
 * @throws ShapeError unless the groups divide the channels
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.channel_shuffle.html
 */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  takeTensor('channelShuffle', 'x', x)

  takeArgument('channelShuffle', 'groups', whole, groups)
  if (x.ndim < 3) {
    throw new ShapeError(
      `channel_shuffle expects input with > 2 dims, but got input with sizes [${x.shape.join(', ')}]`,
    )
  }
  if (!(groups > 0)) {
    throw new ValueError(`Number of groups to divide channels in must be positive. Value of groups:${groups}`)
  }
  const [n, c, ...rest] = x.shape
  if (c % groups !== 0) {
    throw new ShapeError(
      `Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`,
    )
  }
  const size = rest.reduce((a, b) => a * b, 1)
  const out = x
    .reshape([n, groups, c / groups, size])
    .transpose(1, 2)
    .reshape(x.shape)
  return apart(out, x)
}
