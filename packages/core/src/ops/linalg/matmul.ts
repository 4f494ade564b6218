import { takeTensor } from '../../tensor/kind.ts'
import type { View } from '../../backend/types.ts'
import { defineOp } from '../../op/define-op.ts'
import { type DType, promoteTypes } from '../../base/dtype.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { saving, type Meta } from '../../op/declaration.ts'
import { broadcastShapes, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { under } from '../../op/row-program.ts'

const matmulOp = /* @__PURE__ */ defineOp({
  name: 'matmul',
  inputs: ['x', 'y'],
  autocast: 'lower',
  infer({ x, y }) {
    const [m, k] = x.shape.slice(-2)
    const [k2, n] = y.shape.slice(-2)
    sameDType(x, y, (a, b) => `expected m1 and m2 to have the same dtype, but got: ${a} != ${b}`)
    if (k !== k2) {
      const flat = sizeOf(x.shape.slice(0, -1))
      throw new ShapeError(
        x.shape.length > 2 && y.shape.length > 2
          ? `Expected size for first two dimensions of batch2 tensor to be: [${sizeOf(x.shape.slice(0, -2))}, ${k}] but got: [${sizeOf(y.shape.slice(0, -2))}, ${k2}].`
          : `mat1 and mat2 shapes cannot be multiplied (${flat}x${k} and ${k2}x${n})`,
        { hint: `x is [m, k] and y is [k, n]; transpose one with .t()?` },
      )
    }
    return { shape: [...broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2)), m, n], dtype: x.dtype }
  },
  kernel: (on, { x, y }, { out }) => on.matmul(batched(x, out), batched(y, out), out),
  vjp: {
    x: saving(['y'], (g, { y }) => matmul(g, y.transpose(-2, -1))),
    y: saving(['x'], (g, { x }) => matmul(x.transpose(-2, -1), g)),
  },
})

/** An operand with the batch axes of the result. */
const batched = (x: View, out: View): View =>
  under(x, x.layout.expand([...out.layout.shape.slice(0, -2), ...x.layout.shape.slice(-2)]))

/** @throws DTypeError unless both have one dtype: matrix products do not promote */
export function sameDType(x: Meta, y: Meta, what: (a: DType, b: DType) => string): void {
  if (x.dtype !== y.dtype) {
    throw new DTypeError(what(x.dtype, y.dtype), {
      // the dtype that holds both: an int64 input is converted, not the weight of a layer
      hint: `convert one: .to('${promoteTypes(x.dtype, y.dtype)}')`,
    })
  }
}

/**
 * Matrix product: of vectors a scalar, of matrices a matrix, of more axes a batch of matrices, broadcast together.
 *
 * @throws ShapeError where inner sizes differ; DTypeError for different dtypes, which matrix products do not promote
 * @see https://pytorch.org/docs/stable/generated/torch.matmul.html
 * @example
 * g.matmul(g.ones(2, 3), g.ones(3, 4)).shape // => [2, 4]
 */
export function matmul(x: Tensor, y: Tensor): Tensor {
  takeTensor('matmul', 'x', x)
  takeTensor('matmul', 'y', y)

  if (x.ndim === 0 || y.ndim === 0) {
    throw new ShapeError(
      `both arguments to matmul need to be at least 1D, but they are ${x.ndim}D and ${y.ndim}D`,
    )
  }
  if (x.ndim === 1 && y.ndim === 1) {
    if (x.numel() !== y.numel()) {
      throw new ShapeError(
        `inconsistent tensor size, expected tensor [${x.numel()}] and src [${y.numel()}] to have the same number of elements, but got ${x.numel()} and ${y.numel()} elements respectively`,
      )
    }
    return product(x.unsqueeze(0), y.unsqueeze(1)).reshape([])
  }
  if (x.ndim === 1) return product(x.unsqueeze(0), y).squeeze(-2)
  if (y.ndim === 1) {
    if (x.ndim === 2 && x.shape[1] !== y.shape[0]) {
      throw new ShapeError(
        `size mismatch, got input (${x.shape[0]}), mat (${x.shape.join('x')}), vec (${y.shape[0]})`,
      )
    }
    return product(x, y.unsqueeze(1)).squeeze(-1)
  }
  return product(x, y)
}

// batch axes of x times one matrix are rows of one product: one GEMM, and a weight gradient without a batch to sum
function product(x: Tensor, y: Tensor): Tensor {
  if (x.ndim <= 2 || y.ndim !== 2) return matmulOp({ x, y }, undefined)
  const rows = x.reshape([sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!])
  return matmulOp({ x: rows, y }, undefined).reshape([...x.shape.slice(0, -1), y.shape[1]])
}
