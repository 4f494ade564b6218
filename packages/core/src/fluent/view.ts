import type { DType } from '../base/dtype.ts'
import type { Shape } from '../base/layout.ts'
import * as convert from '../ops/elementwise/convert.ts'
import * as ops from '../ops/view/view.ts'
import type { Operand } from '../op/pointwise.ts'
import { sizesOf } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentCompare } from './compare.ts'

/** Views and conversions as methods: each is the function of the same name with this tensor first. */
export abstract class FluentView extends FluentCompare {
  view(this: Tensor, ...shape: readonly number[] | [Shape]): Tensor {
    return ops.view(this, sizesOf(shape))
  }
  reshape(this: Tensor, ...shape: readonly number[] | [Shape]): Tensor {
    return ops.reshape(this, sizesOf(shape))
  }
  permute(this: Tensor, ...axes: readonly number[] | [readonly number[]]): Tensor {
    return ops.permute(this, sizesOf(axes))
  }
  transpose(this: Tensor, axis0: number, axis1: number): Tensor {
    return ops.transpose(this, axis0, axis1)
  }
  t(this: Tensor): Tensor {
    return ops.t(this)
  }
  expand(this: Tensor, ...sizes: readonly number[] | [Shape]): Tensor {
    return ops.expand(this, sizesOf(sizes))
  }
  expandAs(this: Tensor, other: Tensor): Tensor {
    return ops.expand(this, other.shape)
  }
  viewAs(this: Tensor, other: Tensor): Tensor {
    return ops.view(this, other.shape)
  }
  reshapeAs(this: Tensor, other: Tensor): Tensor {
    return ops.reshape(this, other.shape)
  }
  unsqueeze(this: Tensor, axis: number): Tensor {
    return ops.unsqueeze(this, axis)
  }
  squeeze(this: Tensor, axes?: number | readonly number[]): Tensor {
    return ops.squeeze(this, axes)
  }
  select(this: Tensor, axis: number, index: number): Tensor {
    return ops.select(this, axis, index)
  }
  slice(this: Tensor, axis: number, start?: number | null, end?: number | null, step?: number): Tensor {
    return ops.slice(this, axis, start, end, step)
  }
  narrow(this: Tensor, axis: number, start: number, length: number): Tensor {
    return ops.narrow(this, axis, start, length)
  }
  diagonal(this: Tensor, offset?: number, axis1?: number, axis2?: number): Tensor {
    return ops.diagonal(this, offset, axis1, axis2)
  }
  flatten(this: Tensor, start?: number, end?: number): Tensor {
    return ops.flatten(this, start, end)
  }
  to(this: Tensor, dtype: DType): Tensor {
    return convert.to(this, dtype)
  }
  clone(this: Tensor): Tensor {
    return convert.clone(this)
  }
  contiguous(this: Tensor): Tensor {
    return convert.contiguous(this)
  }
  copy_(this: Tensor, source: Operand): Tensor {
    return convert.copy_(this, source)
  }
  fill_(this: Tensor, value: Operand): Tensor {
    return convert.copy_(this, value)
  }
  zero_(this: Tensor): Tensor {
    return convert.copy_(this, 0)
  }
}
