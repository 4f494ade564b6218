import type { Tensor } from '@gradus/core/functions'
import { Module } from '../../module/module.ts'
import { Parameter } from '../../module/parameter.ts'
import { noForward, position, valuesOf } from './entries.ts'

/**
 * Parameters in order, registered under their positions; tensors become parameters. A plain array of parameters in a
 * field does the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 */
export class ParameterList extends Module {
  [index: number]: Parameter
  static override readonly layerName: string = 'ParameterList'

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
    for (const value of valuesOf('ParameterList', values)) this.append(value)
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
