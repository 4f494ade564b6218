import * as binary from '../ops/elementwise/binary.ts'
import * as ternary from '../ops/elementwise/ternary.ts'
import type { Operand } from '../op/pointwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentRounding } from './rounding.ts'

/** Functions of two and three elements as methods: each is the function of the same name with this tensor first. */
export abstract class FluentBinary extends FluentRounding {
  maximum(this: Tensor, y: Operand): Tensor {
    return binary.maximum(this, y)
  }
  minimum(this: Tensor, y: Operand): Tensor {
    return binary.minimum(this, y)
  }
  fmax(this: Tensor, y: Operand): Tensor {
    return binary.fmax(this, y)
  }
  fmin(this: Tensor, y: Operand): Tensor {
    return binary.fmin(this, y)
  }
  atan2(this: Tensor, y: Operand): Tensor {
    return binary.atan2(this, y)
  }
  atan2_(this: Tensor, y: Operand): Tensor {
    return binary.atan2_(this, y)
  }
  hypot(this: Tensor, y: Operand): Tensor {
    return binary.hypot(this, y)
  }
  hypot_(this: Tensor, y: Operand): Tensor {
    return binary.hypot_(this, y)
  }
  logaddexp(this: Tensor, y: Operand): Tensor {
    return binary.logaddexp(this, y)
  }
  logaddexp2(this: Tensor, y: Operand): Tensor {
    return binary.logaddexp2(this, y)
  }
  xlogy(this: Tensor, y: Operand): Tensor {
    return binary.xlogy(this, y)
  }
  xlogy_(this: Tensor, y: Operand): Tensor {
    return binary.xlogy_(this, y)
  }
  copysign(this: Tensor, y: Operand): Tensor {
    return binary.copysign(this, y)
  }
  copysign_(this: Tensor, y: Operand): Tensor {
    return binary.copysign_(this, y)
  }
  heaviside(this: Tensor, values: Operand): Tensor {
    return binary.heaviside(this, values)
  }
  heaviside_(this: Tensor, values: Operand): Tensor {
    return binary.heaviside_(this, values)
  }
  clamp(this: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
    return ternary.clamp(this, min, max)
  }
  clamp_(this: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
    return ternary.clamp_(this, min, max)
  }
  clampMin(this: Tensor, min: Operand): Tensor {
    return ternary.clampMin(this, min)
  }
  clampMin_(this: Tensor, min: Operand): Tensor {
    return ternary.clampMin_(this, min)
  }
  clampMax(this: Tensor, max: Operand): Tensor {
    return ternary.clampMax(this, max)
  }
  clampMax_(this: Tensor, max: Operand): Tensor {
    return ternary.clampMax_(this, max)
  }
  lerp(this: Tensor, end: Tensor, weight: Operand): Tensor {
    return ternary.lerp(this, end, weight)
  }
  lerp_(this: Tensor, end: Tensor, weight: Operand): Tensor {
    return ternary.lerp_(this, end, weight)
  }
  addcmul(this: Tensor, tensor1: Operand, tensor2: Operand, options?: ternary.ValueOptions): Tensor {
    return ternary.addcmul(this, tensor1, tensor2, options)
  }
  addcmul_(this: Tensor, tensor1: Operand, tensor2: Operand, options?: ternary.ValueOptions): Tensor {
    return ternary.addcmul_(this, tensor1, tensor2, options)
  }
  addcdiv(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ternary.ValueOptions): Tensor {
    return ternary.addcdiv(this, tensor1, tensor2, options)
  }
  addcdiv_(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ternary.ValueOptions): Tensor {
    return ternary.addcdiv_(this, tensor1, tensor2, options)
  }
  maskedFill(this: Tensor, mask: Tensor, value: Operand): Tensor {
    return ternary.maskedFill(this, mask, value)
  }
  maskedFill_(this: Tensor, mask: Tensor, value: Operand): Tensor {
    return ternary.maskedFill_(this, mask, value)
  }
  /** This tensor where `condition` holds, else `y`. */
  where(this: Tensor, condition: Tensor, y: Operand): Tensor {
    return ternary.where(condition, this, y)
  }
}
