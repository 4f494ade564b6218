import type { Binary, Unary } from '@gradus/core/backend'
import { double, inDouble, single, type Floats } from '../math/lanes.ts'
import { floatRemainder } from '../math/remainder.ts'
import { doubleFunction } from '../math/imports.ts'
import { missing } from '../parts/part.ts'
import type { Graph, Node } from './graph.ts'
import { narrowMask } from './lower-cast.ts'

type Float = 'f32' | 'f64'

/** Functions of one float. */
export function floatUnary(graph: Graph, op: Unary, type: string, x: readonly Node[]): readonly Node[] {
  const s = type === 'f32' ? single(graph) : double(graph)
  switch (op) {
    case 'neg':
      return x.map(s.neg)
    case 'abs':
      return x.map(s.abs)
    case 'floor':
      return x.map(s.floor)
    case 'ceil':
      return x.map(s.ceil)
    case 'trunc':
      return x.map(s.trunc)
    case 'round':
      return x.map(s.nearest)
    case 'sqrt':
      return x.map(s.sqrt)
    case 'rsqrt':
      return x.map((v) => s.div(s.c(1), s.sqrt(v)))
    case 'sign':
      // 0 for NaN too, as PyTorch
      return x.map((v) => s.and(s.and(s.ne(v, s.c(0)), s.eq(v, v)), s.copysign(s.c(1), v)))
    case 'not':
      throw new TypeError(`malformed program: there is no not of ${type}`)
    default:
      if (type === 'f32') return [(graph.functions.unary?.[op] ?? noFunction(op))(graph, x[0])]
      return x.map((v) => graph.perLane('f64', 'f64', doubleFunction(op, 1), [v]))
  }
}

/** Functions of two floats. */
export function floatBinary(
  graph: Graph,
  op: Binary,
  type: Float,
  x: readonly Node[],
  y: readonly Node[],
): readonly Node[] {
  const s = type === 'f32' ? single(graph) : double(graph)
  const each = (f: (a: Node, b: Node) => Node): readonly Node[] => x.map((v, i) => f(v, y[i]))
  const mask = (f: (a: Node, b: Node) => Node): readonly Node[] =>
    type === 'f32' ? each(f) : [narrowMask(graph, each(f))]
  switch (op) {
    case 'add':
      return each(s.add)
    case 'sub':
      return each(s.sub)
    case 'mul':
      return each(s.mul)
    case 'div':
      return each(s.div)
    case 'eq':
      return mask(s.eq)
    case 'ne':
      return mask(s.ne)
    case 'lt':
      return mask(s.lt)
    case 'le':
      return mask(s.le)
    case 'gt':
      return mask(s.gt)
    case 'ge':
      return mask(s.ge)
    case 'max':
      return each((a, b) => extreme(s, s.pmax, a, b))
    case 'min':
      return each((a, b) => extreme(s, s.pmin, a, b))
    case 'fmax':
      return each((a, b) => s.where(s.ne(a, a), b, s.pmax(a, b)))
    case 'fmin':
      return each((a, b) => s.where(s.ne(a, a), b, s.pmin(a, b)))
    case 'fmod':
      return each((a, b) => floatRemainder(s, a, b))
    case 'remainder':
      return each((a, b) => remainder(s, a, b))
    case 'floordiv':
      return each((a, b) => {
        const rest = floatRemainder(s, a, b)
        return type === 'f64' ? floorDivide(s, a, b, rest) : inDouble(graph, [a, b, rest], floorDivide)
      })
    case 'pow':
    case 'atan2':
      if (type === 'f32') return [(graph.functions.binary?.[op] ?? noFunction(op))(graph, x[0], y[0])]
      return each((a, b) => graph.perLane('f64', 'f64', doubleFunction(op, 2), [a, b]))
    default:
      throw new TypeError(`malformed program: there is no ${op} of ${type}`)
  }
}

// pmin and pmax give their first operand where one is NaN, so only the other one needs a test
function extreme(s: Floats, pick: (x: Node, y: Node) => Node, x: Node, y: Node): Node {
  if (y.number) return pick(x, y)
  if (x.number) return pick(y, x)
  return s.where(s.ne(x, x), x, pick(y, x))
}

const opposite = (s: Floats, x: Node, y: Node): Node => s.xor(s.lt(x, s.c(0)), s.lt(y, s.c(0)))

function remainder(s: Floats, x: Node, y: Node): Node {
  const rest = floatRemainder(s, x, y)
  const wrong = s.and(s.ne(rest, s.c(0)), opposite(s, rest, y))
  return s.where(wrong, s.add(rest, y), rest)
}

// PyTorch's div_floor_floating: the floor of x / y, which may have been rounded up to a whole number
function floorDivide(d: Floats, x: Node, y: Node, rest: Node): Node {
  const wrong = d.and(d.ne(rest, d.c(0)), opposite(d, rest, y))
  const exact = d.div(d.sub(x, rest), y)
  const quotient = d.where(wrong, d.sub(exact, d.c(1)), exact)
  const floor = d.floor(quotient)
  const above = d.and(d.gt(d.sub(quotient, floor), d.c(0.5)), d.c(1))
  const ratio = d.div(x, y)
  const whole = d.where(d.eq(quotient, d.c(0)), d.copysign(d.c(0), ratio), d.add(floor, above))
  return d.where(d.eq(y, d.c(0)), ratio, whole)
}

/** Which part has a function, by its name. */
const partsOfFunctions = [
  ['exponentials', /^(exp.*|[sct]\w+h)$/],
  ['logarithms', /^log|h$/],
  ['errorFunctions', /^erf/],
  ['gammaFunctions', /gamma$/],
  ['powers', /^pow$/],
  ['trigonometry', /./],
] as const

function noFunction(op: string): never {
  // the last pattern fits any name
  throw missing(op, partsOfFunctions.find(([, names]) => names.test(op))![0])
}
