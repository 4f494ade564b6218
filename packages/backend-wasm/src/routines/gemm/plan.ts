import { arithmeticOf, computeTypeOf, elementBytes, isComputedAsStored } from '../../elements/index.ts'
import type { ElementType } from '../../elements/index.ts'
import { mergeAxes } from './batch.ts'
import type { BatchAxis } from './batch.ts'
import { cutIntoBlocks } from './blocks.ts'
import { axisBlock, productBlock } from './descriptor.ts'
import type { Path } from './descriptor.ts'
import { anyTileRows, tileRowBytes } from './micro-kernel.ts'
import { columnsPacked, rowsPacked, scratchBytes } from './packed.ts'

/** Strides of a matrix in elements; any number, 0 and negative too. */
export interface Strides {
  row: number
  column: number
}

/** `c = a · b + bias`, or `c += a · b + bias`, for a batch of products of one size. */
export interface Product {
  m: number
  n: number
  k: number
  a: Strides
  b: Strides
  /** One of the two is 1, without a bias; with one the column stride. That of an axis of size 1 does not matter. */
  c: Strides
  /** The axes of the batch, outermost first; none for a single product. */
  batch?: readonly BatchAxis[]
  /** Whether the product is added to the old values of C; false by default. */
  accumulate?: boolean
  /** Whether a vector with one number per column, adjacent, is added; false by default. */
  bias?: boolean
}

/** A product that is ready to run: its loops and their workspace. It may be kept and run on other addresses. */
export interface GemmPlan {
  readonly path: Path
  /** Whether A and B change places: the transpose of C is computed. */
  readonly isTransposed: boolean
  /** How many blocks there are for threads to share. */
  readonly blocks: number
  /** Workspace for all threads together; 64-byte alignment is best. */
  readonly workspaceBytes: number
  /** The descriptor without its addresses. */
  readonly words: Int32Array
}

/** Addresses of the operands in bytes. Without a bias, or if nothing needs workspace, those are 0. */
export interface Addresses {
  a: number
  b: number
  c: number
  bias?: number
  workspace: number
}

// blocks of k are as equal as can be and about this long: two panels stay in the first-level cache
const kBlockTarget = 256
// packing costs more than it saves up to these rows, or if B is narrow and stays in the first-level cache
const fewRows = 16
const fewColumns = 64
const smallB = 16_384
// columns of a product of one row that are summed at once: the sums stay in the first-level cache
const axpyColumns = 4096

/**
 * Chooses the loops for a product and cuts it into blocks for `threads` threads. The cut does not change a bit of the
 * result; a product of few operations is one block.
 *
 * @throws RangeError if C has no unit stride
 */
export function planGemm(product: Product, input: ElementType, output: ElementType, threads = 1): GemmPlan {
  const { m, n, k, a, b, c, batch, accumulate, bias, biasStep, isTransposed } = normalise(product)
  const path = choosePath({ m, n, k, a, b, c }, input === output && isComputedAsStored(input))
  const { laneBytes } = arithmeticOf(computeTypeOf(input), false)
  const width = tileRowBytes / laneBytes
  const converts = !isComputedAsStored(output)
  const kBlocks = Math.max(1, Math.round(k / kBlockTarget))
  const kBlock = roundUp(Math.ceil(k / kBlocks), 4)
  const count = batch.reduce((product, axis) => product * axis.size, 1)
  const cut = cutIntoBlocks({ path, m, n, k, count, threads, width, axpyColumns, converts })
  const places = placesOf({ path, n, k, kBlock, laneBytes, converts, ...cut })
  const bytes = elementBytes(input)
  const outputBytes = elementBytes(output)
  const words = productBlock.list({
    m,
    n,
    k,
    kBlock,
    accumulate: accumulate ? 1 : 0,
    blockRows: cut.blockRows,
    blockColumns: cut.blockColumns,
    rowBlocks: cut.rowBlocks,
    columnBlocks: cut.columnBlocks,
    aRow: a.row * bytes,
    aColumn: a.column * bytes,
    bRow: b.row * bytes,
    bColumn: b.column * bytes,
    cRow: c.row * outputBytes,
    cColumn: c.column * outputBytes,
    bias: bias ? 1 : 0,
    biasStep: biasStep * outputBytes,
    ...places,
    batchRank: batch.length,
  })
  const axes = batch.flatMap(({ size, a, b, c }) =>
    axisBlock.list({ size, a: a * bytes, b: b * bytes, c: c * outputBytes }),
  )
  const isEmpty = m === 0 || n === 0 || count === 0
  return {
    path,
    isTransposed,
    blocks: isEmpty ? 0 : count * cut.rowBlocks * cut.columnBlocks,
    workspaceBytes: threads * places.workspaceBytes,
    words: Int32Array.from([...words, ...axes]),
  }
}

