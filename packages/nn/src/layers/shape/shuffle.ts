import { channelShuffle, pixelShuffle, pixelUnshuffle, type Tensor } from '@gradus/core/functions'
import { takeArgument } from '@gradus/core/internal'
import { positive } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'

/**
 * Channels spread over a finer image: `[..., c · r², h, w]` to `[..., c, h · r, w · r]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 * @example
 * new g.nn.PixelShuffle(2)(g.ones(1, 4, 2, 2)).shape // => [1, 1, 4, 4]
 */
export class PixelShuffle extends Module {
  static override readonly layerName: string = 'PixelShuffle'
  readonly upscaleFactor: number

  constructor(upscaleFactor: number) {
    super()
    this.upscaleFactor = takeArgument(nameOf(this), 'upscaleFactor', positive, upscaleFactor)
  }

  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor)
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`
  }
}

/**
 * The reverse of {@link PixelShuffle}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 */
export class PixelUnshuffle extends Module {
  static override readonly layerName: string = 'PixelUnshuffle'
  readonly downscaleFactor: number

  constructor(downscaleFactor: number) {
    super()
    this.downscaleFactor = takeArgument(nameOf(this), 'downscaleFactor', positive, downscaleFactor)
  }

  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor)
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`
  }
}

/**
 * Channels dealt out so that those of `groups` parts take turns: `[n, c, ...]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 */
export class ChannelShuffle extends Module {
  static override readonly layerName: string = 'ChannelShuffle'
  readonly groups: number

  constructor(groups: number) {
    super()
    this.groups = takeArgument(nameOf(this), 'groups', positive, groups)
  }

  forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups)
  }

  override extraRepr(): string {
    return `groups=${this.groups}`
  }
}
