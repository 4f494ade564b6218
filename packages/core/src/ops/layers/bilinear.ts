import { takeTensor, takeTensorOrNull } from '../../tensor/kind.ts'
import { defineOp } from '../../op/define-op.ts'
import { ShapeError } from '../../base/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { matmul } from '../linalg/matmul.ts'

const bilinearOp = /* @__PURE__ */ defineOp({
  name: 'bilinear',
  inputs: ['x1', 'x2', 'weight'],
  autocast: 'promote',
  decompose({ x1, x2, weight }) {
    const [out, in1, in2] = weight.shape
    // [n, in1] · [in1, out · in2], then each row's [out, in2] · [in2]
    const sides = weight.permute(1, 0, 2).reshape([in1, out * in2])
    const half = matmul(x1, sides).reshape([x1.shape[0], out, in2])
    return matmul(half, x2.unsqueeze(2)).squeeze(2)
  },
})

/**
 * `x1ᵀ · weight[k] · x2 + bias[k]` for every output k.
 *
 * @param x1 - `[..., in1]`
 * @param x2 - `[..., in2]`, with the same leading axes
 * @param weight - `[out, in1, in2]`
 * @param bias - `[out]`, or null
 * @returns `[..., out]`
 * @throws ShapeError
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
 * @example
 * g.bilinear(g.ones(2), g.ones(3), g.ones(1, 2, 3)).tolist() // => [6]
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  takeTensor('bilinear', 'x2', x2)

  takeTensor('bilinear', 'x1', x1)
  takeTensor('bilinear', 'weight', weight)
  takeTensorOrNull('bilinear', 'bias', bias)

  if (x1.ndim !== x2.ndim) {
    throw new ShapeError(`bilinear(): input dimensions do not match: got ${x1.ndim} and ${x2.ndim}`)
  }
  x1.shape.slice(0, -1).forEach((n, a) => {
    if (n !== x2.shape[a])
      throw new ShapeError(
        `bilinear(): input batch dimensions do not match at dim ${a}: got ${n} and ${x2.shape[a]}`,
      )
  })
  ;[x1, x2].forEach((x, i) => {
    if (x.shape.at(-1) !== weight.shape[i + 1])
      throw new ShapeError(
        `bilinear(): input${i + 1} size does not match weight size: got ${x.shape.at(-1)} but expected ${weight.shape[i + 1]}`,
      )
  })
  const leading = x1.shape.slice(0, -1)
  const rows = leading.reduce((a, b) => a * b, 1)
  const flat = (x: Tensor): Tensor => x.reshape([rows, x.shape.at(-1)!])
  const out = bilinearOp({ x1: flat(x1), x2: flat(x2), weight }, undefined)
  return (bias ? out.add(bias) : out).reshape([...leading, weight.shape[0]])
}
