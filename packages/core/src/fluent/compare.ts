import * as compare from '../ops/elementwise/compare.ts'
import * as logical from '../ops/elementwise/logical.ts'
import type { Operand } from '../op/pointwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentBinary } from './binary.ts'

/** Comparisons and logic as methods: each is the function of the same name with this tensor first. */
export abstract class FluentCompare extends FluentBinary {
  eq(this: Tensor, y: Operand): Tensor {
    return compare.eq(this, y)
  }
  eq_(this: Tensor, y: Operand): Tensor {
    return compare.eq_(this, y)
  }
  ne(this: Tensor, y: Operand): Tensor {
    return compare.ne(this, y)
  }
  ne_(this: Tensor, y: Operand): Tensor {
    return compare.ne_(this, y)
  }
  lt(this: Tensor, y: Operand): Tensor {
    return compare.lt(this, y)
  }
  lt_(this: Tensor, y: Operand): Tensor {
    return compare.lt_(this, y)
  }
  le(this: Tensor, y: Operand): Tensor {
    return compare.le(this, y)
  }
  le_(this: Tensor, y: Operand): Tensor {
    return compare.le_(this, y)
  }
  gt(this: Tensor, y: Operand): Tensor {
    return compare.gt(this, y)
  }
  gt_(this: Tensor, y: Operand): Tensor {
    return compare.gt_(this, y)
  }
  ge(this: Tensor, y: Operand): Tensor {
    return compare.ge(this, y)
  }
  ge_(this: Tensor, y: Operand): Tensor {
    return compare.ge_(this, y)
  }
  isclose(this: Tensor, y: Tensor, options?: compare.ClosenessOptions): Tensor {
    return compare.isclose(this, y, options)
  }
  allclose(this: Tensor, y: Tensor, options?: compare.ClosenessOptions): boolean {
    return compare.allclose(this, y, options)
  }
  equal(this: Tensor, y: Tensor): boolean {
    return compare.equal(this, y)
  }
  logicalAnd(this: Tensor, y: Operand): Tensor {
    return logical.logicalAnd(this, y)
  }
  logicalAnd_(this: Tensor, y: Operand): Tensor {
    return logical.logicalAnd_(this, y)
  }
  logicalOr(this: Tensor, y: Operand): Tensor {
    return logical.logicalOr(this, y)
  }
  logicalOr_(this: Tensor, y: Operand): Tensor {
    return logical.logicalOr_(this, y)
  }
  logicalXor(this: Tensor, y: Operand): Tensor {
    return logical.logicalXor(this, y)
  }
  logicalXor_(this: Tensor, y: Operand): Tensor {
    return logical.logicalXor_(this, y)
  }
  bitwiseAnd(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseAnd(this, y)
  }
  bitwiseAnd_(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseAnd_(this, y)
  }
  bitwiseOr(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseOr(this, y)
  }
  bitwiseOr_(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseOr_(this, y)
  }
  bitwiseXor(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseXor(this, y)
  }
  bitwiseXor_(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseXor_(this, y)
  }
  bitwiseLeftShift(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseLeftShift(this, y)
  }
  bitwiseLeftShift_(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseLeftShift_(this, y)
  }
  bitwiseRightShift(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseRightShift(this, y)
  }
  bitwiseRightShift_(this: Tensor, y: Operand): Tensor {
    return logical.bitwiseRightShift_(this, y)
  }
}
