import { bytesOf, type DType, type Layout } from '@gradus/core/backend'
import { simplify, type LoopAxis } from '../../codegen/axes.ts'
import type { Machine } from '../../machine.ts'
import type { Placed } from '../placed.ts'
import { bandRows, transposeModule, transposeBlock, type ElementBytes } from './kernel.ts'
import { eachPosition } from '../positions.ts'

/** From so many elements on walking in tiles pays. */
const fewest = 1024
const parallelElements = 2 ** 17

interface Loops {
  readonly rows: LoopAxis
  readonly columns: LoopAxis
  /** Batch axes, the one that the kernel walks last. */
  readonly others: readonly LoopAxis[]
  /** Where x and out begin, in bytes from their storage. */
  readonly offsets: readonly number[]
}

/** Whether {@link transpose} would copy between elements that lie so. */
export const transposeHelps = (x: Layout, out: Layout, dtype: DType): boolean =>
  loopsOf(x, out, dtype) !== null

/**
 * Copies elements of one dtype between operands that are contiguous along different axes, in tiles. Part of a call that has
 * begun.
 *
 * @returns false, and nothing is copied, where tiles do not help
 */
export function transpose(machine: Machine, x: Placed, out: Placed): boolean {
  const loops = loopsOf(x.layout, out.layout, out.dtype)
  if (loops === null) return false
  const { rows, columns, others, offsets } = loops
  const bytes = bytesOf(out.dtype) as ElementBytes // every dtype has one of these sizes
  const code = machine.module(`transpose ${bytes}`, (shared) => transposeModule(bytes, shared))
  const batch = others.at(-1) ?? { size: 1, strides: [0, 0] }
  const bands = Math.ceil(rows.size / bandRows(bytes))
  const chunks = bands * batch.size
  const block = machine.arguments(transposeBlock.bytes)
  const parallel = out.layout.size >= parallelElements
  const perChunk = columns.size * bandRows(bytes)
  const grain = Math.max(1, Math.floor(2 ** 15 / perChunk))
  eachPosition(others.slice(0, -1), [x.address + offsets[0], out.address + offsets[1]], ([from, to]) => {
    const words = transposeBlock.list({
      x: from,
      out: to,
      rows: rows.size,
      columns: columns.size,
      xStep: columns.strides[0],
      outStep: rows.strides[1],
      xBatch: batch.strides[0],
      outBatch: batch.strides[1],
      bands,
    })
    machine.memory.words.set(words, block >> 2)
    machine.launch(code, 0, block, chunks, grain, parallel)
  })
  return true
}

function loopsOf(x: Layout, out: Layout, dtype: DType): Loops | null {
  if (out.size < fewest) return null
  const bytes = bytesOf(dtype)
  const offsets = [x.offset * bytes, out.offset * bytes]
  const all = out.shape.map((size, i): LoopAxis => ({
    size,
    strides: [x.strides[i] * bytes, out.strides[i] * bytes],
  }))
  const axes = simplify(all, 2, 1, offsets)
  const rows = axes.find(({ strides, size }) => strides[0] === bytes && size >= 4)
  const columns = axes.find(({ strides, size }) => strides[1] === bytes && size >= 4)
  if (!rows || !columns || rows === columns) return null
  const others = axes.filter((axis) => axis !== rows && axis !== columns).sort((a, b) => a.size - b.size)
  return { rows, columns, others, offsets }
}
