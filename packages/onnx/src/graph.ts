import { internals } from '@gradus/core/internal'
import { full, ValueError, type DType, type Tensor, type TypedArray } from '@gradus/core'

/** What an attribute of a node is. */
export type AttributeValue = number | readonly number[] | string | { float: number }

/** One operation of the graph. */
export interface GraphNode {
  readonly opType: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** A value that the graph has from the beginning. */
export interface Initializer {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/** The graph while it is traced. Values are named by the tensors that had them. */
export class Graph {
  readonly nodes: GraphNode[] = []
  readonly initializers: Initializer[] = []
  private readonly names = new Map<Tensor, string>()
  private readonly refused = new Map<Tensor, string>()
  private readonly parameters: ReadonlyMap<Tensor, string>
  private readonly produced = new Set<Tensor['storage']>()
  private count = 0

  /** @param parameters - names of tensors that the model holds */
  constructor(parameters: ReadonlyMap<Tensor, string>) {
    this.parameters = parameters
  }

  /** Gives a tensor a name: an input of the graph. */
  input(x: Tensor, name: string): void {
    this.names.set(x, name)
    this.produced.add(x.storage)
  }

  /** Says that a tensor has no form in the graph, should anything use it. */
  refuse(x: Tensor, why: string): void {
    this.refused.set(x, why)
  }

  /** Whether a tensor is a value of the graph already. */
  has(x: Tensor): boolean {
    return this.names.has(x)
  }

  /** The name of a tensor's value; one that the trace did not make is a constant. */
  nameOf(x: Tensor): string {
    const known = this.names.get(x)
    if (known !== undefined) return known
    const why = this.refused.get(x)
    if (why !== undefined) throw new ValueError(why)
    if (this.produced.has(x.storage)) return this.aliasOf(x)
    return this.constant(x)
  }

  /** Another handle on a value, as `detach()` gives. */
  private aliasOf(x: Tensor): string {
    for (const [other, name] of this.names)
      if (other.storage === x.storage && other.layout === x.layout && other.dtype === x.dtype) return name
    throw new ValueError('the model looks at a traced value through a view that no op made', {
      hint: 'use the methods of tensors',
    })
  }

  private constant(x: Tensor): string {
    const name = this.parameters.get(x) ?? this.fresh('constant')
    this.names.set(x, name)
    this.initializers.push({ name, dtype: x.dtype, shape: x.shape, data: internals(x).rawSync() })
    return name
  }

  /** A constant of int64 numbers: shapes, axes, positions. */
  ints(values: readonly number[]): string {
    const name = this.fresh('ints')
    this.initializers.push({
      name,
      dtype: 'int64',
      shape: [values.length],
      data: BigInt64Array.from(values, BigInt),
    })
    return name
  }

  /** A constant of one int64 number. */
  integer(value: number): string {
    const name = this.fresh('integer')
    this.initializers.push({ name, dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) })
    return name
  }

  /** A constant of one number. */
  scalar(value: number, dtype: DType): string {
    return this.constant(full([], value, { dtype }))
  }

  /** Adds an operation. Gives the name of its result. */
  add(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const output = this.fresh(opType.toLowerCase())
    this.nodes.push({ opType, inputs, outputs: [output], attributes })
    return output
  }

  /** Adds an operation of several results. */
  addMany(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.fresh(opType.toLowerCase()))
    this.nodes.push({ opType, inputs, outputs, attributes })
    return outputs
  }

  /** Says which value a tensor has. */
  set(x: Tensor, name: string): void {
    this.names.set(x, name)
    this.produced.add(x.storage)
  }

  /** Drops what was added since there were so many nodes: what an op is made of, where it has a form of its own. */
  dropFrom(length: number): void {
    this.nodes.length = length
  }

  private fresh(what: string): string {
    return `${what}_${this.count++}`
  }
}
