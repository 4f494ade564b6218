import { takeTensor } from '../../tensor/kind.ts'
import { defineOp } from '../../op/define-op.ts'
import { tapeOf } from '../../op/dispatch.ts'
import { isFloat } from '../../base/dtype.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { exp } from '../elementwise/exponential.ts'
import { lined, type Scan } from './scan.ts'
import { triu } from '../shape/triangle.ts'

const logcumsumexpOp = /* @__PURE__ */ defineOp({
  name: 'logcumsumexp',
  inputs: ['x'],
  attrs: attributes<Scan>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: isFloat(x.dtype) ? x.dtype : 'float32' }),
  kernel: (on, { x }, { out }, scan) => on.scan('logsumexp', lined(x, scan), scan.axis, lined(out, scan)),
  vjp: {
    x: saving(['x', 'out'], (g, { x, out }, { axis }: Scan) => {
      if (x.ndim === 0) return g
      return tapeOf([g, x, out]) === null
        ? logcumsumexpGradient(g, x, out, axis)
        : logcumsumexpGradientAgain(g, x, out, axis)
    }),
  },
})

// Σ g exp(x - out) over the rest of the row, by sign, in logarithms: PyTorch's way around overflow
function logcumsumexpGradient(g: Tensor, x: Tensor, out: Tensor, axis: number): Tensor {
  const part = (sign: 1 | -1): Tensor =>
    exp(logcumsumexpOf(logOfShare.with([sign], g, out), axis, true).add(x))
  return part(1).sub(part(-1))
}

/** The same with every pair of positions: quadratic in memory, differentiable to any order. */
function logcumsumexpGradientAgain(g: Tensor, x: Tensor, out: Tensor, axis: number): Tensor {
  const last = (y: Tensor): Tensor => y.transpose(axis, -1)
  const weights = triu(exp(triu(last(x).unsqueeze(-1).sub(last(out).unsqueeze(-2)))))
  return last(weights.mul(last(g).unsqueeze(-2)).sum(-1))
}

const logcumsumexpOf = (x: Tensor, axis: number, reverse: boolean): Tensor =>
  logcumsumexpOp({ x }, { axis, reverse })

// log |g| - out where g has the sign, else -∞: where g is 0 an out of -∞ must not make NaN, and a g of NaN must
const logOfShare = /* @__PURE__ */ definePointwise(
  'logOfShare',
  { result: 'float', inputs: ['g', 'out'], params: 1 },
  (g, out, sign) =>
    f.where(f.gt(f.mul(g, sign), 0), f.sub(f.log(f.abs(g)), out), f.where(f.isNaN(g), g, -Infinity)),
)

/**
 * Running `log(Σ exp(x))` along an axis, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logcumsumexp.html
 */
export const logcumsumexp = (x: Tensor, axis: number): Tensor => {
  takeTensor('logcumsumexp', 'x', x)
  return logcumsumexpOf(x, normalizeAxis(axis, x.ndim), false)
}
