import { takeTensor } from '../../tensor/kind.ts'
import { defineOp } from '../../op/define-op.ts'
import { numOf, type DType } from '../../base/dtype.ts'
import { ShapeError } from '../../base/errors.ts'
import { saving } from '../../op/declaration.ts'
import { input } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { matmul, sameDType } from '../linalg/matmul.ts'
import { memo, under } from '../../op/row-program.ts'

const biasProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  return new Program({
    inputs: [
      { dtype, over: 'all' },
      { dtype, over: 'all' },
    ],
    outputs: [{ dtype, value: f.add(input(0, num), input(1, num)), over: 'all' }],
  })
})

const linearOp = /* @__PURE__ */ defineOp({
  name: 'linear',
  inputs: ['x', 'weight', 'bias?'],
  autocast: 'lower',
  infer({ x, weight, bias }) {
    const [rows, k] = x.shape
    const [n, k2] = weight.shape
    sameDType(x, weight, (a, b) => `mat1 and mat2 must have the same dtype, but got ${a} and ${b}`)
    if (bias) sameDType(x, bias, (a, b) => `mat1 and bias must have the same dtype, but got ${a} and ${b}`)
    if (k !== k2) {
      throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${rows}x${k} and ${k2}x${n})`, {
        hint: `the last axis of x has ${k} features; weight is [out, in] and takes ${k2}`,
      })
    }
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== n)) {
      throw new ShapeError(
        `The expanded size of the tensor (${n}) must match the existing size (${bias.shape.at(-1) ?? 1}) at non-singleton dimension 1.  Target sizes: [${rows}, ${n}].  Tensor sizes: [${bias.shape.join(', ')}]`,
      )
    }
    return { shape: [rows, n], dtype: x.dtype }
  },
  kernel(on, { x, weight, bias }, { out }) {
    const transposed = under(weight, weight.layout.permute([1, 0]))
    if (!bias) return on.matmul(x, transposed, out)
    const spread = under(bias, bias.layout.expand(out.layout.shape))
    on.matmul(x, transposed, out, {
      epilogue: { program: biasProgram(out.dtype), operands: [spread], params: [] },
    })
  },
  vjp: {
    x: saving(['weight'], (g, { weight }) => matmul(g, weight)),
    weight: saving(['x'], (g, { x }) => matmul(g.t(), x)),
    bias: saving([], (g) => g.sum(0)),
  },
})

/**
 * `x · weightᵀ + bias` over the last axis.
 *
 * @param x - [..., in]
 * @param weight - [out, in]
 * @param bias - [out], or null
 * @returns [..., out]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  takeTensor('linear', 'x', x)
  takeTensor('linear', 'weight', weight)

  if (weight.ndim === 1) {
    const out = matmul(x, weight)
    return bias ? out.add(bias) : out
  }
  if (x.ndim === 2) return linearOp({ x, weight, bias }, undefined)
  const out = linearOp(
    { x: x.reshape([sizeOf(x.shape.slice(0, -1)), x.shape.at(-1) ?? 1]), weight, bias },
    undefined,
  )
  return out.reshape([...x.shape.slice(0, -1), weight.shape[0]])
}
