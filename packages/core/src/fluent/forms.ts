import type { Shape } from '../base/layout.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { takeTensor } from '../tensor/kind.ts'
import { sizesOf } from '../base/shape.ts'
import type { Operand } from '../op/pointwise.ts'
import { where } from '../ops/elementwise/ternary.ts'
import { flip, repeat, tile } from '../ops/shape/rearrange.ts'
import { expand, permute, reshape, view } from '../ops/view/view.ts'
import type { Numbers } from './basic-forms.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Methods whose arguments are not those of the function with its first one left out; the others are generated. */
export abstract class MethodForms {
  /**
   * The same elements under another shape, sharing memory; one size may be -1.
   *
   * @throws ShapeError if the sizes do not fit, or if the strides do not allow a view: `reshape` copies then
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.view.html
   * @example
   * g.arange(6).view(2, -1).shape // => [2, 3]
   */
  view(this: Tensor, ...shape: Numbers): Tensor {
    return view(this, sizesOf(shape))
  }

  /** The same elements in the shape of another tensor, sharing memory: see {@link view}. */
  viewAs(this: Tensor, other: Tensor): Tensor {
    takeTensor('viewAs', 'other', other)
    return view(this, other.shape)
  }

  /** The same elements in the shape of another tensor: see {@link reshape}. */
  reshapeAs(this: Tensor, other: Tensor): Tensor {
    takeTensor('reshapeAs', 'other', other)
    return reshape(this, other.shape)
  }

  /** Broadcast to the shape of another tensor as a view: see {@link expand}. */
  expandAs(this: Tensor, other: Tensor): Tensor {
    takeTensor('expandAs', 'other', other)
    return expand(this, other.shape)
  }

  /**
   * A tensor copied side by side, as often along each axis as `repeats` says.
   *
   * @param repeats - one per axis, as numbers or one array; more than there are axes add some in front
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
   * @example
   * g.tensor([1, 2]).repeat(2, 2).tolist() // => [[1, 2, 1, 2], [1, 2, 1, 2]]
   */
  repeat(this: Tensor, ...repeats: Numbers): Tensor {
    return repeat(this, sizesOf(repeats))
  }

  /**
   * A tensor copied side by side; repeats that are missing count as 1 in front.
   *
   * @throws TypeError without repeats
   * @see https://pytorch.org/docs/stable/generated/torch.tile.html
   * @example
   * g.tensor([[1], [2]]).tile(2).tolist() // => [[1, 1], [2, 2]]
   */
  tile(this: Tensor, ...repeats: Numbers): Tensor {
    return tile(this, given('tile', 'dims', repeats, 'x.tile(2), or x.tile([]) for a copy'))
  }

  /**
   * A copy with the order of elements reversed along the given axes.
   *
   * @param axes - as numbers or one array
   * @throws TypeError without axes
   * @see https://pytorch.org/docs/stable/generated/torch.flip.html
   * @example
   * g.tensor([[1, 2], [3, 4]]).flip(0, 1).tolist() // => [[4, 3], [2, 1]]
   */
  flip(this: Tensor, ...axes: Numbers): Tensor {
    return flip(this, given('flip', 'dims', axes, 'x.flip(0) turns the first axis around'))
  }

  /**
   * This tensor where `condition` holds, else `y`.
   *
   * @param condition - bool, broadcast with this tensor
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.where.html
   * @example
   * g.tensor([1, -2]).where(g.tensor([true, false]), 0).tolist() // => [1, 0]
   */
  where(this: Tensor, condition: Tensor, y: Operand): Tensor {
    return where(condition, this, y)
  }

  /** This tensor as float32: `to('float32')`. */
  float(this: Tensor): Tensor {
    return this.to('float32')
  }

  /** This tensor as float64: `to('float64')`. */
  double(this: Tensor): Tensor {
    return this.to('float64')
  }

  /** This tensor as float16: `to('float16')`. */
  half(this: Tensor): Tensor {
    return this.to('float16')
  }

  /** This tensor as bfloat16: `to('bfloat16')`. */
  bfloat16(this: Tensor): Tensor {
    return this.to('bfloat16')
  }

  /** This tensor as int8: `to('int8')`. */
  char(this: Tensor): Tensor {
    return this.to('int8')
  }

  /** This tensor as int16: `to('int16')`. */
  short(this: Tensor): Tensor {
    return this.to('int16')
  }

  /** This tensor as int32: `to('int32')`. */
  int(this: Tensor): Tensor {
    return this.to('int32')
  }

  /** This tensor as int64: `to('int64')`. */
  long(this: Tensor): Tensor {
    return this.to('int64')
  }

  /** This tensor as uint8: `to('uint8')`. */
  byte(this: Tensor): Tensor {
    return this.to('uint8')
  }

  /** This tensor as bool: `to('bool')`. */
  bool(this: Tensor): Tensor {
    return this.to('bool')
  }

  /** This tensor in the dtype of another. */
  typeAs(this: Tensor, other: Tensor): Tensor {
    takeTensor('typeAs', 'other', other)
    return this.to(other.dtype)
  }

  /** This tensor itself: memory is the processor's. */
  cpu(this: Tensor): Tensor {
    return this
  }

  /** Number of elements: see {@link Tensor.numel}. */
  nelement(this: Tensor): number {
    return this.numel()
  }

  /** `'cpu'`: where the memory of a tensor is, for programs that ask. */
  get device(): 'cpu' {
    return 'cpu'
  }

  /** Bytes of one element: see {@link Tensor.elementSize}. */
  get itemsize(): number {
    return asTensor(this).elementSize()
  }

  /** The axes in reverse order: a view. */
  get T(): Tensor {
    const x = asTensor(this)
    return permute(x, x.shape.map((_, a) => a).reverse())
  }

  /**
   * A matrix, or a scalar, with its axes exchanged: a view.
   *
   * @throws ShapeError for another number of axes
   */
  get H(): Tensor {
    const x = asTensor(this)
    if (x.ndim !== 0 && x.ndim !== 2) {
      throw new ShapeError(
        `tensor.H is only supported on matrices (2-D tensors). Got ${x.ndim}-D tensor.`,
        x.ndim > 2 ? { hint: 'for batches of matrices, consider using tensor.mH' } : {},
      )
    }
    return x.ndim === 0 ? x : x.transpose(0, 1)
  }

  /** The matrices of the last two axes transposed: a view. */
  get mT(): Tensor {
    return asTensor(this).transpose(-2, -1)
  }

  /** {@link mT}: numbers here are their own conjugates. */
  get mH(): Tensor {
    return asTensor(this).transpose(-2, -1)
  }
}

// a getter cannot declare the class of `this`: every object with these methods is a Tensor
const asTensor = (self: MethodForms): Tensor => self as unknown as Tensor

/** Sizes that must be there: without any the call would do nothing. */
function given(name: string, what: string, numbers: Numbers, hint: string): Shape {
  if (numbers.length === 0)
    throw new ArgumentError(`${name}() missing 1 required positional arguments: "${what}"`, { hint })
  return sizesOf(numbers)
}
