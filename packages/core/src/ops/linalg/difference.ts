import { aTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { integer, nullable } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { normalizeAxis, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { ne } from '../elementwise/compare.ts'
import { cat } from '../view/join.ts'
import { matmul } from './matmul.ts'
import { dot } from './matrix-products.ts'

/** What {@link diff} takes. */
export interface DiffOptions {
  /** How often differences are taken; 1 by default. */
  n?: number
  /** The last by default. */
  dim?: number
  /** Joined on before. */
  prepend?: Tensor | null
  /** Joined on after. */
  append?: Tensor | null
}
/** The kinds of {@link DiffOptions}. */
export const diffOptions = /* @__PURE__ */ defineOptions<DiffOptions>({
  n: /* @__PURE__ */ integer(),
  dim: /* @__PURE__ */ integer(),
  prepend: /* @__PURE__ */ nullable(aTensor),
  append: /* @__PURE__ */ nullable(aTensor),
})

/**
 * Differences of neighbours along an axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.diff.html
 * @example
 * g.diff(g.tensor([1, 4, 9])).tolist() // => [3, 5]
 */
export function diff(x: Tensor, options?: DiffOptions): Tensor {
  const { n = 1, dim = -1, prepend = null, append = null } = takeOptions('diff', diffOptions, options)
  if (x.ndim === 0) throw new ShapeError('diff expects input to be at least one-dimensional')
  if (n < 0) throw new ValueError(`order must be non-negative but got ${n}`)
  const axis = normalizeAxis(dim, x.ndim)
  if (n === 0) return x.clone()
  let y =
    prepend || append
      ? cat(
          [prepend, x, append].filter((t) => t !== null),
          axis,
        )
      : x
  for (let i = 0; i < n; i++) {
    const length = y.shape[axis]
    if (length === 0) return y
    const [later, earlier] = [y.narrow(axis, 1, length - 1), y.narrow(axis, 0, length - 1)]
    y = y.dtype === 'bool' ? ne(later, earlier) : later.sub(earlier)
  }
  return y
}

/**
 * The integral along an axis by trapezoids.
 *
 * @param x - positions: a number is the distance of neighbours, 1 by default
 * @see https://pytorch.org/docs/stable/generated/torch.trapezoid.html
 */
export function trapezoid(y: Tensor, x: Tensor | number = 1, axis = -1): Tensor {
  const a = normalizeAxis(axis, y.ndim)
  const n = y.shape[a]
  const sums = y.narrow(a, 1, Math.max(0, n - 1)).add(y.narrow(a, 0, Math.max(0, n - 1)))
  if (typeof x === 'number') return sums.sum(a).mul(x / 2)
  const widths = diff(x, { dim: x.ndim === y.ndim ? a : -1 })
  const aligned =
    x.ndim === y.ndim ? widths : widths.reshape([widths.numel(), ...Array<number>(y.ndim - 1 - a).fill(1)])
  return sums.mul(aligned).sum(a).div(2)
}

/** {@link trapezoid} under its old name. */
export const trapz = trapezoid

/**
 * The cross product of vectors of three along an axis, broadcast together.
 *
 * @param axis - the last by default
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cross.html
 */
export function cross(x: Tensor, y: Tensor, axis = -1): Tensor {
  if (x.ndim !== y.ndim) throw new ShapeError('linalg.cross: inputs must have the same number of dimensions.')
  const a = normalizeAxis(axis, x.ndim)
  if (x.shape[a] !== 3 || y.shape[a] !== 3) {
    throw new ShapeError(
      `linalg.cross: inputs dimension ${axis} must have length 3. Got ${x.shape[a]} and ${y.shape[a]}`,
    )
  }
  const turned = (t: Tensor, by: number): Tensor => cat([t.narrow(a, by, 3 - by), t.narrow(a, 0, by)], a)
  return turned(x, 1)
    .mul(turned(y, 2))
    .sub(turned(x, 2).mul(turned(y, 1)))
}

/**
 * Products summed over several axes at once: the last `dims` of x with the first of y, or those listed for each.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tensordot.html
 */
export const tensordot = (x: Tensor, y: Tensor, dims: Dims = 2): Tensor => tensordotOp({ x, y }, dims)

type Dims = number | readonly [readonly number[], readonly number[]]

const tensordotOp = /* @__PURE__ */ defineOp({
  name: 'tensordot',
  inputs: ['x', 'y'],
  attrs: attributes<Dims>(),
  autocast: 'promote',
  decompose: ({ x, y }, dims) => contracted(x, y, dims),
})

function contracted(left: Tensor, right: Tensor, dims: Dims): Tensor {
  let [x, y] = [left, right]
  const [a, b] =
    typeof dims === 'number'
      ? [Array.from({ length: dims }, (_, i) => x.ndim - dims + i), Array.from({ length: dims }, (_, i) => i)]
      : [dims[0].map((d) => normalizeAxis(d, x.ndim)), dims[1].map((d) => normalizeAxis(d, y.ndim))]
  if (a.length !== b.length) throw new ShapeError('both dimension lists should have same length')
  a.forEach((d, i) => {
    // a length of 1 broadcasts
    if (x.shape[d] === 1) y = y.sum(b[i], { keepdim: true })
    else if (y.shape[b[i]] === 1) x = x.sum(d, { keepdim: true })
    if (x.shape[d] !== y.shape[b[i]]) {
      throw new ShapeError(
        `contracted dimensions need to match, but first has size ${x.shape[d]} in dim ${d} and second has size ${y.shape[b[i]]} in dim ${b[i]}`,
      )
    }
  })
  const free = (t: Tensor, taken: readonly number[]): number[] =>
    t.shape.map((_, i) => i).filter((i) => !taken.includes(i))
  const [freeX, freeY] = [free(x, a), free(y, b)]
  const summed = sizeOf(a.map((d) => x.shape[d]))
  const rows = x.permute([...freeX, ...a]).reshape([sizeOf(freeX.map((d) => x.shape[d])), summed])
  const columns = y.permute([...b, ...freeY]).reshape([summed, sizeOf(freeY.map((d) => y.shape[d]))])
  return matmul(rows, columns).reshape([...freeX.map((d) => x.shape[d]), ...freeY.map((d) => y.shape[d])])
}

/** The inner product of two vectors: `dot`, by its name for complex numbers. */
export const vdot = (x: Tensor, y: Tensor): Tensor => dot(x, y)

const vecdotOp = /* @__PURE__ */ defineOp({
  name: 'vecdot',
  inputs: ['x', 'y'],
  attrs: attributes<number>(),
  autocast: 'lower',
  decompose: ({ x, y }, axis) => x.mul(y).sum(axis),
})

/** Inner products along an axis, broadcast together. */
export const vecdot = (x: Tensor, y: Tensor, axis = -1): Tensor => vecdotOp({ x, y }, axis)
