import type { Tensor } from '@gradus/core'
import { Module } from '../../module/module.ts'
import { tuple } from '../../module/python-text.ts'

/**
 * Passes its input on; takes any constructor arguments, so that it can stand in for another layer.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Identity.html
 */
export class Identity extends Module {
  static override readonly layerName: string = 'Identity'
  constructor(..._ignored: readonly unknown[]) {
    super()
  }

  forward(x: Tensor): Tensor {
    return x
  }
}

/**
 * Merges axes into one: `[n, c, h, w]` to `[n, c·h·w]` by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 * @example
 * new g.nn.Flatten()(g.ones(2, 3, 4)).shape // => [2, 12]
 */
export class Flatten extends Module {
  static override readonly layerName: string = 'Flatten'
  readonly startDim: number
  readonly endDim: number

  constructor({ startDim = 1, endDim = -1 }: { startDim?: number; endDim?: number } = {}) {
    super()
    this.startDim = startDim
    this.endDim = endDim
  }

  forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim)
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`
  }
}

/**
 * Splits one axis into several.
 *
 * @param dim - the axis; negative counts from the end
 * @param unflattenedSize - what it becomes; one size may be -1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 * @example
 * new g.nn.Unflatten(1, [3, 4])(g.ones(2, 12)).shape // => [2, 3, 4]
 */
export class Unflatten extends Module {
  static override readonly layerName: string = 'Unflatten'
  readonly dim: number
  readonly unflattenedSize: readonly number[]

  constructor(dim: number, unflattenedSize: readonly number[]) {
    super()
    this.dim = dim
    this.unflattenedSize = unflattenedSize
  }

  forward(x: Tensor): Tensor {
    return x.unflatten(this.dim, this.unflattenedSize)
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${tuple(this.unflattenedSize)}`
  }
}
