import { ValueError, type Tensor } from '@gradus/core'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { printList } from '../print-module.ts'

/** A module from one tensor to one tensor: what {@link Sequential} takes. */
export type Layer = Module & { forward(x: Tensor): Tensor }

const noForward = (name: string): never => {
  throw new ValueError(`Module [${name}] is missing the required "forward" function`, {
    hint: 'call the modules in it',
  })
}

/** A position counted from the front. */
function position(index: number, length: number): number {
  const at = index < 0 ? index + length : index
  if (!Number.isInteger(at) || at < 0 || at >= length) throw new ValueError(`index ${index} is out of range`)
  return at
}

/**
 * Calls its layers one after the other.
 *
 * Takes the layers, or one object of them whose keys become their names.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 * @example
 * const model = new g.nn.Sequential(new g.nn.Linear(4, 8), new g.nn.ReLU(), new g.nn.Linear(8, 2))
 * model(g.ones(3, 4)).shape // => [3, 2]
 */
export class Sequential extends Module {
  [index: number]: Layer
  static override readonly keepsNothing = true

  constructor(...layers: readonly Layer[] | readonly [Record<string, Layer>]) {
    super()
    const [first] = layers
    // a module is a function, a record of modules is not
    const named = layers.length === 1 && typeof first === 'object' ? Object.entries<Layer>(first) : null
    const entries = named ?? layers.map((layer, i): [string, unknown] => [String(i), layer])
    for (const [name, layer] of entries) {
      if (!(layer instanceof Module)) throw new ValueError(`${typeof layer} is not a Module subclass`)
      this.registerModule(name, layer)
    }
  }

  forward(x: Tensor): Tensor {
    let y = x
    for (const layer of this) y = layer(y)
    return y
  }

  override get length(): number {
    return childEntries(this).length
  }

  /** The layer at a position; negative ones count from the end. */
  at(index: number): Layer {
    return [...this][position(index, this.length)]
  }

  /** Adds a layer at the end. */
  append(layer: Layer): this {
    this.registerModule(String(this.length), layer)
    return this
  }

  *[Symbol.iterator](): Generator<Layer, void> {
    // only layers are registered here
    for (const [, layer] of childEntries(this)) yield layer as Layer
  }
}

/** Children by position, one that is there twice included. */
const childEntries = (module: Module): [string, Module][] =>
  Object.entries(module).filter((entry): entry is [string, Module] => entry[1] instanceof Module)

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
    for (const module of modules) this.append(module)
    return this
  }

  /** Puts a module before a position; the others move on. */
  insert(index: number, module: M): void {
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

/**
 * Modules by name.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 * @example
 * const heads = new g.nn.ModuleDict({ value: new g.nn.Linear(4, 1), policy: new g.nn.Linear(4, 6) })
 * heads.get('value')(g.ones(2, 4)).shape // => [2, 1]
 */
export class ModuleDict<M extends Module = Module> extends Module {
  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super()
    const entries: Iterable<readonly [string, M]> = isEntries(modules) ? modules : Object.entries(modules)
    for (const [name, module] of entries) this.set(name, module)
  }

  forward(): never {
    return noForward('ModuleDict')
  }

  /** @throws ValueError for a name it does not have */
  get(name: string): M {
    const module = new Map(childEntries(this)).get(name)
    if (!module)
      throw new ValueError(`ModuleDict has no module '${name}'`, {
        hint: `it has ${[...this.keys()].join(', ')}`,
      })
    return module as M // only such modules are registered here
  }

  has(name: string): boolean {
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

const isEntries = <M>(x: object): x is Iterable<readonly [string, M]> => Symbol.iterator in x

/**
 * Parameters in order, registered under their positions; tensors become parameters. A plain array of parameters in a
 * field does the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 */
export class ParameterList extends Module {
  [index: number]: Parameter

  constructor(values: Iterable<Tensor> = []) {
    super()
    this.extend(values)
  }

  forward(): never {
    return noForward('ParameterList')
  }

  override get length(): number {
    return this.parameters({ recurse: false }).length
  }

  /** The parameter at a position; negative ones count from the end. */
  at(index: number): Parameter {
    return this[position(index, this.length)]
  }

  /** Adds a parameter at the end. */
  append(value: Tensor): this {
    this.registerParameter(String(this.length), value instanceof Parameter ? value : new Parameter(value))
    return this
  }

  /** Adds parameters at the end. */
  extend(values: Iterable<Tensor>): this {
    for (const value of values) this.append(value)
    return this
  }

  *[Symbol.iterator](): Generator<Parameter, void> {
    for (let i = 0; i < this.length; i++) yield this[i]
  }

  override extraRepr(): string {
    return [...this]
      .map((p, i) => `(${i}): Parameter containing: [${p.dtype} of size ${p.shape.join('x')}]`)
      .join('\n')
  }
}

/**
 * Parameters by name; tensors become parameters.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 * @example
 * const scales = new g.nn.ParameterDict({ left: g.ones(2), right: g.zeros(2) })
 * Object.keys(scales.stateDict()) // => ['left', 'right']
 */
export class ParameterDict extends Module {
  constructor(values: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super()
    const entries: Iterable<readonly [string, Tensor]> = isEntries(values) ? values : Object.entries(values)
    for (const [name, value] of entries) this.set(name, value)
  }

  forward(): never {
    return noForward('ParameterDict')
  }

  /** @throws ValueError for a name it does not have */
  get(name: string): Parameter {
    const found = this.entries().find(([key]) => key === name)
    if (!found)
      throw new ValueError(`ParameterDict has no parameter '${name}'`, {
        hint: `it has ${this.keys().join(', ')}`,
      })
    return found[1]
  }

  has(name: string): boolean {
    return this.keys().includes(name)
  }

  /** Adds a parameter, or replaces the one of that name. */
  set(name: string, value: Tensor): this {
    this.registerParameter(name, value instanceof Parameter ? value : new Parameter(value))
    return this
  }

  keys(): string[] {
    return this.entries().map(([name]) => name)
  }

  values(): Parameter[] {
    return this.entries().map(([, parameter]) => parameter)
  }

  entries(): [string, Parameter][] {
    return this.namedParameters({ recurse: false, removeDuplicate: false })
  }

  override get length(): number {
    return this.entries().length
  }

  [Symbol.iterator](): Iterator<[string, Parameter]> {
    return this.entries()[Symbol.iterator]()
  }

  override extraRepr(): string {
    return this.entries()
      .map(([name, p]) => `(${name}): Parameter containing: [${p.dtype} of size ${p.shape.join('x')}]`)
      .join('\n')
  }
}
