import type { Graph, Node } from '../codegen/graph.ts'
import { hugeSine } from './huge-angle.ts'
import { double, inDouble, lowWords, narrow, single, widen, widenMask, type Floats } from './lanes.ts'

// π/2 in two doubles; the first has 33 bits
const halfPiHigh = 1.5707963267341256
const halfPiLow = 6.077100506506192e-11

// on |r| <= π/4, in z = r²: (sin(r) / r - 1) / z and (cos(r) - 1 + z / 2) / z²
const sineTail = [2.718302191456301e-6, -1.9839333871666154e-4, 8.333329382933873e-3, -0.16666666641601494]
const cosineTail = [
  -2.7210149436698547e-7, 2.4799518952063628e-5, -1.3888883749456466e-3, 4.166666662278282e-2,
]

// in double precision: sin(r) / r and cos(r)
const sineDouble = [-2.4755306737798494e-8, 2.7555252545336477e-6, -1.9841263193681518e-4, 8.33333332364665e-3, -0.1666666666661489, 0.9999999999999954] // prettier-ignore
const cosineDouble = [-2.7167979183924876e-7, 2.4798844227888205e-5, -1.3888879934257858e-3, 4.166666653369066e-2, -0.4999999999927125, 0.9999999999999344] // prettier-ignore

/** Beyond this the reduction below is no longer exact. */
const largest = 2 ** 20

/** x less the nearest multiple of π/2, as doubles, and the number of that multiple. */
function reduce(graph: Graph, x: Node): { rest: [Node, Node]; quadrant: Node } {
  const d = double(graph)
  const magic = d.c(1.5 * 2 ** 52)
  const wide = widen(graph, x)
  const bits = wide.map((v) => d.add(d.mul(v, d.c(2 / Math.PI)), magic))
  const [low, high] = wide.map((v, i) => {
    const n = d.sub(bits[i], magic)
    return d.sub(d.sub(v, d.mul(n, d.c(halfPiHigh))), d.mul(n, d.c(halfPiLow)))
  })
  return { rest: [low, high], quadrant: lowWords(graph, bits[0], bits[1]) }
}

/** Sines shifted by `turn` quarters. */
function sineOf(graph: Graph, x: Node, turn: 0 | 1): Node {
  const s = single(graph)
  const { rest, quadrant: found } = reduce(graph, x)
  const quadrant = turn === 0 ? found : s.addBits(found, s.pattern(1))
  const r = narrow(graph, ...rest)
  const z = s.mul(r, r)
  const sine = s.madd(s.mul(r, z), s.poly(z, sineTail), r)
  // 1 - z / 2 with its rounding error
  const half = s.mul(z, s.c(0.5))
  const most = s.sub(s.c(1), half)
  const lost = s.sub(s.sub(s.c(1), most), half)
  const cosine = s.add(most, s.madd(s.mul(z, z), s.poly(z, cosineTail), lost))
  const odd = s.sar(s.shl(quadrant, 31), 31)
  const value = s.where(odd, cosine, sine)
  const signed = s.xor(value, s.and(s.shl(quadrant, 30), s.pattern(-0x80000000)))
  const huge = s.gt(s.abs(x), s.c(largest))
  return graph.rare('f32', huge, signed, hugeSine[turn === 0 ? 'sin' : 'cos'], [x])
}

export function sin(graph: Graph, x: Node): Node {
  const s = single(graph)
  // the polynomial loses the sign of 0
  return s.where(s.eq(x, s.c(0)), x, sineOf(graph, x, 0))
}
export const cos = (graph: Graph, x: Node): Node => sineOf(graph, x, 1)

export function tan(graph: Graph, x: Node): Node {
  const s = single(graph)
  const d = double(graph)
  const { rest, quadrant } = reduce(graph, x)
  const odd = s.sar(s.shl(quadrant, 31), 31)
  const masks = widenMask(graph, odd)
  const values = rest.map((r, i) => {
    const { sine, cosine } = sineAndCosine(d, r)
    return d.div(d.where(masks[i], d.neg(cosine), sine), d.where(masks[i], sine, cosine))
  })
  const huge = s.gt(s.abs(x), s.c(largest))
  return graph.rare('f32', huge, narrow(graph, values[0], values[1]), hugeSine.tan, [x])
}

/** Sine and cosine of doubles in |r| <= π/4, to 2^-43. */
export function sineAndCosine(d: Floats, r: Node): { sine: Node; cosine: Node } {
  const z = d.mul(r, r)
  return { sine: d.mul(r, d.poly(z, sineDouble)), cosine: d.poly(z, cosineDouble) }
}

// atan(z) / z on |z| <= tan(π/8), in z²
const atanRatio = [
  -0.03771328554772174, 0.06977699378998305, -0.08993381237126226, 0.11103554124465834, -0.1428539241498491,
  0.19999993222005583, -0.33333333278740646, 0.9999999999992769,
] // prettier-ignore

/** The angle of doubles (x, y), to 2^-39. */
function angle(d: Floats, y: Node, x: Node): Node {
  const ax = d.abs(x)
  const ay = d.abs(y)
  const least = d.pmin(ax, ay)
  const most = d.pmax(ax, ay)
  // 0 / 0 counts as 0 and inf / inf as 1
  const near = d.where(d.eq(least, d.c(Infinity)), d.c(1), least)
  const far = d.where(d.eq(least, d.c(Infinity)), d.c(1), d.where(d.eq(most, d.c(0)), d.c(1), most))
  const wide = d.gt(near, d.mul(far, d.c(Math.SQRT2 - 1)))
  const z = d.div(d.where(wide, d.sub(near, far), near), d.where(wide, d.add(near, far), far))
  const partial = d.mul(z, d.poly(d.mul(z, z), atanRatio))
  const octant = d.add(partial, d.and(wide, d.c(Math.PI / 4)))
  const quadrant = d.where(d.gt(ay, ax), d.sub(d.c(Math.PI / 2), octant), octant)
  const left = d.lt(d.copysign(d.c(1), x), d.c(0))
  const half = d.copysign(d.where(left, d.sub(d.c(Math.PI), quadrant), quadrant), y)
  const both = d.add(x, y)
  return d.where(d.or(d.ne(x, x), d.ne(y, y)), both, half)
}

export const atan2 = (graph: Graph, y: Node, x: Node): Node => inDouble(graph, [y, x], angle)

export const atan = (graph: Graph, x: Node): Node => inDouble(graph, [x], (d, v) => angle(d, v, d.c(1)))

const leg = (d: Floats, x: Node): Node => d.sqrt(d.mul(d.sub(d.c(1), x), d.add(d.c(1), x)))

export const asin = (graph: Graph, x: Node): Node => inDouble(graph, [x], (d, v) => angle(d, v, leg(d, v)))

export const acos = (graph: Graph, x: Node): Node => inDouble(graph, [x], (d, v) => angle(d, leg(d, v), v))
