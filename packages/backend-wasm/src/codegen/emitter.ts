import type { Func, FuncRef, Local, Params, Value, ValueType } from '../assembler/index.ts'
import type { Extent } from './access.ts'
import type { Node, Site } from './graph.ts'

type Vector = Value<'v128'>

/** Writes graph nodes as code: a value used twice, or by a later stage, stands in a local. */
export class Emitter {
  readonly #f: Func
  readonly #site: Site
  readonly #leaf: (node: Node, way: number, extent: Extent) => Vector
  readonly #entry = new Map<Node, Local<'v128'>>()
  #units: Map<Node, Local<'v128'>>[] = []
  readonly #runs: Map<Node, Local<'v128'>>[] = [new Map()]
  #run = this.#runs[0]

  /** @param leaf - the code of a value that the loops supply, for one of several vectors side by side */
  constructor(
    f: Func,
    func: (name: string) => FuncRef<Params, ValueType>,
    leaf: (node: Node, way: number, extent: Extent) => Vector,
  ) {
    this.#f = f
    this.#site = { f, func }
    this.#leaf = leaf
  }

  /** Computes values before all loops. */
  hoistToEntry(nodes: readonly Node[]): void {
    this.#hoist(nodes, this.#entry, 0, 'full')
  }

  /** Forgets the values of the unit before. */
  beginUnit(ways: number): void {
    this.#units = Array.from({ length: ways }, () => new Map<Node, Local<'v128'>>())
    this.inRun(0)
    this.#run.clear()
  }

  hoistToUnit(nodes: readonly Node[], way: number, extent: Extent): void {
    this.#hoist(nodes, this.#units[way], way, extent)
  }

  /** Says which of several runs side by side is meant. */
  inRun(run: number): void {
    this.#run = this.#runs[run] ??= new Map()
  }

  hoistToRun(nodes: readonly Node[]): void {
    this.#run.clear()
    this.#hoist(nodes, this.#run, 0, 'full')
  }

  /** Code of the nodes, in order. */
  emit(roots: readonly Node[], way: number, extent: Extent): Vector[] {
    const here = new Map<Node, Vector>()
    const uses = new Map<Node, number>()
    const find = (node: Node): Vector | undefined =>
      this.#entry.get(node) ??
      this.#units[Math.min(way, this.#units.length - 1)]?.get(node) ??
      this.#run.get(node) ??
      here.get(node)
    const count = (node: Node): void => {
      if (find(node)) return
      const before = uses.get(node) ?? 0
      uses.set(node, before + 1)
      if (before === 0) for (const arg of node.args) count(arg)
    }
    const code = (node: Node): Vector => {
      const known = find(node)
      if (known) return known
      const value = node.leaf ? this.#leaf(node, way, extent) : node.emit(this.#site, node.args.map(code))
      if (uses.get(node) === 1) return value
      const local = this.#f.let(value)
      here.set(node, local)
      return local
    }
    for (const root of roots) count(root)
    return roots.map(code)
  }

  #hoist(nodes: readonly Node[], into: Map<Node, Local<'v128'>>, way: number, extent: Extent): void {
    const values = this.emit(nodes, way, extent)
    nodes.forEach((node, i) => into.set(node, this.#f.let(values[i])))
  }
}
