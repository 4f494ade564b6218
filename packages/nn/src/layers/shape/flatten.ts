import { flatten, unflatten } from '@gradus/core/functions'
import type { Tensor } from '@gradus/core/functions'
import { defineOptions, integer, listOf, takeArgument, takeOptions } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
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

/** Options of {@link Flatten}. */
export interface FlattenOptions {
  /** The first axis that is merged; 1 by default. */
  startDim?: number
  /** The last axis that is merged; -1, the last one, by default. */
  endDim?: number
}

const axis = /* @__PURE__ */ integer()
const flattenOptions = /* @__PURE__ */ defineOptions<FlattenOptions>({ startDim: axis, endDim: axis })

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

  constructor(options?: FlattenOptions) {
    super()
    const { startDim = 1, endDim = -1 } = takeOptions(nameOf(this), flattenOptions, options)
    this.startDim = startDim
    this.endDim = endDim
  }

  forward(x: Tensor): Tensor {
    return flatten(x, this.startDim, this.endDim)
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`
  }
}

const parts = /* @__PURE__ */ listOf(/* @__PURE__ */ integer(-1))

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
    this.dim = takeArgument(nameOf(this), 'dim', axis, dim)
    this.unflattenedSize = takeArgument(nameOf(this), 'unflattenedSize', parts, unflattenedSize)
  }

  forward(x: Tensor): Tensor {
    return unflatten(x, this.dim, this.unflattenedSize)
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${tuple(this.unflattenedSize)}`
  }
}
