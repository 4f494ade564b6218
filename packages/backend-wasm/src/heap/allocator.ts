import { pageBytes, type LinearMemory } from './linear-memory.ts'
import { PageRuns } from './page-runs.ts'

/** Blocks above this size are runs of pages; smaller ones belong to a size class. */
export const largestClass = 2 ** 20

/** Classes of 64 bytes to 1 MB, four to each doubling. */
const classCount = 52
const unitBits = 6

/** The class of blocks that hold `bytes`, at most {@link largestClass}. */
export function classOf(bytes: number): number {
  const last = (bytes + 63) >>> unitBits
  if (last <= 4) return last === 0 ? 0 : last - 1
  const octave = 29 - Math.clz32(last - 1)
  return 4 * octave + ((last - 1) >>> octave)
}

/** Bytes of the blocks of a class: a multiple of 64. */
export function bytesOfClass(index: number): number {
  if (index < 4) return (index + 1) << unitBits
  const octave = (index >>> 2) - 1
  return ((index & 3) + 5) << (octave + unitBits)
}

/**
 * Processors look a line up in their first cache by some bits of its address alone: operands at the same offset in a page of
 * 4 KB can drive each other out. So one block begins this much after the other: eight lines less than a page, in which a load
 * does not have the offset of a store that was just made.
 *
 * @see Lipp et al. 2020, Take A Way, https://doi.org/10.1145/3320269.3384746: the bits that AMD's processors use
 */
const stagger = 56 * 64
const cachePage = 4096
/** Room for any offset. */
const spare = stagger

/** From this class on, 32 KB, blocks are staggered: smaller ones lie together in a cache. */
const firstStaggered = classOf(2 ** 15)

/** Bytes from one block of a class to the next. */
const strideOf = (index: number): number => bytesOfClass(index) + (index < firstStaggered ? 0 : stagger)

/** Blocks of a page or more are cut from spans of five pages, which waste a fifth at most; larger ones have their own. */
const spanBytes = 5 * pageBytes - spare

/** Pages that blocks of one class are cut from. */
interface Span {
  readonly start: number
  readonly pages: number
  readonly blocks: number
}

/**
 * Addresses in one memory, all multiples of 64. Small blocks are cut from spans of their class and kept on its list when
 * freed; large ones are runs of pages that join again. The memory grows by a quarter of itself, up to the budget.
 */
export class Allocator {
  readonly #memory: LinearMemory
  readonly #budget: number
  readonly #runs = new PageRuns()
  readonly #free: number[][] = Array.from({ length: classCount }, () => [])
  /** Where the newest span of each class is not cut yet. */
  readonly #next: number[] = new Array<number>(classCount).fill(0)
  readonly #end: number[] = new Array<number>(classCount).fill(0)
  readonly #spans: Span[][] = Array.from({ length: classCount }, () => [])
  /** Where in its first page the newest block or span begins. */
  #offset = 0

  constructor(memory: LinearMemory, budget: number) {
    this.#memory = memory
    this.#budget = Math.min(budget, memory.limit)
  }

  /** An address, or 0 if there is no room within the budget, or in what the memory has if it may not `grow`. */
  take(bytes: number, grow = true): number {
    if (bytes <= largestClass) return this.#takeSmall(classOf(bytes), grow)
    const start = this.#takePages(pagesOf(bytes + spare), grow)
    return start === 0 ? 0 : start + this.#nextOffset()
  }

  #nextOffset(): number {
    this.#offset = (this.#offset + stagger) % cachePage
    return this.#offset
  }

  /** Gives back the memory that was taken for `bytes`. */
  give(address: number, bytes: number): void {
    if (bytes <= largestClass) this.#free[classOf(bytes)].push(address)
    else this.#runs.add(Math.floor(address / pageBytes), pagesOf(bytes + spare))
  }

  #takeSmall(index: number, grow: boolean): number {
    const free = this.#free[index]
    if (free.length > 0) return free.pop() ?? 0
    const address = this.#next[index]
    if (address < this.#end[index]) {
      this.#next[index] = address + strideOf(index)
      return address
    }
    const stride = strideOf(index)
    const few = Math.max(1, Math.floor(pageBytes / stride))
    const usual = few > 1 ? Math.max(few, 16) : Math.max(1, Math.floor(spanBytes / stride))
    const cut = this.#cutSpan(index, usual, grow)
    return cut === 0 && usual > few ? this.#cutSpan(index, few, grow) : cut
  }

  #cutSpan(index: number, blocks: number, grow: boolean): number {
    const stride = strideOf(index)
    const staggered = index >= firstStaggered
    const pages = pagesOf(blocks * stride + (staggered ? spare : 0))
    const start = this.#takePages(pages, grow)
    if (start === 0) return 0
    this.#spans[index].push({ start, pages, blocks })
    const first = start + (staggered ? this.#nextOffset() : 0)
    // the next span goes on where the last block of this one is
    if (staggered) this.#offset = (this.#offset + (blocks - 1) * stagger) % cachePage
    this.#next[index] = first + stride
    this.#end[index] = first + blocks * stride
    return first
  }

  #takePages(pages: number, grow: boolean): number {
    let page = this.#runs.take(pages)
    if (page === 0 && grow && this.#grow(pages)) page = this.#runs.take(pages)
    return page * pageBytes
  }

  #grow(pages: number): boolean {
    const { bytes } = this.#memory
    const present = bytes / pageBytes
    const missing = pages - this.#runs.endingAt(present)
    const room = Math.floor((this.#budget - bytes) / pageBytes)
    if (missing > room) return false
    const more = Math.min(room, Math.max(missing, present >>> 2, 16))
    let added = more
    if (!this.#memory.grow(more)) {
      if (more === missing || !this.#memory.grow(missing)) return false
      added = missing
    }
    this.#runs.add(present, added)
    return true
  }

  /** Gives spans without a used block back to be cut anew; returns whether there were any. */
  trim(): boolean {
    let found = false
    for (let index = 0; index < classCount; index++) found = this.#trimClass(index) || found
    return found
  }

  #trimClass(index: number): boolean {
    const spans = this.#spans[index]
    if (spans.length === 0) return false
    const stride = strideOf(index)
    const spanOf = new Map<number, Span>()
    for (const span of spans)
      for (let p = 0; p < span.pages; p++) spanOf.set(span.start + p * pageBytes, span)
    const unused = new Map<Span, number>()
    const page = (address: number): Span | undefined => spanOf.get(address - (address % pageBytes))
    for (const address of this.#free[index]) {
      const span = page(address)
      if (span) unused.set(span, (unused.get(span) ?? 0) + 1)
    }
    const newest = spans[spans.length - 1]
    const uncut = (this.#end[index] - this.#next[index]) / stride
    unused.set(newest, (unused.get(newest) ?? 0) + uncut)
    const empty = new Set(spans.filter((s) => unused.get(s) === s.blocks))
    if (empty.size === 0) return false
    this.#free[index] = this.#free[index].filter((address) => {
      const span = page(address)
      return span === undefined || !empty.has(span)
    })
    if (empty.has(newest)) this.#next[index] = this.#end[index] = 0
    this.#spans[index] = spans.filter((s) => !empty.has(s))
    for (const { start, pages } of empty) this.#runs.add(start / pageBytes, pages)
    return true
  }
}

const pagesOf = (bytes: number): number => Math.ceil(bytes / pageBytes)
