import { BackendError, unreachable, type Block, type Memory } from '@gradus/core/backend'
import { Allocator } from './allocator.ts'
import { collector, mayCollect, type Collect } from './collector.ts'
import { pageBytes, type LinearMemory } from './linear-memory.ts'

/**
 * A block as the heap knows it: an address while it is in memory, its bytes while it is moved out, neither once it is freed.
 * Those in memory are listed by the heap; the others are reachable from their storage alone, so that what nobody holds is
 * collected.
 */
export class Cell implements Block {
  readonly bytes: number
  address = 0
  host: Uint8Array | null = null
  /** The call that used it last; see {@link Heap.begin}. */
  lastUse = 0
  /** Its place in the heap's list. */
  index = -1
  /** What a storage holds, of large blocks where the engine can be asked for what was dropped. */
  holder: WeakRef<Block> | null = null

  constructor(bytes: number) {
    this.bytes = bytes
  }
}

/** A large block as its storage holds it: the heap's list does not reach it, so its collection is noticed. */
class WatchedBlock implements Block {
  readonly bytes: number
  readonly cell: Cell

  constructor(cell: Cell) {
    this.bytes = cell.bytes
    this.cell = cell
  }
}

/** What the heap knows of a block that it gave out. */
export function cellOf(block: Block): Cell {
  if (block instanceof Cell) return block
  return block instanceof WatchedBlock
    ? block.cell
    : unreachable('the wasm backend was given memory of another backend')
}

/** From this size on the collector tells when a block is dropped; smaller ones wait until they are moved out. */
const watchedBytes = 2 ** 16

/**
 * Before memory grows, bytes that are given out between two sweeps for each millisecond that one takes: to touch a new
 * megabyte costs 0.2 ms, so that a sweep is the cheaper way to find room.
 */
const bytesPerSweepMs = 2 ** 23

/** After sweeps that found little the next come at intervals up to so many times as long. */
const longestRest = 64

/** Bytes at the beginning of memory that argument blocks and the words of the threads lie in. */
export const reservedBytes = pageBytes

/**
 * Blocks in one memory of limited size: a cache of what tensors hold. Where there is no room the blocks used longest ago are
 * copied out; what the program has dropped is then collected, what it holds comes back when it is used.
 */
export class Heap {
  readonly memory: LinearMemory
  readonly budget: number
  readonly #allocator: Allocator
  readonly #cells: Cell[] = []
  /** Number of the current call: what it uses is not moved out. */
  #call = 0
  #live = 0
  #peak = 0
  #evicted = 0
  readonly #mayCollect = mayCollect()
  /** Undefined until it is first needed. */
  #collect: Collect | null | undefined
  /** Bytes given out since the last sweep, its milliseconds, and how much longer than usual to wait for the next. */
  #sinceSweep = 0
  #sweepMs = 0
  #rest = 1
  readonly #dropped = new FinalizationRegistry<Cell>((cell) => this.#forget(cell))
  readonly #droppedOutside = new FinalizationRegistry<number>((bytes) => (this.#evicted -= bytes))

  constructor(memory: LinearMemory, budget: number) {
    this.memory = memory
    this.budget = Math.min(budget, memory.limit)
    this.#allocator = new Allocator(memory, budget)
  }

  /** A new call: blocks passed to {@link Heap.use} from now on stay where they are until the next. */
  begin(): void {
    this.#call++
  }

