import { f32x4, f64x2, i32x4, i64x2, i8x16, v128 } from '../assembler/index.ts'
import type { Graph, Node } from '../codegen/graph.ts'

/** Arithmetic on float lanes of one width, as graph nodes. Vector math is written in it. */
export interface Floats {
  readonly graph: Graph
  readonly bits: 32 | 64
  c(value: number): Node
  /** Lanes with this bit pattern. */
  pattern(bits: number | bigint): Node
  add(x: Node, y: Node): Node
  sub(x: Node, y: Node): Node
  mul(x: Node, y: Node): Node
  div(x: Node, y: Node): Node
  /** `x * y + z` */
  madd(x: Node, y: Node, z: Node): Node
  /** The first operand if either is NaN. */
  pmin(x: Node, y: Node): Node
  pmax(x: Node, y: Node): Node
  abs(x: Node): Node
  neg(x: Node): Node
  sqrt(x: Node): Node
  floor(x: Node): Node
  ceil(x: Node): Node
  trunc(x: Node): Node
  nearest(x: Node): Node
  eq(x: Node, y: Node): Node
  ne(x: Node, y: Node): Node
  lt(x: Node, y: Node): Node
  le(x: Node, y: Node): Node
  gt(x: Node, y: Node): Node
  ge(x: Node, y: Node): Node
  and(x: Node, y: Node): Node
  or(x: Node, y: Node): Node
  xor(x: Node, y: Node): Node
  not(x: Node): Node
  /** `x & ~y` */
  andnot(x: Node, y: Node): Node
  /** By a mask of whole lanes. */
  where(mask: Node, x: Node, y: Node): Node
  /** The magnitude of x with the sign of y. */
  copysign(x: Node, y: Node): Node
  /** Integer sum of the bit patterns. */
  addBits(x: Node, y: Node): Node
  subBits(x: Node, y: Node): Node
  shl(x: Node, count: number): Node
  /** Shift with copies of the sign. */
  sar(x: Node, count: number): Node
  shr(x: Node, count: number): Node
  /** Coefficients from the highest power down. */
  poly(x: Node, coefficients: readonly number[]): Node
}

function floats(graph: Graph, bits: 32 | 64): Floats {
  const set = bits === 32 ? f32x4 : f64x2
  const ints = bits === 32 ? i32x4 : i64x2
  const c = (value: number): Node => graph.constant(bits === 32 ? 'f32' : 'f64', value)
  const pattern = (value: number | bigint): Node => graph.constant(bits === 32 ? 'i32' : 'i64', value)
  const sign = bits === 32 ? pattern(-0x80000000) : pattern(-(1n << 63n))
  const madd = (x: Node, y: Node, z: Node): Node => graph.madd(bits === 32 ? 'f32' : 'f64', x, y, z)
  const two =
    (instruction: (typeof set)['add']) =>
    (x: Node, y: Node): Node =>
      graph.op(instruction, x, y)
  const one =
    (instruction: (typeof set)['abs']) =>
    (x: Node): Node =>
      graph.op(instruction, x)
  const where = (mask: Node, x: Node, y: Node): Node => (x === y ? x : graph.select(mask, x, y))
  return {
    graph,
    bits,
    c,
    pattern,
    add: two(set.add),
    sub: two(set.sub),
    mul: two(set.mul),
    div: two(set.div),
    madd,
    pmin: two(set.pmin),
    pmax: two(set.pmax),
    abs: one(set.abs),
    neg: one(set.neg),
    sqrt: one(set.sqrt),
    floor: one(set.floor),
    ceil: one(set.ceil),
    trunc: one(set.trunc),
    nearest: one(set.nearest),
    eq: two(set.eq),
    ne: two(set.ne),
    lt: two(set.lt),
    le: two(set.le),
    gt: two(set.gt),
    ge: two(set.ge),
    and: two(v128.and),
    or: two(v128.or),
    xor: two(v128.xor),
    not: one(v128.not),
    andnot: two(v128.andnot),
    where,
    copysign: (x, y) => graph.op(v128.bitselect, y, x, sign),
    poly: polynomial(c, madd, two(set.mul)),
    addBits: two(ints.add),
    subBits: two(ints.sub),
    shl: (x, count) => graph.shift(ints.shl, x, count),
    sar: (x, count) => graph.shift(ints.shrS, x, count),
    shr: (x, count) => graph.shift(ints.shrU, x, count),
  }
}

/** By pairs of terms. Horner's chain would have the latency of the whole degree, and higher powers cost multiplications. */
function polynomial(
  constant: (value: number) => Node,
  madd: Floats['madd'],
  mul: Floats['mul'],
): Floats['poly'] {
  const horner = (y: Node, terms: readonly Node[]): Node =>
    terms.slice(1).reduce((sum, term) => madd(sum, y, term), terms[0])
  return (x, coefficients) => {
    const terms = coefficients.map(constant)
    if (terms.length < 4) return horner(x, terms)
    const pairs: Node[] = terms.length % 2 === 1 ? [terms[0]] : []
    for (let i = pairs.length; i < terms.length; i += 2) pairs.push(madd(terms[i], x, terms[i + 1]))
    return horner(mul(x, x), pairs)
  }
}

const singles = new WeakMap<Graph, Floats>()
const doubles = new WeakMap<Graph, Floats>()

function once(table: WeakMap<Graph, Floats>, graph: Graph, bits: 32 | 64): Floats {
  let set = table.get(graph)
  if (!set) table.set(graph, (set = floats(graph, bits)))
  return set
}

/** Arithmetic on four singles. */
export const single = (graph: Graph): Floats => once(singles, graph, 32)
/** Arithmetic on two doubles. */
export const double = (graph: Graph): Floats => once(doubles, graph, 64)

const upperHalf = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
const lowerHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
const evenWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]

/** Lanes 2 and 3 moved to 0 and 1. */
export const upper = (graph: Graph, x: Node): Node => graph.shuffle(i8x16.shuffle, x, x, upperHalf)
/** The lower halves of two vectors side by side. */
export const joinHalves = (graph: Graph, x: Node, y: Node): Node =>
  graph.shuffle(i8x16.shuffle, x, y, lowerHalves)
/** The lower words of four 64-bit lanes: narrows integers modulo 2^32, and masks. */
export const lowWords = (graph: Graph, x: Node, y: Node): Node =>
  graph.shuffle(i8x16.shuffle, x, y, evenWords)

/** Four singles as two vectors of doubles. */
export const widen = (graph: Graph, x: Node): [Node, Node] => [
  graph.op(f64x2.promoteLowF32x4, x),
  graph.op(f64x2.promoteLowF32x4, upper(graph, x)),
]

/** A mask of four singles as two masks of doubles. */
export const widenMask = (graph: Graph, mask: Node): [Node, Node] => [
  graph.op(i64x2.extendLowI32x4S, mask),
  graph.op(i64x2.extendHighI32x4S, mask),
]

/** Two vectors of doubles rounded to four singles. */
export const narrow = (graph: Graph, x: Node, y: Node): Node =>
  joinHalves(graph, graph.op(f32x4.demoteF64x2Zero, x), graph.op(f32x4.demoteF64x2Zero, y))

/**
 * A function of singles computed in double precision: its result is rounded once, so a relative error of 2^-30 inside
 * leaves at most 0.52 units in the last place.
 */
export function inDouble(graph: Graph, args: readonly Node[], f: (d: Floats, ...args: Node[]) => Node): Node {
  const d = double(graph)
  const wide = args.map((x) => widen(graph, x))
  return narrow(graph, f(d, ...wide.map((w) => w[0])), f(d, ...wide.map((w) => w[1])))
}
