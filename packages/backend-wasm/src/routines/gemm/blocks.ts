import type { Path } from './descriptor.ts'
import { anyTileRows } from './micro-kernel.ts'

/** The parameters of the cut: sizes of one product, the number of products, and the columns of a tile. */
export interface Cut {
  path: Path
  m: number
  n: number
  k: number
  count: number
  threads: number
  width: number
  axpyColumns: number
  /** Whether sums are kept in the workspace and converted. */
  converts: boolean
}

/** Blocks of a product: all but the last in a row or column have this size. */
export interface Blocks {
  blockRows: number
  blockColumns: number
  rowBlocks: number
  columnBlocks: number
}

// with several blocks for each thread a slow one does not hold up the others
const blocksPerThread = 3
// below this a second thread costs more than it gives
const sharedOperations = 1_000_000
// sums of a block in the workspace: 1 MB
const convertedRows = 512
const convertedColumns = 512

/** Cuts C into equal rectangles, one per product if there is one thread or little to do. */
export function cutIntoBlocks(cut: Cut): Blocks {
  const { path, m, n, k, count, threads, width } = cut
  let blockRows = Math.max(1, m)
  let blockColumns = Math.max(1, n)
  if (path === 'axpy') blockColumns = Math.min(blockColumns, cut.axpyColumns)
  if (path === 'packed' && cut.converts) {
    blockRows = Math.min(blockRows, convertedRows)
    blockColumns = Math.min(blockColumns, convertedColumns)
  }
  if (threads > 1 && 2 * count * m * n * k >= sharedOperations) {
    // every block packs its own part of B: fewer rows would not pay for that
    const minRows = path === 'packed' ? 4 * anyTileRows : anyTileRows
    const minColumns = path === 'axpy' ? 256 : 8 * width
    const enough = threads * blocksPerThread
    while (count * Math.ceil(m / blockRows) * Math.ceil(n / blockColumns) < enough) {
      const canCutRows = blockRows >= 2 * minRows
      const canCutColumns = blockColumns >= 2 * minColumns
      if (canCutRows && (blockRows >= blockColumns || !canCutColumns))
        blockRows = half(blockRows, anyTileRows)
      else if (canCutColumns) blockColumns = half(blockColumns, width)
      else break
    }
  }
  return {
    blockRows,
    blockColumns,
    rowBlocks: Math.ceil(m / blockRows),
    columnBlocks: Math.ceil(n / blockColumns),
  }
}

function half(size: number, multiple: number): number {
  return Math.ceil(size / 2 / multiple) * multiple
}