/** Places in a thread's workspace, and its bytes. */
function placesOf(cut: {
  path: Path
  n: number
  k: number
  kBlock: number
  blockRows: number
  blockColumns: number
  laneBytes: number
  converts: boolean
}): Record<'panelA' | 'panelB' | 'sums' | 'workspaceBytes', number> {
  const { path, n, k, kBlock, blockRows, blockColumns, laneBytes } = cut
  const width = tileRowBytes / laneBytes
  const columns = Math.min(roundUp(blockColumns, width), columnsPacked)
  const sizes = { panelA: 0, panelB: 0, sums: 0 }
  if (path === 'packed') {
    sizes.panelA = Math.min(roundUp(blockRows, anyTileRows), rowsPacked) * kBlock * laneBytes
    sizes.panelB = columns * kBlock * laneBytes
    if (cut.converts) sizes.sums = blockRows * columns * laneBytes
  }
  if (path === 'direct' && n % width > 0) sizes.panelB = k * tileRowBytes
  if (path === 'axpy') sizes.sums = blockColumns * laneBytes
  const panelA = scratchBytes
  const panelB = panelA + roundUp(sizes.panelA, 64)
  const sums = panelB + roundUp(sizes.panelB, 64)
  return { panelA, panelB, sums, workspaceBytes: sums + roundUp(sizes.sums, 64) }
}

/** Writes the descriptor of a plan to memory, from word `at` on; `4 * at` is then the argument of `gemm`. */
export function writeDescriptor(plan: GemmPlan, memory: Int32Array, at: number, addresses: Addresses): void {
  memory.set(plan.words, at)
  memory[at + productBlock.at.a] = plan.isTransposed ? addresses.b : addresses.a
  memory[at + productBlock.at.b] = plan.isTransposed ? addresses.a : addresses.b
  memory[at + productBlock.at.c] = addresses.c
  memory[at + productBlock.at.bias] = plan.words[productBlock.at.bias] === 0 ? 0 : (addresses.bias ?? 0)
  memory[at + productBlock.at.workspace] = addresses.workspace
}

interface Normalised extends Required<Product> {
  batch: BatchAxis[]
  biasStep: number
  isTransposed: boolean
}

// strides along an axis of size 1 may be anything; a batch that shares its B is one product with more rows; a C whose
// columns are adjacent is computed as its transpose
function normalise(product: Product): Normalised {
  const { n, k } = product
  const batch = mergeAxes(product.batch ?? [])
  const { accumulate = false, bias = false } = product
  let { m } = product
  let a = { ...product.a }
  let b = { ...product.b }
  let c = { ...product.c }
  const inner = batch.at(-1)
  if (inner?.b === 0 && (m === 1 || (inner.a === m * a.row && inner.c === m * c.row))) {
    if (m === 1) {
      a.row = inner.a
      c.row = inner.c
    }
    m *= inner.size
    batch.pop()
  }
  if (k === 1) {
    a.column = 1
    b.row = 1
  }
  if (n === 1) {
    b.column = 1
    c.column = 1
  }
  if (m === 1) {
    a.row = 1
    c.row = 1
  }
  const isColumn = n === 1 && m > 1 && a.column !== 1 && a.row === 1
  // a row of dot products or of sums goes to any C
  const isRow = m === 1 && (b.column === 1 || (a.column === 1 && b.row === 1))
  const isTransposed = isColumn || (c.column !== 1 && c.row === 1 && !bias && !isRow)
  if (!isTransposed) return { m, n, k, a, b, c, batch, accumulate, bias, biasStep: 1, isTransposed }
  ;[a, b] = [
    { row: b.column, column: b.row },
    { row: a.column, column: a.row },
  ]
  c = { row: c.column, column: c.row }
  const swapped = batch.map((axis) => ({ ...axis, a: axis.b, b: axis.a }))
  // a single column has one bias for all its rows
  return { m: n, n: m, k, a, b, c, batch: swapped, accumulate, bias, biasStep: 0, isTransposed }
}

function choosePath(
  { m, n, k, a, b, c }: Pick<Product, 'm' | 'n' | 'k' | 'a' | 'b' | 'c'>,
  isPlain: boolean,
): Path {
  const isDot = a.column === 1 && b.row === 1
  if (n === 1 && isDot) return 'dot'
  if (m === 1 && b.column === 1) return 'axpy'
  if (isDot && b.column !== 1 && Math.min(m, n) <= fewRows) return 'dot'
  if (c.column !== 1)
    throw new RangeError(`C has no unit stride: ${c.row} from row to row, ${c.column} from column to column`)
  const isSmall = m <= fewRows || (n <= fewColumns && n * k <= smallB)
  return isPlain && isSmall && b.column === 1 ? 'direct' : 'packed'
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}
