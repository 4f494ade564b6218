import { unreachable, type Block } from '@gradus/core/backend'

/** A block as the heap knows it: an address while it is in memory, its bytes while it is moved out, neither once it is freed. */
export class Cell {
  readonly bytes: number
  address = 0
  host: Uint8Array | null = null
  /** The call that used it last; see `Heap.begin`. */
  lastUse = 0
  /** Null while it is young. */
  batch: Batch | null = null

  constructor(bytes: number) {
    this.bytes = bytes
  }

  get freed(): boolean {
    return this.address === 0 && this.host === null
  }
}

/** A block as a storage holds it. The heap does not reach it once it is settled, so that its collection can be noticed. */
export class HeldBlock implements Block {
  readonly bytes: number
  readonly cell: Cell
  /** Shared with the other blocks of a batch; null while it is young. */
  hold: Hold | null = null

  constructor(cell: Cell) {
    this.bytes = cell.bytes
    this.cell = cell
  }
}

/** An object that the storages of one batch share. When it is collected, nothing holds any of the blocks. */
export class Hold {
  readonly batch: Batch

  constructor(batch: Batch) {
    this.batch = batch
  }
}

/** Blocks that were given out one after another: to watch each of them would take longer than many an operation. */
export class Batch {
  /** The blocks in memory. A block that is moved out is reachable from its storage alone, and is collected with it. */
  readonly cells: Cell[] = []
  /** How many are not freed. */
  left = 0
  /** Where the engine can be asked for dropped blocks. */
  ref: WeakRef<Hold> | null = null

  remove(cell: Cell): void {
    const last = this.cells.pop()
    if (last !== undefined && last !== cell) this.cells[this.cells.indexOf(cell)] = last
  }
}

/** The heap's record of a block that it gave out. */
export const cellOf = (block: Block): Cell =>
  block instanceof HeldBlock
    ? block.cell
    : unreachable('the wasm backend was given memory of another backend')
