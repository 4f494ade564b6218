import { bytesOf, type DType, type Layout } from '@gradus/core/backend'
import { simplify, type LoopAxis } from '../codegen/axes.ts'
import type { Code, Machine } from '../machine.ts'
import { bandRows, transposeModule, transposeWords, type ElementBytes } from './kernel.ts'
import { eachPosition } from './positions.ts'

/** Elements in memory: where the storage begins, and how they lie in it. */
export interface Placed {
  readonly address: number
  readonly layout: Layout
  readonly dtype: DType
}

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

/** Copies between operands that are contiguous along different axes, in tiles. */
export class Transposes {
  readonly #machine: Machine
  readonly #codes: Partial<Record<ElementBytes, Code>> = {}

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** Whether {@link Transposes.copy} would copy between elements that lie so. */
  static applies(x: Layout, out: Layout, dtype: DType): boolean {
    return loopsOf(x, out, dtype) !== null
  }

  /** Copies elements of one dtype, if they lie so that tiles help; whether it did. Part of a call that has begun. */
  copy(x: Placed, out: Placed): boolean {
    const loops = loopsOf(x.layout, out.layout, out.dtype)
    if (loops === null) return false
    const { rows, columns, others, offsets } = loops
    const machine = this.#machine
    const bytes = bytesOf(out.dtype) as ElementBytes // every dtype has one of these sizes
    const code = (this.#codes[bytes] ??= machine.load(transposeModule(bytes, machine.shared)))
    const batch = others.at(-1) ?? { size: 1, strides: [0, 0] }
    const bands = Math.ceil(rows.size / bandRows(bytes))
    const chunks = bands * batch.size
    const block = machine.arguments(4 * transposeWords.count)
    const parallel = out.layout.size >= parallelElements
    const perChunk = columns.size * bandRows(bytes)
    const grain = Math.max(1, Math.floor(2 ** 15 / perChunk))
    eachPosition(others.slice(0, -1), [x.address + offsets[0], out.address + offsets[1]], ([from, to]) => {
      const steps = [columns.strides[0], rows.strides[1], batch.strides[0], batch.strides[1]]
      machine.memory.words.set([from, to, rows.size, columns.size, ...steps, bands], block >> 2)
      machine.launch(code, 0, block, chunks, grain, parallel)
    })
    return true
  }
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
