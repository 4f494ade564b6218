import { BackendError, type Block, type Memory } from '@gradus/core/backend'
import { Allocator } from './allocator.ts'
import { Batches } from './batches.ts'
import { Cell, cellOf, HeldBlock, type Batch } from './cell.ts'
import { Collector } from './collector.ts'
import { pageBytes, type LinearMemory } from './linear-memory.ts'

/**
 * Before memory grows, garbage is collected if enough bytes were given out since the last collection. Also, the last collection
 * must have taken at most a fiftieth of the time since, or a quarter of the budget must have been given out. Time does not
 * count once memory in use has grown by twice the sum of this constant and the bytes that the last collection left.
 */
const collectBytes = 2 ** 26
const collectShare = 50

/** Bytes that a collection has to find to be worth a millisecond: to touch so much new memory takes as long. */
const worthOfMs = 2 ** 22

/** Bytes that are given out before the heap looks again whether the engine has collected. */
const lookBytes = 2 ** 20

/** After collections that found little the next come at intervals up to so many times as long. */
const longestRest = 64

/** Bytes at the beginning of memory that argument blocks and the words of the threads lie in. */
export const reservedBytes = pageBytes

/**
 * Blocks in one memory of limited size: a cache of the blocks of tensors. Where there is no room, the least recently used blocks
 * are copied out. Blocks that the program has dropped are then collected; the others come back when they are used.
 */
export class Heap {
  readonly memory: LinearMemory
  readonly budget: number
  readonly #allocator: Allocator
  readonly #batches: Batches
  /** Number of the current call: blocks that it uses are not moved out. */
  #call = 0
  #live = 0
  #peak = 0
  #evicted = 0
  /** Undefined until it is first needed. */
  #collector: Collector | null | undefined
  /** Bytes given out since the last look for dropped blocks, and since the last collection. */
  #sinceLook = 0
  #sinceSweep = 0
  /** Of the last collection: the bytes it left, its milliseconds, its end, and the factor of the wait for the next one. */
  #left = 0
  #collectMs = 0
  #collectedAt = 0
  #rest = 1
  readonly #droppedOutside = new FinalizationRegistry<number>((bytes) => (this.#evicted -= bytes))

  constructor(memory: LinearMemory, budget: number) {
    this.memory = memory
    this.budget = Math.min(budget, memory.limit)
    this.#allocator = new Allocator(memory, budget)
    this.#batches = new Batches((batch) => this.#forgetAll(batch), this.budget / 64)
  }

  /** A new call: blocks passed to {@link Heap.use} from now on stay where they are until the next. */
  begin(): void {
    this.#call++
  }

  alloc(bytes: number): Block {
    this.#call++
    const cell = new Cell(bytes)
    this.#place(cell)
    const block = new HeldBlock(cell)
    this.#batches.add(block)
    return block
  }

  free(block: Block): void {
    const cell = cellOf(block)
    if (cell.freed) return
    this.#forget(cell)
    this.#batches.forget(cell)
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
    cell.batch?.cells.push(cell)
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
    if (address === 0 && this.#mayLook()) address = this.#found(bytes)
    if (address === 0) address = this.#allocator.take(bytes)
    if (address === 0) address = this.#makeRoom(bytes)
    this.#sinceSweep += bytes
    this.#sinceLook += bytes
    cell.address = address
    cell.lastUse = this.#call
    this.#live += bytes
    if (this.#live > this.#peak) this.#peak = this.#live
  }

  #forget(cell: Cell): void {
    if (cell.address !== 0) {
      cell.batch?.remove(cell)
      this.#remove(cell)
    } else if (cell.host !== null) {
      cell.host = null
      this.#droppedOutside.unregister(cell)
      this.#evicted -= cell.bytes
    }
  }

  #forgetAll(batch: Batch): void {
    for (const cell of [...batch.cells]) this.#forget(cell)
    this.#batches.close(batch)
  }

