import type { Functions } from '../parts/part.ts'
import { f32x4, f64x2, i32x4, i64x2, v128 } from '../assembler/index.ts'
import type {
  Func,
  FuncRef,
  Local,
  ModuleBuilder,
  Operand,
  Params,
  Value,
  ValueType,
} from '../assembler/index.ts'

/** Code of four logical lanes, or of half of them where a lane has 64 bits. */
export type Vector = Value<'v128'>

/**
 * When a node's value is known: once per call, once per unit, after the reductions of level k (`unit + k`), before a run
 * along the vector axis, for every vector. A node is as late as the latest of its arguments.
 */
export const stages = { entry: 0, unit: 1, run: 1000, lane: 1001 } as const

/** Where a node's code is written to. */
export interface Site {
  readonly f: Func
  /** A function of the module that the graph asked for. */
  func(name: string): FuncRef<Params, ValueType>
}

/** One vector instruction, or a few, in a graph that holds every value once. */
export interface Node {
  readonly id: number
  readonly stage: number
  readonly args: readonly Node[]
  /** Rough number of instructions, those of its arguments not counted. */
  readonly cost: number
  /** Whether it is a constant other than NaN. */
  readonly number: boolean
  /** Whether it is the product of its two arguments, floats. */
  readonly product: boolean
  /** Its operand, where the node is one that the kernel supplies: loads, positions, results of reductions. */
  readonly leaf: Leaf | undefined
  readonly emit: (site: Site, args: readonly Vector[]) => Vector
}

/** A value that the loops around a formula supply. `half` counts vectors where a lane has 64 bits. */
export type Leaf =
  | { readonly kind: 'load'; readonly operand: number; readonly half: 0 | 1 }
  | { readonly kind: 'position'; readonly operand: number }
  | { readonly kind: 'param' | 'size' | 'reduced'; readonly i: number; readonly half: 0 | 1 }

type Instruction = (...args: Operand<'v128'>[]) => Vector
type Shift = (x: Operand<'v128'>, count: Operand<'i32'>) => Vector

/** A function that formulas call: written into the module that needs it, or imported from outside. */
export interface Helper {
  readonly name: string
  readonly define: (
    module: ModuleBuilder,
    func: (name: string) => FuncRef<Params, ValueType>,
  ) => FuncRef<Params, ValueType>
  /** Taken from JavaScript: a module with such a function runs on the main thread only. */
  readonly imported: boolean
}

type Scalar = 'f32' | 'f64' | 'i32' | 'i64'

const lanesOf = { f32: f32x4, i32: i32x4, f64: f64x2, i64: i64x2 } as const

/** Builds vector code as a graph in which equal values are one node; constants and invariants leave the loops by it. */
export class Graph {
  /** Whether multiply and add are one relaxed instruction. */
  readonly relaxed: boolean
  readonly functions: Functions
  readonly helpers = new Map<string, Helper>()
  readonly #table = new Map<string, Node>()
  readonly #instructions = new Map<object, number>()
  #count = 0

  constructor(relaxed: boolean, functions: Functions) {
    this.relaxed = relaxed
    this.functions = functions
  }

  /** An instruction on vectors. */
  op(instruction: Instruction, ...args: Node[]): Node {
    const product = instruction === f32x4.mul || instruction === f64x2.mul
    return this.#node(`${this.#number(instruction)}`, args, 1, (_, v) => instruction(...v), product)
  }

  /** A shift of every lane by a constant. */
  shift(instruction: Shift, x: Node, count: number): Node {
    return this.#node(`${this.#number(instruction)}<${count}`, [x], 1, (_, v) => instruction(v[0], count))
  }

  /** Bytes of x (0 to 15) and y (16 to 31) by index. */
  shuffle(
    instruction: (x: Vector, y: Vector, indices: readonly number[]) => Vector,
    x: Node,
    y: Node,
    indices: number[],
  ): Node {
    return this.#node(`shuffle ${indices.join()}`, [x, y], 1, (_, v) => instruction(v[0], v[1], indices))
  }

