import { ValueError } from '@gradus/core/functions'
import { takeArgument, text } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { childEntries, entriesOf, noForward } from './entries.ts'

/**
 * Modules by name.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 * @example
 * const heads = new g.nn.ModuleDict({ value: new g.nn.Linear(4, 1), policy: new g.nn.Linear(4, 6) })
 * heads.get('value')(g.ones(2, 4)).shape // => [2, 1]
 */
export class ModuleDict<M extends Module = Module> extends Module {
  static override readonly layerName: string = 'ModuleDict'
  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super()
    for (const [name, module] of entriesOf('ModuleDict', modules)) this.set(name, module)
  }

  forward(): never {
    return noForward('ModuleDict')
  }

  /** @throws ValueError for a name it does not have */
  get(name: string): M {
    takeArgument('ModuleDict.get', 'name', text, name)
    const module = new Map(childEntries(this)).get(name)
    if (!module)
      throw new ValueError(`ModuleDict has no module '${name}'`, {
        hint: `it has ${[...this.keys()].join(', ')}`,
      })
    return module as M // only such modules are registered here
  }

  has(name: string): boolean {
    takeArgument('ModuleDict.has', 'name', text, name)
    return childEntries(this).some(([key]) => key === name)
  }

  /** Adds a module, or replaces the one of that name. */
  set(name: string, module: M): this {
    this.registerModule(name, module)
    return this
  }

  keys(): string[] {
    return childEntries(this).map(([name]) => name)
  }

  values(): M[] {
    return this.entries().map(([, module]) => module)
  }

  entries(): [string, M][] {
    // only such modules are registered here
    return childEntries(this) as [string, M][]
  }

  override get length(): number {
    return childEntries(this).length
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.entries()[Symbol.iterator]()
  }
}
