import { ArgumentError, type Tensor } from '@gradus/core/functions'
import { describeValue } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { childEntries, isRecord, position } from './entries.ts'

/** A module from one tensor to one tensor: what {@link Sequential} takes. */
export type Layer = Module & { forward(x: Tensor): Tensor }

/** Layers in order, or one record of named layers. */
export type Layers = readonly Layer[] | readonly [Readonly<Record<string, Layer>>]

// a module is an object too, so it is asked for first
type Members<L extends Layers> = L extends readonly [infer R]
  ? R extends Module
    ? { 0: R }
    : R
  : { -readonly [K in keyof L as K extends `${number}` ? K : never]: L[K] }

class LayerChain extends Module {
  [index: number]: Layer
  static override readonly layerName: string = 'Sequential'

  constructor(...layers: readonly Layer[] | readonly [Record<string, Layer>]) {
    super()
    const [first] = layers
    // a module is a function, a record of modules is not
    const named = layers.length === 1 && isRecord(first) ? Object.entries<unknown>(first) : null
    const entries = named ?? layers.map((layer, i): [string, unknown] => [String(i), layer])
    for (const [name, layer] of entries) {
      if (!(layer instanceof Module))
        throw new ArgumentError(`${describeValue(layer)} is not a Module subclass`)
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

/** A {@link Sequential:var | Sequential} whose layers are known one by one: `net[0]`, or `net.name` where they have names. */
export type Sequential<L extends Layers = readonly Layer[]> = LayerChain & Members<L>

/** What makes a {@link Sequential:var | Sequential}; classes extend it as they extend a module. */
export interface SequentialConstructor {
  new <const L extends Layers = readonly Layer[]>(...layers: L): Sequential<L>
  readonly prototype: LayerChain
  readonly layerName: string
  readonly stateKeys: Readonly<Record<string, string>>
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
// a class cannot type its members by what its constructor is given
export const Sequential: SequentialConstructor = LayerChain as SequentialConstructor
