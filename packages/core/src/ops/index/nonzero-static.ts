import { takeTensor } from '../../tensor/kind.ts'
import { count, whole } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { filledAs } from '../../op/fill.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cat } from '../shape/join.ts'
import { nonzero } from './masked.ts'

/** Options of {@link nonzeroStatic}. */
export interface NonzeroStaticOptions {
  /** Rows of the result. */
  size: number
  /** What fills rows that are left; -1 by default. */
  fillValue?: number
}
const nonzeroStaticOptions = /* @__PURE__ */ defineOptions<NonzeroStaticOptions>({
  size: count,
  fillValue: whole,
})

/**
 * `nonzero` with as many rows as are asked for: positions beyond are left out, rows that are left are filled.
 *
 * @returns [size, axes], int64
 * @see https://pytorch.org/docs/stable/generated/torch.nonzero_static.html
 * @example
 * g.nonzeroStatic(g.tensor([0, 1]), { size: 2 }).tolist() // => [[1], [-1]]
 */
export function nonzeroStatic(x: Tensor, options: NonzeroStaticOptions): Tensor {
  takeTensor('nonzeroStatic', 'x', x)
  const { size, fillValue = -1 } = takeOptions('nonzeroStatic', nonzeroStaticOptions, options)
  const rows = takeArgument('nonzeroStatic', 'size', count, size)
  const found = nonzero(x)
  const n = found.shape[0]
  if (n >= rows) return found.narrow(0, 0, rows).clone()
  return cat([found, filledAs(found, [rows - n, found.shape[1]], fillValue)], 0)
}
