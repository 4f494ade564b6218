import { takeArgument, text } from '@gradus/core/internal'
import { type Tensor, ValueError } from '@gradus/core/functions'
import { Module } from '../../module/module.ts'
import { Parameter } from '../../module/parameter.ts'
import { entriesOf, noForward } from './entries.ts'

/**
 * Parameters by name; tensors become parameters.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 * @example
 * const scales = new g.nn.ParameterDict({ left: g.ones(2), right: g.zeros(2) })
 * Object.keys(scales.stateDict()) // => ['left', 'right']
 */
export class ParameterDict extends Module {
  static override readonly layerName: string = 'ParameterDict'
  constructor(values: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super()
    for (const [name, value] of entriesOf('ParameterDict', values)) this.set(name, value)
  }

  forward(): never {
    return noForward('ParameterDict')
  }

  /** @throws ValueError for a name it does not have */
  get(name: string): Parameter {
    takeArgument('ParameterDict.get', 'name', text, name)
    const found = this.entries().find(([key]) => key === name)
    if (!found)
      throw new ValueError(`ParameterDict has no parameter '${name}'`, {
        hint: `it has ${this.keys().join(', ')}`,
      })
    return found[1]
  }

  has(name: string): boolean {
    takeArgument('ParameterDict.has', 'name', text, name)
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
