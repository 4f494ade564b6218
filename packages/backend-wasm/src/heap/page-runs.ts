/** Free runs of pages in the order of their addresses; neighbours are joined. Page 0 is never free. */
export class PageRuns {
  readonly #starts: number[] = []
  readonly #lengths: number[] = []

  /** The first page of the shortest run that fits, cut to `pages`; 0 if none does. */
  take(pages: number): number {
    const lengths = this.#lengths
    let best = -1
    for (let i = 0; i < lengths.length; i++) {
      if (lengths[i] >= pages && (best < 0 || lengths[i] < lengths[best])) {
        best = i
        if (lengths[i] === pages) break
      }
    }
    if (best < 0) return 0
    const start = this.#starts[best]
    if (lengths[best] === pages) {
      this.#starts.splice(best, 1)
      lengths.splice(best, 1)
    } else {
      this.#starts[best] += pages
      lengths[best] -= pages
    }
    return start
  }

  add(start: number, pages: number): void {
    const starts = this.#starts
    const lengths = this.#lengths
    let at = 0
    for (let high = starts.length; at < high;) {
      const middle = (at + high) >>> 1
      if (starts[middle] < start) at = middle + 1
      else high = middle
    }
    const joinsBefore = at > 0 && starts[at - 1] + lengths[at - 1] === start
    const joinsAfter = at < starts.length && start + pages === starts[at]
    if (joinsBefore && joinsAfter) {
      lengths[at - 1] += pages + lengths[at]
      starts.splice(at, 1)
      lengths.splice(at, 1)
    } else if (joinsBefore) lengths[at - 1] += pages
    else if (joinsAfter) {
      starts[at] = start
      lengths[at] += pages
    } else {
      starts.splice(at, 0, start)
      lengths.splice(at, 0, pages)
    }
  }

  /** Pages of the run that ends where `page` begins; 0 if that page is used. */
  endingAt(page: number): number {
    const last = this.#starts.length - 1
    return last >= 0 && this.#starts[last] + this.#lengths[last] === page ? this.#lengths[last] : 0
  }
}
