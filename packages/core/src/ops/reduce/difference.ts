import { aTensor, takeTensor, takeOperand } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { integer, nullable } from '../../base/kinds.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { ne } from '../elementwise/compare.ts'
import { cat } from '../shape/join.ts'
import { cumsum } from './scan.ts'

/** Options of {@link diff}. */
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
  takeTensor('diff', 'x', x)

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

/** The areas of the trapezoids between neighbours along an axis. */
function trapezoids(y: Tensor, x: Tensor | number, a: number): Tensor {
  const n = y.shape[a]
  const sums = y.narrow(a, 1, Math.max(0, n - 1)).add(y.narrow(a, 0, Math.max(0, n - 1)))
  if (typeof x === 'number') return sums.mul(x / 2)
  const widths = diff(x, { dim: x.ndim === y.ndim ? a : -1 })
  const aligned =
    x.ndim === y.ndim ? widths : widths.reshape([widths.numel(), ...Array<number>(y.ndim - 1 - a).fill(1)])
  return sums.mul(aligned).div(2)
}

/**
 * The integral along an axis from its beginning to each element but the first, by trapezoids.
 *
 * @param x - positions: a number is the distance of neighbours, 1 by default
 * @returns one element fewer along the axis
 * @see https://pytorch.org/docs/stable/generated/torch.cumulative_trapezoid.html
 * @example
 * g.cumulativeTrapezoid(g.tensor([1, 3, 5])).tolist() // => [2, 6]
 */
export function cumulativeTrapezoid(y: Tensor, x: Tensor | number = 1, axis = -1): Tensor {
  takeTensor('cumulativeTrapezoid', 'y', y)
  const a = normalizeAxis(axis, y.ndim)
  return cumsum(trapezoids(y, x, a), a)
}

/**
 * The integral along an axis by trapezoids.
 *
 * @param x - positions: a number is the distance of neighbours, 1 by default
 * @see https://pytorch.org/docs/stable/generated/torch.trapezoid.html
 */
export function trapezoid(y: Tensor, x: Tensor | number = 1, axis = -1): Tensor {
  takeTensor('trapezoid', 'y', y)
  takeOperand('trapezoid', 'x', x)

  const a = normalizeAxis(axis, y.ndim)
  return trapezoids(y, x, a).sum(a)
}

/** {@link trapezoid} under its old name. */
export const trapz = trapezoid