  alloc(bytes: number): Block {
    this.#call++
    const cell = new Cell(bytes)
    this.#place(cell)
    if (bytes < watchedBytes) return cell
    const block = new WatchedBlock(cell)
    this.#dropped.register(block, cell, cell)
    if (this.#mayCollect) cell.holder = new WeakRef(block)
    return block
  }

  free(block: Block): void {
    const cell = cellOf(block)
    if (cell.bytes >= watchedBytes) this.#dropped.unregister(cell)
    this.#forget(cell)
  }

  /** Marks a block as used by the current call; whether it has to be brought back with {@link Heap.restore}. */
  use(cell: Cell): boolean {
    cell.lastUse = this.#call
    return cell.address === 0
  }

  /** Brings a block back that was moved out. All blocks of the call are marked before. */
  restore(cell: Cell): void {
    if (cell.address !== 0) return
    const { host } = cell
    if (host === null) throw new BackendError('a block was used after it was freed')
    this.#place(cell)
    this.memory.u8.set(host, cell.address)
    cell.host = null
    this.#droppedOutside.unregister(cell)
    this.#evicted -= cell.bytes
  }

  /** Memory for the current call, to be returned with {@link Heap.giveBack}. It may move blocks out that the call does not use. */
  workspace(bytes: number): number {
    const address = this.#allocator.take(bytes)
    return address !== 0 ? address : this.#makeRoom(bytes)
  }

  giveBack(address: number, bytes: number): void {
    this.#allocator.give(address, bytes)
  }

  statistics(): Memory {
    return { live: this.#live, peak: this.#peak, resident: this.memory.bytes, evicted: this.#evicted }
  }

  #place(cell: Cell): void {
    const { bytes } = cell
    let address = this.#allocator.take(bytes, false)
    if (address === 0 && this.#growsLate() && this.#sweep()) address = this.#allocator.take(bytes, false)
    if (address === 0) address = this.#allocator.take(bytes)
    if (address === 0) address = this.#makeRoom(bytes)
    this.#sinceSweep += bytes
    cell.address = address
    cell.lastUse = this.#call
    cell.index = this.#cells.length
    this.#cells.push(cell)
    this.#live += bytes
    if (this.#live > this.#peak) this.#peak = this.#live
  }

  #forget(cell: Cell): void {
    if (cell.address !== 0) this.#remove(cell)
    else if (cell.host !== null) {
      cell.host = null
      this.#droppedOutside.unregister(cell)
      this.#evicted -= cell.bytes
    }
  }

  #remove(cell: Cell): void {
    this.#allocator.give(cell.address, cell.bytes)
    cell.address = 0
    this.#live -= cell.bytes
    const last = this.#cells.pop()
    if (last !== undefined && last !== cell) {
      this.#cells[cell.index] = last
      last.index = cell.index
    }
  }

  #evict(cell: Cell): void {
    cell.host = this.memory.u8.slice(cell.address, cell.address + cell.bytes)
    this.#remove(cell)
    this.#evicted += cell.bytes
    this.#droppedOutside.register(cell, cell.bytes, cell)
  }

  /** Whether enough was given out since the last sweep for another to cost less than new memory would. */
  #growsLate(): boolean {
    const enough = Math.max(this.#live, this.budget / 4, this.#sweepMs * bytesPerSweepMs)
    return this.#sinceSweep >= enough
  }

  /**
   * Frees large blocks that nothing holds any more; whether there were any. To find them takes milliseconds, so that after a
   * sweep which found little the next come at ever longer intervals.
   */
  #sweep(): boolean {
    if (!this.#mayCollect || this.#sinceSweep < (this.#rest * this.budget) / 8) return false
    if (this.#collect === undefined) this.#collect = collector()
    if (this.#collect === null) return false
    const start = performance.now()
    this.#collect()
    const before = this.#live
    for (const cell of [...this.#cells]) {
      if (cell.holder !== null && cell.lastUse < this.#call && cell.holder.deref() === undefined)
        this.#forget(cell)
    }
    const freed = before - this.#live
    this.#rest = freed >= this.#sinceSweep / 4 ? 1 : Math.min(longestRest, 2 * this.#rest)
    this.#sweepMs = performance.now() - start
    this.#sinceSweep = 0
    return freed > 0
  }

  // several at a time: each round looks at every block
  #makeRoom(bytes: number): number {
    const address = this.#retake(bytes, this.#allocator.trim()) || this.#retake(bytes, this.#sweep())
    if (address !== 0) return address
    const idle = this.#cells.filter((cell) => cell.lastUse < this.#call).sort((a, b) => a.lastUse - b.lastUse)
    let goal = Math.max(bytes, this.budget / 32)
    for (let next = 0; next < idle.length; goal *= 2) {
      for (let freed = 0; next < idle.length && freed < goal; next++) {
        this.#evict(idle[next])
        freed += idle[next].bytes
      }
      const found = this.#retake(bytes, true)
      if (found !== 0) return found
    }
    throw this.#outOfMemory(bytes)
  }

  #retake(bytes: number, hasMore: boolean): number {
    if (!hasMore) return 0
    this.#allocator.trim()
    return this.#allocator.take(bytes)
  }

  #outOfMemory(bytes: number): BackendError {
    const owners = this.#cells.map((cell) => cell.bytes).sort((a, b) => b - a)
    const largest = owners.slice(0, 5).map(megabytes).join(', ')
    const held = owners.length === 0 ? '' : `; the largest that it uses: ${largest}`
    return new BackendError(
      `out of memory: ${megabytes(bytes)} do not fit into ${megabytes(this.budget)} together with the ${megabytes(this.#live)} this one operation uses${held}`,
      { hint: 'raise memoryBudget in init(), or work on smaller pieces' },
    )
  }
}

const megabytes = (bytes: number): string =>
  bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`
