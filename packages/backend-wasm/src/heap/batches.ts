import { Collector } from './collector.ts'
import { Batch, Hold, type Cell, type HeldBlock } from './cell.ts'

/** A batch is full with so many bytes or blocks: one that is held keeps the others of its batch. */
const batchBytes = 2 ** 16
const batchCells = 32

/** So many blocks are young at most. */
const youngBlocks = 1024

/**
 * All blocks that were given out. Young blocks are held here, and most are freed before there are many of them. The blocks
 * that are left then settle: they are put into batches, which are watched.
 */
export class Batches {
  readonly #youngBytes: number
  #young: HeldBlock[] = []
  #bytes = 0
  readonly #settled = new Set<Batch>()
  readonly #watches = Collector.mayExist()
  readonly #dropped: FinalizationRegistry<Batch>

  /**
   * @param dropped - called with each batch in memory of which the engine says that nothing holds it
   * @param youngBytes - so many bytes are young at most
   */
  constructor(dropped: (batch: Batch) => void, youngBytes: number) {
    this.#dropped = new FinalizationRegistry(dropped)
    this.#youngBytes = youngBytes
  }

  add(block: HeldBlock): void {
    this.#bytes += block.bytes
    if (this.#young.push(block) >= youngBlocks || this.#bytes >= this.#youngBytes) this.settle()
  }

  /** Puts young blocks that are left into batches. */
  settle(): void {
    let hold: Hold | null = null
    let bytes = 0
    for (const block of this.#young) {
      const { cell } = block
      if (cell.freed) continue
      if (hold === null || bytes + cell.bytes > batchBytes || hold.batch.left === batchCells) {
        hold = this.#open()
        bytes = 0
      }
      const { batch } = hold
      block.hold = hold
      cell.batch = batch
      batch.left++
      if (cell.address !== 0) batch.cells.push(cell)
      bytes += cell.bytes
    }
    this.#young = []
    this.#bytes = 0
  }

  #open(): Hold {
    const batch = new Batch()
    const hold = new Hold(batch)
    this.#dropped.register(hold, batch, batch)
    if (this.#watches) batch.ref = new WeakRef(hold)
    this.#settled.add(batch)
    return hold
  }

  /** A block was freed. */
  forget(cell: Cell): void {
    const { batch } = cell
    if (batch !== null && --batch.left === 0) this.close(batch)
  }

  /** Nothing holds a block of it any more. */
  close(batch: Batch): void {
    this.#dropped.unregister(batch)
    this.#settled.delete(batch)
  }

  /** Batches whose blocks nothing holds any more, as the last collection has found, without the `spared` ones. */
  *abandoned(spared: (cell: Cell) => boolean): Generator<Batch> {
    for (const batch of this.#settled) {
      if (batch.ref !== null && batch.ref.deref() === undefined && !batch.cells.some(spared)) yield batch
    }
  }

  /** Every block in memory. */
  *cells(): Generator<Cell> {
    for (const { cells } of this.#settled) yield* cells
    for (const { cell } of this.#young) if (cell.address !== 0) yield cell
  }
}
