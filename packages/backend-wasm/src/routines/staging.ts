import { bytesOf, Layout, type DType, type TypedArray, type View } from '@gradus/core/backend'
import { cellOf, pin } from '../heap/index.ts'
import type { Machine } from '../machine.ts'
import type { Copies } from './copies.ts'

/**
 * Operands of one call of a routine as dense elements of a dtype: where they lie as they are, or in a copy. Addresses hold
 * until the next call; arrays only until the next address is asked for.
 */
export class Staging {
  readonly #machine: Machine
  readonly #copies: Copies
  readonly #results: { readonly view: View; readonly address: number; readonly dtype: DType }[] = []

  /** Keeps the operands in memory. */
  constructor(machine: Machine, copies: Copies, operands: readonly View[]) {
    this.#machine = machine
    this.#copies = copies
    pin(machine.heap, operands)
  }

  /** Where the storage of an operand begins. */
  static base(view: View): number {
    return cellOf(view.storage.block).address
  }

  /** The address of the first element of a view. */
  static at(view: View): number {
    return Staging.base(view) + view.layout.offset * bytesOf(view.dtype)
  }

  /** The elements in row-major order. */
  read(view: View, dtype: DType = view.dtype): number {
    const { layout } = view
    if (dtype === view.dtype && layout.contiguous) return Staging.at(view)
    const address = this.#machine.scratch(layout.size * bytesOf(dtype))
    const to = { address, dtype, layout: Layout.of(layout.shape) }
    this.#copies.copy({ address: Staging.base(view), dtype: view.dtype, layout }, to)
    return address
  }

  /** Where results in row-major order are to be written, which {@link Staging.finish} brings to the view. */
  write(view: View, dtype: DType = view.dtype): number {
    const { layout } = view
    if (dtype === view.dtype && layout.contiguous) return Staging.at(view)
    const address = this.#machine.scratch(layout.size * bytesOf(dtype))
    this.#results.push({ view, address, dtype })
    return address
  }

  /** As {@link Staging.write}, with the elements of the view at first. */
  update(view: View, dtype: DType = view.dtype): number {
    const address = this.write(view, dtype)
    if (this.#results.at(-1)?.address === address) {
      const to = { address, dtype, layout: Layout.of(view.layout.shape) }
      this.#copies.copy({ address: Staging.base(view), dtype: view.dtype, layout: view.layout }, to)
    }
    return address
  }

  /** Elements from an address on. */
  array(address: number, dtype: DType, length: number): TypedArray {
    const first = address / bytesOf(dtype)
    return this.#machine.memory.as(dtype).subarray(first, first + length)
  }

  /** Copies results that were written apart to their views. */
  finish(): void {
    for (const { view, address, dtype } of this.#results) {
      const { layout } = view
      const to = { address: Staging.base(view), dtype: view.dtype, layout }
      this.#copies.copy({ address, dtype, layout: Layout.of(layout.shape) }, to)
    }
  }
}
