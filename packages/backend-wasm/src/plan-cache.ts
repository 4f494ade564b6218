import { sameShape, type Layout } from '@gradus/core/backend'
import type { Space } from './codegen/plan.ts'

interface Entry<T> {
  readonly space: Space
  readonly value: T
}

const mostEntries = 512

/** The plans of a program, by the layouts of its operands. */
export class PlanCache<T> {
  readonly #entries = new Map<number, Entry<T>[]>()
  #count = 0

  get(space: Space): T | undefined {
    const entries = this.#entries.get(hashOf(space))
    if (entries === undefined) return undefined
    for (const entry of entries) if (isSame(entry.space, space)) return entry.value
    return undefined
  }

  set(space: Space, value: T): T {
    // a program whose shapes never repeat must not fill the memory with them
    if (this.#count >= mostEntries) {
      this.#entries.clear()
      this.#count = 0
    }
    this.#count++
    const hash = hashOf(space)
    const entries = this.#entries.get(hash)
    if (entries) entries.push({ space, value })
    else this.#entries.set(hash, [{ space, value }])
    return value
  }
}

function hashOf({ outer, inner, layouts }: Space): number {
  let hash = outer.length * 31 + inner.length
  for (let i = 0; i < inner.length; i++) hash = (Math.imul(hash, 31) + inner[i]) | 0
  for (let i = 0; i < layouts.length; i++) {
    const { size, offset, strides } = layouts[i]
    hash = (Math.imul(hash, 31) + size + Math.imul(offset, 17)) | 0
    if (strides.length > 0) hash = (Math.imul(hash, 31) + strides[0]) | 0
  }
  return hash
}

function isSame(a: Space, b: Space): boolean {
  if (!sameShape(a.outer, b.outer) || !sameShape(a.inner, b.inner)) return false
  for (let i = 0; i < a.layouts.length; i++) if (!isSameLayout(a.layouts[i], b.layouts[i])) return false
  return true
}

const isSameLayout = (a: Layout, b: Layout): boolean =>
  a === b || (a.offset === b.offset && sameShape(a.strides, b.strides) && sameShape(a.shape, b.shape))
