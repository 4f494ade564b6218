import { takeTensor } from '../../tensor/kind.ts'
import { atLeast } from '../../base/kinds.ts'
import { takeArgument } from '../../base/options.ts'
import { ShapeError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { written } from '../../op/in-place.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { gt } from '../elementwise/compare.ts'
import { reciprocal } from '../elementwise/power.ts'
import { where } from '../elementwise/ternary.ts'
import { vectorNorm } from './vector-norm.ts'

const positive = /* @__PURE__ */ atLeast(0, { exclusive: true })
const bound = /* @__PURE__ */ atLeast(0)

interface Renorm {
  p: number
  axis: number
  maxNorm: number
}
const renormOp = /* @__PURE__ */ defineOp({
  name: 'renorm',
  inputs: ['x'],
  attrs: attributes<Renorm>(),
  autocast: 'fp32',
  decompose({ x }, { p, axis, maxNorm }) {
    const others = x.shape.flatMap((_, a) => (a === axis ? [] : [a]))
    const norms = vectorNorm(x, p, others, { keepdim: true })
    return x.mul(where(gt(norms, maxNorm), reciprocal(norms.add(1e-7)).mul(maxNorm), 1))
  },
})

/**
 * Slices along an axis scaled down to a norm where theirs is larger.
 *
 * @param p - the order of the norm, above 0
 * @param axis - that of the slices
 * @param maxNorm - the largest norm that stays
 * @throws ShapeError for fewer than two axes
 * @see https://pytorch.org/docs/stable/generated/torch.renorm.html
 * @example
 * g.renorm(g.tensor([[3, 4], [0, 1]]), 2, 0, 2.5).tolist() // ≈ [[1.5, 2], [0, 1]]
 */
export function renorm(x: Tensor, p: number, axis: number, maxNorm: number): Tensor {
  takeTensor('renorm', 'x', x)
  takeArgument('renorm', 'p', positive, p)
  takeArgument('renorm', 'maxNorm', bound, maxNorm)
  if (x.ndim < 2) throw new ShapeError(`renorm: input needs at least 2 dimensions, got ${x.ndim} dimensions`)
  return renormOp({ x }, { p, axis: normalizeAxis(axis, x.ndim), maxNorm })
}

/** {@link renorm} written into `x`. */
export const renorm_ = /* @__PURE__ */ written('renorm_', renorm)