  /** The same number in every lane. */
  constant(type: 'f32' | 'f64' | 'i32' | 'i64', value: number | bigint): Node {
    const bytes = new DataView(new ArrayBuffer(16))
    for (let at = 0; at < 16; at += type === 'f32' || type === 'i32' ? 4 : 8) {
      if (type === 'f32') bytes.setFloat32(at, Number(value), true)
      else if (type === 'f64') bytes.setFloat64(at, Number(value), true)
      else if (type === 'i32') bytes.setInt32(at, Number(value), true)
      else bytes.setBigInt64(at, BigInt(value), true)
    }
    const key = `const ${new Uint8Array(bytes.buffer).join()}`
    const emit = (): Vector => v128.const(new Uint8Array(bytes.buffer))
    return this.#add(key, {
      stage: 0,
      args: [],
      cost: 0,
      number: value === value,
      product: false,
      leaf: undefined,
      emit,
    })
  }

  /** A value that the loops supply. */
  leaf(leaf: Leaf, stage: number): Node {
    const key = `leaf ${leaf.kind} ${'operand' in leaf ? leaf.operand : leaf.i} ${'half' in leaf ? leaf.half : 0}`
    return this.#add(key, { stage, args: [], cost: 1, number: false, product: false, leaf, emit: missing })
  }

  /** `x * y + z`, rounded once or twice. */
  madd(lanes: 'f32' | 'f64', x: Node, y: Node, z: Node): Node {
    const set = lanes === 'f32' ? f32x4 : f64x2
    return this.relaxed ? this.op(set.relaxedMadd, x, y, z) : this.op(set.add, this.op(set.mul, x, y), z)
  }

  /** Lanes of x where a mask of whole lanes is set, else of y. */
  select(mask: Node, x: Node, y: Node): Node {
    return this.op(this.relaxed ? i32x4.relaxedLaneselect : v128.bitselect, x, y, mask)
  }

  /** A scalar function applied to each lane on its own; results narrower than the arguments fill the lower half. */
  perLane(from: Scalar, to: Scalar, helper: Helper, args: Node[]): Node {
    this.#need(helper)
    const count = from === 'f32' || from === 'i32' ? 4 : 2
    return this.#node(`each ${helper.name}`, args, 40, (site, v) => {
      const { f } = site
      const kept = v.map((x) => f.let(x))
      const result = f.local('v128')
      for (let at = 0; at < count; at++) {
        const scalars = Object.fromEntries(kept.map((x, i) => [names[i], lanesOf[from].extractLane(x, at)]))
        f.set(result, withLane(to, result, at, site.func(helper.name).call(scalars)))
      }
      return result
    })
  }

  /** `usual`, but the result of a scalar function in the lanes of `mask`. It is called only if `mask` has any. */
  rare(lane: 'f32' | 'f64', mask: Node, usual: Node, helper: Helper, args: Node[]): Node {
    this.#need(helper)
    const name = `${helper.name}, some lanes`
    this.#need({
      name,
      imported: false,
      define: (module, func) => someLanes(module, lane, func(helper.name), args.length),
    })
    return this.#node(`rare ${helper.name}`, [mask, usual, ...args], 4, (site, v) => {
      const { f } = site
      const kept = v.map((value) => f.let(value))
      f.if(v128.anyTrue(kept[0]), () => {
        const given = Object.fromEntries(kept.map((value, i) => [rareNames[i], value]))
        // defined by someLanes, with a v128 as its result
        f.set(kept[1], site.func(name).call(given) as Vector)
      })
      return kept[1]
    })
  }

  /** `usual`, or `rare(args)` in all lanes if any lane of `mask` has its sign bit set. */
  seldom(
    name: string,
    mask: Node,
    usual: Node,
    args: Node[],
    rare: (f: Func, args: readonly Local<'v128'>[]) => Vector,
  ): Node {
    return this.#node(`seldom ${name}`, [mask, usual, ...args], 2, ({ f }, [some, value, ...rest]) => {
      const kept = rest.map((x) => f.let(x))
      const result = f.let(value)
      f.if(i32x4.bitmask(some), () => f.set(result, rare(f, kept)))
      return result
    })
  }

  #need(helper: Helper): void {
    this.helpers.set(helper.name, helper)
  }

  #number(instruction: object): number {
    let number = this.#instructions.get(instruction)
    if (number === undefined) this.#instructions.set(instruction, (number = this.#instructions.size))
    return number
  }

  #node(key: string, args: Node[], cost: number, emit: Node['emit'], product = false): Node {
    let stage = 0
    for (const arg of args) stage = Math.max(stage, arg.stage)
    return this.#add(`${key}(${args.map((a) => a.id).join()})`, {
      stage,
      args,
      cost,
      number: false,
      product,
      leaf: undefined,
      emit,
    })
  }

  #add(key: string, node: Omit<Node, 'id'>): Node {
    let known = this.#table.get(key)
    if (known === undefined) this.#table.set(key, (known = { id: this.#count++, ...node }))
    return known
  }
}

// the four instructions differ only in the type of the value
const withLane = (type: Scalar, x: Vector, at: number, value: Value): Vector =>
  // callers give a value of the lanes' own type
  (lanesOf[type].replaceLane as (x: Vector, at: number, value: Value) => Vector)(x, at, value)

/** Names of a scalar helper's parameters. */
const names = ['x', 'y', 'z'] as const
const rareNames = ['mask', 'usual', ...names] as const

function someLanes(
  module: ModuleBuilder,
  lane: 'f32' | 'f64',
  scalar: FuncRef<Params, ValueType>,
  count: number,
): FuncRef<Params, ValueType> {
  const params: Record<string, 'v128'> = { mask: 'v128', usual: 'v128' }
  for (const name of names.slice(0, count)) params[name] = 'v128'
  const set = lanesOf[lane]
  return module.func({ params, result: 'v128' }, (f, v) => {
    for (let at = 0; at < (lane === 'f32' ? 4 : 2); at++) {
      f.if(i32x4.extractLane(v.mask, lane === 'f32' ? at : 2 * at), () => {
        const scalars = Object.fromEntries(
          names.slice(0, count).map((name) => [name, set.extractLane(v[name], at)]),
        )
        f.set(v.usual, withLane(lane, v.usual, at, scalar.call(scalars)))
      })
    }
    return v.usual
  })
}

function missing(): never {
  throw new Error('a leaf is written by the loops around it')
}

/** Nodes below the roots, each after its arguments; `enter` says whether to look inside one. */
export function nodesBelow(roots: readonly Node[], enter: (node: Node) => boolean = () => true): Node[] {
  const seen = new Set<Node>()
  const order: Node[] = []
  const visit = (node: Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (enter(node)) for (const arg of node.args) visit(arg)
    order.push(node)
  }
  for (const root of roots) visit(root)
  return order
}
