import type { Shape } from '../base/layout.ts'
import * as axisOrder from '../ops/view/axes.ts'
import * as rearrange from '../ops/shape/rearrange.ts'
import * as splitting from '../ops/view/split.ts'
import * as strided from '../ops/view/stride.ts'
import * as triangle from '../ops/shape/triangle.ts'
import { sizesOf } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentReduce } from './reduce.ts'

/** Splitting, repeating and rearranging as methods: each is the function of the same name with this tensor first. */
export abstract class FluentShape extends FluentReduce {
  unbind(this: Tensor, axis?: number): Tensor[] {
    return splitting.unbind(this, axis)
  }
  split(this: Tensor, size: number | readonly number[], axis?: number): Tensor[] {
    return splitting.split(this, size, axis)
  }
  chunk(this: Tensor, chunks: number, axis?: number): Tensor[] {
    return splitting.chunk(this, chunks, axis)
  }
  tensorSplit(this: Tensor, parts: number | readonly number[], axis?: number): Tensor[] {
    return splitting.tensorSplit(this, parts, axis)
  }
  asStrided(this: Tensor, shape: Shape, strides: readonly number[], offset?: number): Tensor {
    return strided.asStrided(this, shape, strides, offset)
  }
  unfold(this: Tensor, axis: number, size: number, step: number): Tensor {
    return strided.unfold(this, axis, size, step)
  }
  repeat(this: Tensor, ...repeats: readonly number[] | [Shape]): Tensor {
    return rearrange.repeat(this, sizesOf(repeats))
  }
  tile(this: Tensor, ...repeats: readonly number[] | [Shape]): Tensor {
    return rearrange.tile(this, sizesOf(repeats))
  }
  repeatInterleave(this: Tensor, repeats: number | Tensor, axis?: number): Tensor {
    return rearrange.repeatInterleave(this, repeats, axis)
  }
  flip(this: Tensor, ...axes: readonly number[] | [readonly number[]]): Tensor {
    return rearrange.flip(this, sizesOf(axes))
  }
  roll(this: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]): Tensor {
    return rearrange.roll(this, shifts, axes)
  }
  movedim(this: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
    return axisOrder.movedim(this, source, destination)
  }
  swapaxes(this: Tensor, axis0: number, axis1: number): Tensor {
    return axisOrder.swapaxes(this, axis0, axis1)
  }
  unflatten(this: Tensor, axis: number, sizes: Shape): Tensor {
    return axisOrder.unflatten(this, axis, sizes)
  }
  broadcastTo(this: Tensor, shape: Shape): Tensor {
    return axisOrder.broadcastTo(this, shape)
  }
  tril(this: Tensor, offset?: number): Tensor {
    return triangle.tril(this, offset)
  }
  triu(this: Tensor, offset?: number): Tensor {
    return triangle.triu(this, offset)
  }
  diag(this: Tensor, offset?: number): Tensor {
    return triangle.diag(this, offset)
  }
  trace(this: Tensor): Tensor {
    return triangle.trace(this)
  }
  /** The matrices of the last two axes transposed: a view. */
  get mT(): Tensor {
    // a getter cannot declare the class of `this`: every Fluent is a Tensor
    return (this as unknown as Tensor).transpose(-2, -1)
  }
}
