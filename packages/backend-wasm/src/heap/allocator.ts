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

/** Pages that blocks of one class are cut from. */
interface Span {
  readonly start: number
  readonly pages: number
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

  constructor(memory: LinearMemory, budget: number) {
    this.#memory = memory
    this.#budget = Math.min(budget, memory.limit)
  }

  /** An address, or 0 if there is no room within the budget, or in what the memory has if it may not `grow`. */
  take(bytes: number, grow = true): number {
    return bytes <= largestClass
      ? this.#takeSmall(classOf(bytes), grow)
      : this.#takePages(pagesOf(bytes), grow)
  }

  /** Gives back what was taken for `bytes`. */
  give(address: number, bytes: number): void {
    if (bytes <= largestClass) this.#free[classOf(bytes)].push(address)
    else this.#runs.add(address / pageBytes, pagesOf(bytes))
  }

  #takeSmall(index: number, grow: boolean): number {
    const free = this.#free[index]
    if (free.length > 0) return free.pop() ?? 0
    const address = this.#next[index]
    if (address < this.#end[index]) {
      this.#next[index] = address + bytesOfClass(index)
      return address
    }
    return this.#cutSpan(index, grow)
  }

  #cutSpan(index: number, grow: boolean): number {
    const bytes = bytesOfClass(index)
    const pages = pagesOf(bytes < pageBytes ? Math.max(pageBytes, 16 * bytes) : bytes)
    const start = this.#takePages(pages, grow)
    if (start === 0) return 0
    this.#spans[index].push({ start, pages })
    const count = Math.floor((pages * pageBytes) / bytes)
    this.#next[index] = start + bytes
    this.#end[index] = start + count * bytes
    return start
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

  /** Gives spans of which no block is used back to be cut anew; whether there were any. */
  trim(): boolean {
    let found = false
    for (let index = 0; index < classCount; index++) found = this.#trimClass(index) || found
    return found
  }

  #trimClass(index: number): boolean {
    const spans = this.#spans[index]
    if (spans.length === 0) return false
    const bytes = bytesOfClass(index)
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
    const uncut = (this.#end[index] - this.#next[index]) / bytes
    unused.set(newest, (unused.get(newest) ?? 0) + uncut)
    const empty = new Set(spans.filter((s) => unused.get(s) === Math.floor((s.pages * pageBytes) / bytes)))
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