  #remove(cell: Cell): void {
    this.#allocator.give(cell.address, cell.bytes)
    cell.address = 0
    this.#live -= cell.bytes
  }

  #evict(cell: Cell): void {
    cell.host = this.memory.u8.slice(cell.address, cell.address + cell.bytes)
    cell.batch?.remove(cell)
    this.#remove(cell)
    this.#evicted += cell.bytes
    this.#droppedOutside.register(cell, cell.bytes, cell)
  }

  #mayLook(): boolean {
    if (this.#sinceLook < lookBytes) return false
    this.#sinceLook = 0
    return true
  }

  /** An address among blocks that nothing holds any more, where those are cheaper than new memory; 0 if there is none. */
  #found(bytes: number): number {
    if (this.#collector === undefined) this.#collector = Collector.find()
    if (this.#collector === null) return 0
    if (this.#collector.hasCollected() && this.#sweep() > 0) {
      const address = this.#retake(bytes, false)
      if (address !== 0) return address
    }
    return this.#isDue() && this.#collect(this.#collector) ? this.#retake(bytes, false) : 0
  }

  #isDue(): boolean {
    // the memory a program holds seldom doubles, so that most of it was dropped: an engine not short of objects leaves it
    const grown = this.#live - this.#left
    if (grown >= 2 * (this.#left + collectBytes)) return true
    const isMuch = grown >= this.#left + collectBytes
    if (!isMuch && this.#sinceSweep < this.#rest * Math.max(collectBytes, this.#left)) return false
    if (this.#sinceSweep >= this.budget / 4) return true
    return performance.now() - this.#collectedAt >= collectShare * this.#collectMs
  }

  /** Collects garbage and frees blocks that nothing holds any more; whether there were any. */
  #collect(collector: Collector): boolean {
    const start = performance.now()
    this.#batches.settle()
    collector.collect()
    const freed = this.#sweep()
    this.#left = this.#live
    this.#collectedAt = performance.now()
    this.#collectMs = this.#collectedAt - start
    // after a collection that was not worth its time, the next one comes later
    const worth = Math.min(this.#collectMs * worthOfMs, this.budget / 4)
    this.#rest = freed >= worth ? 1 : Math.min(longestRest, 2 * this.#rest)
    return freed > 0
  }

  /** Frees blocks that nothing holds any more, as the engine has found; returns their bytes. */
  #sweep(): number {
    const before = this.#live
    for (const batch of this.#batches.abandoned((cell) => cell.lastUse === this.#call)) this.#forgetAll(batch)
    this.#collector?.letGo()
    this.#sinceSweep = 0
    // blocks dropped since the engine collected are still here: their bytes do not measure the memory that the program holds
    this.#left = Math.min(this.#left, this.#live)
    return before - this.#live
  }

  // several at a time: each round looks at every block
  #makeRoom(bytes: number): number {
    let address = this.#retake(bytes)
    if (address === 0 && this.#collectsAtBudget()) address = this.#retake(bytes)
    if (address !== 0) return address
    this.#batches.settle()
    const idle = [...this.#batches.cells()].filter((cell) => cell.lastUse < this.#call)
    idle.sort((a, b) => a.lastUse - b.lastUse)
    let goal = Math.max(bytes, this.budget / 32)
    for (let next = 0; next < idle.length; goal *= 2) {
      for (let freed = 0; next < idle.length && freed < goal; next++) {
        this.#evict(idle[next])
        freed += idle[next].bytes
      }
      address = this.#retake(bytes)
      if (address !== 0) return address
    }
    throw this.#outOfMemory(bytes)
  }

  #collectsAtBudget(): boolean {
    if (this.#collector === undefined) this.#collector = Collector.find()
    const due = this.#sinceSweep >= (this.#rest * this.budget) / 8
    return due && this.#collector !== null && this.#collect(this.#collector)
  }

  /** An address, where need be from blocks of other sizes that are free. */
  #retake(bytes: number, grow = true): number {
    const address = this.#allocator.take(bytes, false)
    if (address !== 0) return address
    return this.#allocator.trim() || grow ? this.#allocator.take(bytes, grow) : 0
  }

  #outOfMemory(bytes: number): BackendError {
    const owners = [...this.#batches.cells()].map((cell) => cell.bytes).sort((a, b) => b - a)
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
