import { takeTensors } from '../tensor/kind.ts'
import { zeros } from './create.ts'
import { ShapeError } from '../base/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { atleast2d, cat } from '../ops/shape/join.ts'
import { pad } from '../ops/shape/pad.ts'

/** Matrices along the diagonal of one matrix, zeros elsewhere; scalars and vectors count as rows. */
export function blockDiag(blocks: readonly Tensor[]): Tensor {
  takeTensors('blockDiag', 'blocks', blocks)

  if (blocks.length === 0) return zeros(1, 0)
  const list = blocks.map(atleast2d)
  list.forEach((b, i) => {
    if (b.ndim > 2) {
      throw new ShapeError(
        `blockDiag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${b.ndim} dimensions`,
      )
    }
  })
  const columns = list.map((b) => b.shape[1])
  const total = columns.reduce((n, c) => n + c, 0)
  let left = 0
  return cat(
    list.map((b, i) => {
      const right = total - left - columns[i]
      const row = pad(b, [left, right])
      left += columns[i]
      return row
    }),
  )
}
