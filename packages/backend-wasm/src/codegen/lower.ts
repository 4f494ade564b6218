import type { Axis, DType, Expr, Num, Program } from '@gradus/core/backend'
import { single } from '../math/lanes.ts'
import { cast } from './lower-cast.ts'
import { floatBinary, floatUnary } from './lower-float.ts'
import { intBinary, intUnary } from './lower-int.ts'
import { roundTrip, unpack, vectorsOf } from './format.ts'
import { stages, type Graph, type Node } from './graph.ts'

/** A value of four logical lanes: one vector, or two for 64-bit types. A bool is a mask of 32-bit lanes. */
export type Lanes = readonly Node[]

export const vectorsOfNum = (num: Num): 1 | 2 => (num === 'f64' || num === 'i64' ? 2 : 1)

/** Says at which stage the loops supply an operand's elements, and which operand stands for an axis' position. */
export interface Supply {
  /** Stage of the loads of an operand. */
  loadStage(operand: number): number
  /** The operand that counts along an axis, and the stage of its value. */
  position(axis: Axis): { operand: number; stage: number }
  /** Which length in the argument block. */
  size(axis: Axis): number
}

/** Formulas as vector code in one graph. */
export class Lowering {
  readonly graph: Graph
  readonly #program: Program
  readonly #supply: Supply
  readonly #done = new Map<Expr, Lanes>()

  constructor(graph: Graph, program: Program, supply: Supply) {
    this.graph = graph
    this.#program = program
    this.#supply = supply
  }

  /** The value of a formula. */
  value(e: Expr): Lanes {
    let lanes = this.#done.get(e)
    if (lanes === undefined) this.#done.set(e, (lanes = this.#lower(e)))
    return lanes
  }

  /** The elements of an operand of a dtype. */
  load(operand: number, dtype: DType): Lanes {
    const stage = this.#supply.loadStage(operand)
    const raw: Node[] = []
    for (let half: 0 | 1 = 0; half < vectorsOf(dtype); half++) {
      raw.push(this.graph.leaf({ kind: 'load', operand, half: half === 0 ? 0 : 1 }, stage))
    }
    return unpack(this.graph, dtype, raw)
  }

  /** Replaces the value of a formula from now on. */
  keep(e: Expr, lanes: Lanes): void {
    this.#done.set(e, lanes)
  }

  /** Forgets every value that is made of others: they are lowered anew, from the values that are kept. */
  forget(kept: ReadonlyMap<Expr, Lanes>): void {
    this.#done.clear()
    for (const [e, lanes] of kept) this.#done.set(e, lanes)
  }

  #lower(e: Expr): Lanes {
    const { graph } = this
    switch (e.op) {
      case 'input':
        return this.load(e.i, this.#program.inputs[e.i].dtype)
      case 'param':
        return this.#leaves(e.type, { kind: 'param', i: e.i }, stages.entry)
      case 'reduced':
        return this.#leaves(e.type, { kind: 'reduced', i: e.i }, stages.unit + this.#program.levels[e.i])
      case 'const':
        return constantLanes(graph, e.type, e.value)
      case 'size':
        return [graph.leaf({ kind: 'size', i: this.#supply.size(e.of), half: 0 }, stages.entry)]
      case 'index': {
        const { operand, stage } = this.#supply.position(e.of)
        return [graph.leaf({ kind: 'position', operand }, stage)]
      }
      case 'cast':
        return cast(graph, e.x.type, e.type, this.value(e.x))
      case 'where': {
        const s = single(graph)
        const masks =
          e.type === 'f64' || e.type === 'i64'
            ? cast(graph, 'bool', 'mask64', this.value(e.c))
            : this.value(e.c)
        const x = this.value(e.x)
        const y = this.value(e.y)
        return x.map((_, i) => s.where(masks[i], x[i], y[i]))
      }
      default:
        break
    }
    if ('to' in e) return roundTrip(graph, e.to, this.value(e.x))
    const float = e.x.type === 'f32' || e.x.type === 'f64'
    const { normalDistribution } = graph.functions
    const deviate = normalDistribution && normalDeviate(e)
    if (deviate) return [normalDistribution(graph, this.value(deviate)[0])]
    const x = this.value(e.x)
    if ('y' in e) {
      const y = this.value(e.y)
      return float ? floatBinary(graph, e.op, e.x.type, x, y) : intBinary(graph, e.op, e.x.type, x, y)
    }
    return float ? floatUnary(graph, e.op, e.type, x) : intUnary(graph, e.op, e.type, x)
  }

  #leaves(type: Num, leaf: { kind: 'param' | 'reduced'; i: number }, stage: number): Lanes {
    const first = this.graph.leaf({ ...leaf, half: 0 }, stage)
    return vectorsOfNum(type) === 1 ? [first] : [first, this.graph.leaf({ ...leaf, half: 1 }, stage)]
  }
}

const isNumber = (e: Expr, value: number): boolean =>
  e.op === 'const' && Math.fround(Number(e.value)) === Math.fround(value)

/** The x of `0.5 (1 + erf(√½ x))` in single precision, as formulas write Φ(x). */
function normalDeviate(e: Expr): Expr | undefined {
  if (e.op !== 'mul' || e.type !== 'f32' || !isNumber(e.y, 0.5) || e.x.op !== 'add') return undefined
  const { x: error, y: one } = e.x
  if (error.op !== 'erf' || !isNumber(one, 1) || error.x.op !== 'mul') return undefined
  return isNumber(error.x.y, Math.SQRT1_2) ? error.x.x : undefined
}

/** A number in all lanes. */
export function constantLanes(graph: Graph, type: Num, value: number | bigint): Lanes {
  if (type === 'bool') return [graph.constant('i32', Number(value) !== 0 ? -1 : 0)]
  const lanes = graph.constant(type, value)
  return vectorsOfNum(type) === 1 ? [lanes] : [lanes, lanes]
}
