import * as ops from '../ops/elementwise/arithmetic.ts'
import type { Operand } from '../op/pointwise.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Arithmetic as methods: each is the function of the same name with this tensor first. */
export abstract class FluentArithmetic {
  add(this: Tensor, y: Operand, options?: ops.AlphaOptions): Tensor {
    return ops.add(this, y, options)
  }
  add_(this: Tensor, y: Operand, options?: ops.AlphaOptions): Tensor {
    return ops.add_(this, y, options)
  }
  sub(this: Tensor, y: Operand, options?: ops.AlphaOptions): Tensor {
    return ops.sub(this, y, options)
  }
  sub_(this: Tensor, y: Operand, options?: ops.AlphaOptions): Tensor {
    return ops.sub_(this, y, options)
  }
  mul(this: Tensor, y: Operand): Tensor {
    return ops.mul(this, y)
  }
  mul_(this: Tensor, y: Operand): Tensor {
    return ops.mul_(this, y)
  }
  div(this: Tensor, y: Operand, options?: ops.DivOptions): Tensor {
    return ops.div(this, y, options)
  }
  div_(this: Tensor, y: Operand, options?: ops.DivOptions): Tensor {
    return ops.div_(this, y, options)
  }
  floorDivide(this: Tensor, y: Operand): Tensor {
    return ops.floorDivide(this, y)
  }
  remainder(this: Tensor, y: Operand): Tensor {
    return ops.remainder(this, y)
  }
  remainder_(this: Tensor, y: Operand): Tensor {
    return ops.remainder_(this, y)
  }
  fmod(this: Tensor, y: Operand): Tensor {
    return ops.fmod(this, y)
  }
  fmod_(this: Tensor, y: Operand): Tensor {
    return ops.fmod_(this, y)
  }
}
