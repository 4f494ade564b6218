import { either, integers, kind, nullable, real } from '../../base/kinds.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { normalizeAxes } from '../../base/shape.ts'
import { isTensor, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { neg } from '../elementwise/unary.ts'
import { cat } from '../shape/join.ts'

/** The distance of neighbours, or their positions [n]: of all axes, or one for each. */
type Spacing = number | readonly (number | Tensor)[]

/** Options of {@link gradient}. */
export interface GradientOptions {
  /** The distance of neighbours along all axes, or for each axis a distance or the positions; 1 by default. */
  spacing?: Spacing | null
  /** The axes to differentiate along; all by default. */
  dim?: number | readonly number[] | null
  /** The order of the formula at both ends, 1 by default. */
  edgeOrder?: 1 | 2
}
const one = /* @__PURE__ */ kind<1 | 2>(
  '1 or 2',
  (x) => x === 1 || x === 2,
  () => 'gradient only supports edgeOrder=1 and edgeOrder=2.',
)
const spacings = /* @__PURE__ */ kind<readonly (number | Tensor)[]>(
  'an array of numbers or tensors',
  (x) => Array.isArray(x) && x.every((s) => typeof s === 'number' || isTensor(s)),
)
const gradientOptions = /* @__PURE__ */ defineOptions<GradientOptions>({
  spacing: /* @__PURE__ */ nullable(/* @__PURE__ */ either(real, spacings)),
  dim: /* @__PURE__ */ nullable(integers),
  edgeOrder: one,
})

/**
 * Estimates of the derivatives of a function from its values on a grid: central differences inside, one-sided ones at both
 * ends. One tensor of the shape of `x` for each axis.
 *
 * @throws ShapeError for an axis with no more than `edgeOrder` elements; ValueError for spacings of another number than axes
 * @see https://pytorch.org/docs/stable/generated/torch.gradient.html
 * @example
 * g.gradient(g.tensor([1, 4, 9, 16]))[0].tolist() // => [3, 4, 6, 7]
 */
export function gradient(x: Tensor, options?: GradientOptions): Tensor[] {
  takeTensor('gradient', 'x', x)
  const {
    spacing = null,
    dim: axes = null,
    edgeOrder = 1,
  } = takeOptions('gradient', gradientOptions, options)
  const all = axes === null ? x.shape.map((_, a) => a) : normalizeAxes(axes, x.ndim)
  const given = spacing === null ? 1 : spacing
  // an array has one for each axis
  const each = typeof given === 'number' ? all.map(() => given) : given
  if (each.length !== all.length) {
    throw new ValueError(
      `gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length ${each.length} and a dim argument of length ${all.length}.`,
    )
  }
  return all.map((axis, i) => {
    const n = x.shape[axis]
    if (n <= edgeOrder) {
      throw new ShapeError('gradient expected each dimension size to be at least edge_order+1')
    }
    const h = each[i]
    return typeof h === 'number'
      ? evenly(x, axis, h, edgeOrder)
      : unevenly(x, axis, positions(h, x, axis), edgeOrder)
  })
}

function positions(at: Tensor, x: Tensor, axis: number): Tensor {
  if (at.ndim !== 1 || at.shape[0] !== x.shape[axis]) {
    throw new ShapeError(
      `gradient expected each element of spacing to have one dimension of the length of its axis, ${x.shape[axis]}, got [${at.shape.join(', ')}]`,
    )
  }
  return at.reshape(x.shape.map((_, a) => (a === axis ? at.shape[0] : 1)))
}

function evenly(x: Tensor, axis: number, h: number, order: 1 | 2): Tensor {
  const n = x.shape[axis]
  const from = (start: number, length: number): Tensor => x.narrow(axis, start, length)
  const inside = from(2, n - 2)
    .sub(from(0, n - 2))
    .div(2 * h)
  if (order === 1) {
    const end = (i: number): Tensor =>
      from(i + 1, 1)
        .sub(from(i, 1))
        .div(h)
    return cat([end(0), inside, end(n - 2)], axis)
  }
  const end = (i: number, step: number): Tensor =>
    from(i, 1)
      .mul(-1.5)
      .add(from(i + step, 1).mul(2))
      .sub(from(i + 2 * step, 1).mul(0.5))
      .div(step * h)
  return cat([end(0, 1), inside, end(n - 1, -1)], axis)
}

// second-order formulas on a grid that is not even: Fornberg 1988, the three points nearest
function unevenly(x: Tensor, axis: number, at: Tensor, order: 1 | 2): Tensor {
  const n = x.shape[axis]
  const from = (start: number, length: number): Tensor => x.narrow(axis, start, length)
  const steps = at.narrow(axis, 1, n - 1).sub(at.narrow(axis, 0, n - 1))
  const [left, right] = [steps.narrow(axis, 0, n - 2), steps.narrow(axis, 1, n - 2)]
  const both = left.add(right)
  const inside = from(0, n - 2)
    .mul(neg(right).div(left.mul(both)))
    .add(from(1, n - 2).mul(right.sub(left).div(left.mul(right))))
    .add(from(2, n - 2).mul(left.div(right.mul(both))))
  const step = (i: number): Tensor => steps.narrow(axis, i, 1)
  if (order === 1) {
    const end = (i: number): Tensor =>
      from(i + 1, 1)
        .sub(from(i, 1))
        .div(step(i))
    return cat([end(0), inside, end(n - 2)], axis)
  }
  // a is the distance of the end from its neighbour, b that of the next two
  const end = (i: number, by: number, a: Tensor, b: Tensor): Tensor => {
    const sum = a.add(b)
    return from(i, 1)
      .mul(neg(a.mul(2).add(b)).div(a.mul(sum)))
      .add(from(i + by, 1).mul(sum.div(a.mul(b))))
      .sub(from(i + 2 * by, 1).mul(a.div(b.mul(sum))))
      .mul(by)
  }
  return cat([end(0, 1, step(0), step(1)), inside, end(n - 1, -1, step(n - 2), step(n - 3))], axis)
}
