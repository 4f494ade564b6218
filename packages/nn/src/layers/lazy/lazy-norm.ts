import type { DType } from '@gradus/core/functions'
import { firstInput } from '../../module/first-input.ts'
import { UninitializedBuffer, UninitializedParameter } from '../../module/uninitialized.ts'
import {
  type BatchNorm,
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormOptions,
} from '../norm/batch-norm.ts'
import {
  type InstanceNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
} from '../norm/instance-norm.ts'
import { hasUninitialized, initialize, materialize } from './lazy.ts'

type Norm = BatchNorm | InstanceNorm

/** Leaves a norm without the number of channels that its first input tells. */
function postpone(layer: Norm, options: { dtype?: DType } | undefined): void {
  const dtype = options?.dtype
  if (layer.weight !== null) layer.weight = new UninitializedParameter({ dtype })
  if (layer.bias !== null) layer.bias = new UninitializedParameter({ dtype })
  if (layer.runningMean !== null) layer.runningMean = new UninitializedBuffer({ dtype })
  if (layer.runningVar !== null) layer.runningVar = new UninitializedBuffer({ dtype })
}

function begin(layer: Norm, args: readonly unknown[], becomes: { readonly prototype: Norm }): void {
  initialize<Norm>(layer, args, {
    becomes,
    sizesOf: (x) => ({ numFeatures: layer.channelsOf(x) }),
    materialize() {
      for (const x of [layer.weight, layer.bias, layer.runningMean, layer.runningVar])
        materialize(x, [layer.numFeatures])
    },
  })
}

/**
 * A {@link BatchNorm1d} that takes `numFeatures` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html
 * @example
 * const layer = new g.nn.LazyBatchNorm1d()
 * layer(g.ones(2, 4))
 * layer.numFeatures // => 4
 */
export class LazyBatchNorm1d extends BatchNorm1d {
  static override readonly layerName: string = 'LazyBatchNorm1d'

  constructor(options?: BatchNormOptions) {
    super(0, options)
    postpone(this, options)
  }

  /** Sets weights, biases and running statistics anew, once they have a shape. */
  override resetParameters(): void {
    if (!hasUninitialized(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, BatchNorm1d)
  }
}

/**
 * A {@link BatchNorm2d} that takes `numFeatures` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html
 */
export class LazyBatchNorm2d extends BatchNorm2d {
  static override readonly layerName: string = 'LazyBatchNorm2d'

  constructor(options?: BatchNormOptions) {
    super(0, options)
    postpone(this, options)
  }

  /** Sets weights, biases and running statistics anew, once they have a shape. */
  override resetParameters(): void {
    if (!hasUninitialized(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, BatchNorm2d)
  }
}

/**
 * A {@link BatchNorm3d} that takes `numFeatures` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm3d.html
 */
export class LazyBatchNorm3d extends BatchNorm3d {
  static override readonly layerName: string = 'LazyBatchNorm3d'

  constructor(options?: BatchNormOptions) {
    super(0, options)
    postpone(this, options)
  }

  /** Sets weights, biases and running statistics anew, once they have a shape. */
  override resetParameters(): void {
    if (!hasUninitialized(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, BatchNorm3d)
  }
}

/**
 * An {@link InstanceNorm1d} that takes `numFeatures` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html
 */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  static override readonly layerName: string = 'LazyInstanceNorm1d'

  constructor(options?: InstanceNormOptions) {
    super(0, options)
    postpone(this, options)
  }

  /** Sets weights, biases and running statistics anew, once they have a shape. */
  override resetParameters(): void {
    if (!hasUninitialized(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, InstanceNorm1d)
  }
}

/**
 * An {@link InstanceNorm2d} that takes `numFeatures` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html
 */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  static override readonly layerName: string = 'LazyInstanceNorm2d'

  constructor(options?: InstanceNormOptions) {
    super(0, options)
    postpone(this, options)
  }

  /** Sets weights, biases and running statistics anew, once they have a shape. */
  override resetParameters(): void {
    if (!hasUninitialized(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, InstanceNorm2d)
  }
}

/**
 * An {@link InstanceNorm3d} that takes `numFeatures` from its first input; see {@link LazyLinear}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm3d.html
 */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  static override readonly layerName: string = 'LazyInstanceNorm3d'

  constructor(options?: InstanceNormOptions) {
    super(0, options)
    postpone(this, options)
  }

  /** Sets weights, biases and running statistics anew, once they have a shape. */
  override resetParameters(): void {
    if (!hasUninitialized(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    begin(this, args, InstanceNorm3d)
  }
}
