import type { Binary, Num, Unary } from '@gradus/core/backend'
import { f64x2, i32x4, i64x2, v128 } from '../assembler/index.ts'
import { double, single, type Floats } from '../math/lanes.ts'
import type { Graph, Node } from './graph.ts'
import { cast, narrowMask } from './lower-cast.ts'
import { int32Power, int32Shift, int64Helpers } from './int-helpers.ts'

/** Functions of one integer or bool; `floor` and its kin change nothing. */
export function intUnary(graph: Graph, op: Unary, type: Num, x: readonly Node[]): readonly Node[] {
  const ints = type === 'i64' ? i64x2 : i32x4
  const zero = graph.constant('i32', 0)
  switch (op) {
    case 'floor':
    case 'ceil':
    case 'trunc':
    case 'round':
      return x
    case 'not':
      return x.map((v) => graph.op(v128.not, v))
    case 'neg':
      return x.map((v) => graph.op(ints.neg, v))
    case 'abs':
      return type === 'bool' ? x : x.map((v) => graph.op(ints.abs, v))
    case 'sign':
      // -1 where negative, less -1 where positive
      if (type === 'bool') return x
      return x.map((v) => graph.op(ints.sub, graph.op(ints.ltS, v, zero), graph.op(ints.gtS, v, zero)))
    default:
      throw new TypeError(`malformed program: there is no ${op} of ${type}`)
  }
}

/** Functions of two integers or bools. Integer division by zero gives 0: programs check for it. */
export function intBinary(
  graph: Graph,
  op: Binary,
  type: Num,
  x: readonly Node[],
  y: readonly Node[],
): readonly Node[] {
  if (type === 'bool') return [boolBinary(graph, op, x[0], y[0])]
  return type === 'i64' ? int64Binary(graph, op, x, y) : [int32Binary(graph, op, x[0], y[0])]
}

function boolBinary(graph: Graph, op: Binary, x: Node, y: Node): Node {
  const s = single(graph)
  switch (op) {
    case 'add':
    case 'max':
    case 'fmax':
    case 'or':
      return s.or(x, y)
    case 'mul':
    case 'min':
    case 'fmin':
    case 'and':
      return s.and(x, y)
    case 'xor':
    case 'ne':
      return s.xor(x, y)
    case 'eq':
      return s.not(s.xor(x, y))
    case 'lt':
      return s.andnot(y, x)
    case 'gt':
      return s.andnot(x, y)
    case 'le':
      return s.not(s.andnot(x, y))
    case 'ge':
      return s.not(s.andnot(y, x))
    default:
      throw new TypeError(`malformed program: there is no ${op} of bool`)
  }
}

const int32 = {
  add: i32x4.add,
  sub: i32x4.sub,
  mul: i32x4.mul,
  max: i32x4.maxS,
  min: i32x4.minS,
  fmax: i32x4.maxS,
  fmin: i32x4.minS,
  eq: i32x4.eq,
  ne: i32x4.ne,
  lt: i32x4.ltS,
  le: i32x4.leS,
  gt: i32x4.gtS,
  ge: i32x4.geS,
  and: v128.and,
  or: v128.or,
  xor: v128.xor,
} as const

function int32Binary(graph: Graph, op: Binary, x: Node, y: Node): Node {
  const s = single(graph)
  switch (op) {
    case 'div':
      return quotient(graph, x, y, (d, q) => d.trunc(q))
    case 'floordiv':
      return quotient(graph, x, y, (d, q) => d.floor(q))
    case 'fmod':
    case 'remainder': {
      const q = quotient(graph, x, y, (d, v) => (op === 'fmod' ? d.trunc(v) : d.floor(v)))
      const rest = graph.op(i32x4.sub, x, graph.op(i32x4.mul, q, y))
      return s.andnot(rest, graph.op(i32x4.eq, y, s.pattern(0)))
    }
    case 'pow':
      return graph.perLane('i32', 'i32', int32Power, [x, y])
    case 'shl':
    case 'shr':
      return graph.perLane('i32', 'i32', int32Shift[op], [x, y])
    case 'atan2':
      throw new TypeError('malformed program: there is no atan2 of i32')
    default:
      return graph.op(int32[op], x, y)
  }
}

// 53 bits hold the quotient of two 32-bit integers well enough to round it to a whole number
function quotient(graph: Graph, x: Node, y: Node, round: (d: Floats, q: Node) => Node): Node {
  const s = single(graph)
  const d = double(graph)
  const wideY = cast(graph, 'i32', 'f64', [y])
  const q = cast(graph, 'i32', 'f64', [x]).map((v, i) => round(d, graph.op(f64x2.div, v, wideY[i])))
  const words = cast(graph, 'f64', 'i32', q)[0]
  // values that do not fit are cast to the lowest integer, and -2^31 / -1 wraps to the same
  return s.andnot(words, graph.op(i32x4.eq, y, s.pattern(0)))
}

const int64 = {
  add: i64x2.add,
  sub: i64x2.sub,
  mul: i64x2.mul,
  and: v128.and,
  or: v128.or,
  xor: v128.xor,
} as const

const comparisons64 = {
  eq: i64x2.eq,
  ne: i64x2.ne,
  lt: i64x2.ltS,
  le: i64x2.leS,
  gt: i64x2.gtS,
  ge: i64x2.geS,
} as const

function int64Binary(graph: Graph, op: Binary, x: readonly Node[], y: readonly Node[]): readonly Node[] {
  const s = single(graph)
  switch (op) {
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return [
        narrowMask(
          graph,
          x.map((v, i) => graph.op(comparisons64[op], v, y[i])),
        ),
      ]
    case 'max':
    case 'fmax':
      return x.map((v, i) => s.where(graph.op(i64x2.gtS, v, y[i]), v, y[i]))
    case 'min':
    case 'fmin':
      return x.map((v, i) => s.where(graph.op(i64x2.ltS, v, y[i]), v, y[i]))
    case 'add':
    case 'sub':
    case 'mul':
    case 'and':
    case 'or':
    case 'xor':
      return x.map((v, i) => graph.op(int64[op], v, y[i]))
    case 'atan2':
      throw new TypeError('malformed program: there is no atan2 of i64')
    default:
      return x.map((v, i) => graph.perLane('i64', 'i64', int64Helpers[op], [v, y[i]]))
  }
}
