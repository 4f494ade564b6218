import { sizesOf } from '../base/shape.ts'
import type { Operand } from '../op/pointwise.ts'
import { copy_ } from '../ops/elementwise/convert.ts'
import { expand, permute, reshape } from '../ops/view/view.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Sizes or axes of a method, as numbers or one array. */
export type Numbers = readonly number[] | readonly [readonly number[]]

/** As `MethodForms`, of the methods that gradus itself calls. */
export abstract class BasicForms {
  /**
   * The same elements under another shape: a view where the strides allow it, else a copy. One size may be -1.
   *
   * @throws ShapeError if the sizes do not fit
   * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
   * @example
   * g.arange(6).reshape([3, 2]).tolist() // => [[0, 1], [2, 3], [4, 5]]
   */
  reshape(this: Tensor, ...shape: Numbers): Tensor {
    return reshape(this, sizesOf(shape))
  }

  /**
   * Axes in another order, as a view.
   *
   * @param axes - each axis once, as numbers or one array; negative ones count from the end
   * @see https://pytorch.org/docs/stable/generated/torch.permute.html
   * @example
   * g.zeros(2, 3, 4).permute(2, 0, 1).shape // => [4, 2, 3]
   */
  permute(this: Tensor, ...axes: Numbers): Tensor {
    return permute(this, sizesOf(axes))
  }

  /**
   * Broadcast to a larger shape as a view with stride 0; -1 keeps a size.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.expand.html
   * @example
   * g.tensor([[1], [2]]).expand(-1, 3).tolist() // => [[1, 1, 1], [2, 2, 2]]
   */
  expand(this: Tensor, ...sizes: Numbers): Tensor {
    return expand(this, sizesOf(sizes))
  }

  /**
   * Writes one value into every element.
   *
   * @param value - a number, or a tensor of one element
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
   * @example
   * g.zeros(2).fill_(7).tolist() // => [7, 7]
   */
  fill_(this: Tensor, value: Operand): Tensor {
    return copy_(this, value)
  }

  /**
   * Writes 0 into every element.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.zero_.html
   */
  zero_(this: Tensor): Tensor {
    return copy_(this, 0)
  }
}
