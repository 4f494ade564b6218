import { takeArgument, whole } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { printList } from '../../module/print-module.ts'
import { childEntries, noForward, position, valuesOf } from './entries.ts'

/**
 * Modules in order, registered under their positions. A plain array in a field does the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 * @example
 * const layers = new g.nn.ModuleList([new g.nn.Linear(2, 2), new g.nn.Linear(2, 2)])
 * layers.length // => 2
 */
export class ModuleList<M extends Module = Module> extends Module {
  [index: number]: M
  static override readonly layerName: string = 'ModuleList'

  constructor(modules: Iterable<M> = []) {
    super()
    this.extend(modules)
  }

  forward(): never {
    return noForward('ModuleList')
  }

  override get length(): number {
    return childEntries(this).length
  }

  /** The module at a position; negative ones count from the end. */
  at(index: number): M {
    return [...this][position(index, this.length)]
  }

  /** Adds a module at the end. */
  append(module: M): this {
    this.registerModule(String(this.length), module)
    return this
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    for (const module of valuesOf('ModuleList', modules)) this.append(module)
    return this
  }

  /** Puts a module before a position; the others move on. */
  insert(index: number, module: M): void {
    takeArgument('ModuleList.insert', 'index', whole, index)
    const all = [...this]
    all.splice(index < 0 ? Math.max(0, index + all.length) : index, 0, module)
    all.forEach((m, i) => (this[i] = m))
  }

  *[Symbol.iterator](): Generator<M, void> {
    // only such modules are registered here
    for (const [, module] of childEntries(this)) yield module as M
  }

  override toString(): string {
    return printList('ModuleList', [...this])
  }
}
