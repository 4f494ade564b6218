import { takeTensor } from '../../tensor/kind.ts'
import { count, flag } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { ShapeError } from '../../base/errors.ts'
import { internals } from '../../op/internals.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { indexSelect } from '../index/index-along.ts'

/** Options of {@link combinations}. */
export interface CombinationsOptions {
  /** Whether an element may be taken more than once; false by default. */
  withReplacement?: boolean
}
const combinationsOptions = /* @__PURE__ */ defineOptions<CombinationsOptions>({ withReplacement: flag })

/**
 * All ways to take `r` elements of a vector, in its order: a row for each.
 *
 * @param r - 2 by default
 * @throws ShapeError unless a vector
 * @see https://pytorch.org/docs/stable/generated/torch.combinations.html
 * @example
 * g.combinations(g.tensor([1, 2, 3])).tolist() // => [[1, 2], [1, 3], [2, 3]]
 */
export function combinations(x: Tensor, r = 2, options?: CombinationsOptions): Tensor {
  takeTensor('combinations', 'x', x)
  const { withReplacement = false } = takeOptions('combinations', combinationsOptions, options)
  takeArgument('combinations', 'r', count, r)
  if (x.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape [${x.shape.join(', ')}]`)
  if (r === 0) return internals(x).make([0], x.dtype)
  const n = x.shape[0]
  let rows: number[][] = Array.from({ length: n }, (_, i) => [i])
  for (let k = 1; k < r; k++) {
    rows = rows.flatMap((row) => {
      const from = row[k - 1] + (withReplacement ? 0 : 1)
      return Array.from({ length: Math.max(0, n - from) }, (_, i) => [...row, from + i])
    })
  }
  const index = internals(x).makeFrom(Int32Array.from(rows.flat()), [rows.length * r], 'int32')
  return indexSelect(x, 0, index).reshape([rows.length, r])
}
