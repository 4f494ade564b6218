import { ShapeError, type Tensor } from '@gradus/core/functions'
import { takeArgument } from '@gradus/core/internal'
import { count, type Sizes } from '../../module/arguments.ts'
import { firstInput } from '../../module/first-input.ts'
import { nameOf } from '../../module/name-of.ts'
import { UninitializedParameter } from '../../module/uninitialized.ts'
import { type AnyConv, checkChannels } from '../conv/any-conv.ts'
import { Conv1d, Conv2d, Conv3d, type ConvOptions } from '../conv/conv.ts'
import {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
} from '../conv/conv-transpose.ts'
import { hasUninitialized, initialize, materialize, setFields } from './lazy.ts'

/** Leaves a convolution without the sizes that its first input tells. */
function postpone(layer: AnyConv, outChannels: number): void {
  takeArgument(nameOf(layer), 'outChannels', count, outChannels)
  checkChannels(0, outChannels, layer.groups)
  setFields(layer, { outChannels })
  const { dtype } = layer.weight
  layer.weight = new UninitializedParameter({ dtype })
  if (layer.bias !== null) layer.bias = new UninitializedParameter({ dtype })
}

const isReady = (layer: AnyConv): boolean => layer.inChannels > 0 && !hasUninitialized(layer)

function begin(
  layer: AnyConv,
  args: readonly unknown[],
  becomes: { readonly prototype: AnyConv },
  transposed: boolean,
): void {
  const { outChannels, groups, kernelSize } = layer
  initialize<AnyConv>(layer, args, {
    becomes,
    sizesOf(x) {
      const inChannels = channelsOf(layer, x)
      checkChannels(inChannels, outChannels, groups)
      return { inChannels }
    },
    materialize() {
      const { inChannels } = layer
      const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups]
      materialize(layer.weight, [...channels, ...kernelSize])
      materialize(layer.bias, [outChannels])
    },
  })
}

function channelsOf(layer: AnyConv, x: Tensor): number {
  const rank = layer.kernelSize.length
  if (x.ndim !== rank + 1 && x.ndim !== rank + 2) {
    throw new ShapeError(
      `Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to ${nameOf(layer)}, but got input of size: [${x.shape.join(', ')}]`,
    )
  }
  return x.shape[x.ndim - rank - 1]
}

/**
 * A {@link Conv1d} that takes `inChannels` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv1d.html
 */
export class LazyConv1d extends Conv1d {
  static override readonly layerName: string = 'LazyConv1d'

  constructor(outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super(0, 0, kernelSize, options)
    postpone(this, outChannels)
  }

  /** Draws weight and bias anew, once they have a shape. */
  override resetParameters(): void {
    if (isReady(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, Conv1d, false)
  }
}

/**
 * A {@link Conv2d} that takes `inChannels` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv2d.html
 * @example
 * const layer = new g.nn.LazyConv2d(4, 3)
 * layer(g.ones(1, 2, 5, 5)).shape // => [1, 4, 3, 3]
 * String(layer) // => 'Conv2d(2, 4, kernel_size=(3, 3), stride=(1, 1))'
 */
export class LazyConv2d extends Conv2d {
  static override readonly layerName: string = 'LazyConv2d'

  constructor(outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super(0, 0, kernelSize, options)
    postpone(this, outChannels)
  }

  /** Draws weight and bias anew, once they have a shape. */
  override resetParameters(): void {
    if (isReady(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, Conv2d, false)
  }
}

/**
 * A {@link Conv3d} that takes `inChannels` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv3d.html
 */
export class LazyConv3d extends Conv3d {
  static override readonly layerName: string = 'LazyConv3d'

  constructor(outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super(0, 0, kernelSize, options)
    postpone(this, outChannels)
  }

  /** Draws weight and bias anew, once they have a shape. */
  override resetParameters(): void {
    if (isReady(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, Conv3d, false)
  }
}

/**
 * A {@link ConvTranspose1d} that takes `inChannels` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose1d.html
 */
export class LazyConvTranspose1d extends ConvTranspose1d {
  static override readonly layerName: string = 'LazyConvTranspose1d'

  constructor(outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(0, 0, kernelSize, options)
    postpone(this, outChannels)
  }

  /** Draws weight and bias anew, once they have a shape. */
  override resetParameters(): void {
    if (isReady(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, ConvTranspose1d, true)
  }
}

/**
 * A {@link ConvTranspose2d} that takes `inChannels` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose2d.html
 */
export class LazyConvTranspose2d extends ConvTranspose2d {
  static override readonly layerName: string = 'LazyConvTranspose2d'

  constructor(outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(0, 0, kernelSize, options)
    postpone(this, outChannels)
  }

  /** Draws weight and bias anew, once they have a shape. */
  override resetParameters(): void {
    if (isReady(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, ConvTranspose2d, true)
  }
}

/**
 * A {@link ConvTranspose3d} that takes `inChannels` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose3d.html
 */
export class LazyConvTranspose3d extends ConvTranspose3d {
  static override readonly layerName: string = 'LazyConvTranspose3d'

  constructor(outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super(0, 0, kernelSize, options)
    postpone(this, outChannels)
  }

  /** Draws weight and bias anew, once they have a shape. */
  override resetParameters(): void {
    if (isReady(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, ConvTranspose3d, true)
  }
}
