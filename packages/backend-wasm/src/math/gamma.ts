import type { Graph, Node } from '../codegen/graph.ts'
import { inDouble, single, type Floats } from './lanes.ts'
import { logDouble } from './logarithm.ts'
import { sineAndCosine } from './trigonometric.ts'

// Stirling's series in 1 / y², and that of its derivative: B(2k) / (2k (2k - 1)) and B(2k) / 2k, the highest first
const stirling = [-3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12]
const derivative = [1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12]

/** |sin(πx)| and cos(πx) times the sign of sin(πx), from x less the nearest integer. */
function halfTurn(d: Floats, x: Node): { sine: Node; cosine: Node } {
  const r = d.sub(x, d.nearest(x))
  const magnitude = d.abs(r)
  const beyond = d.gt(magnitude, d.c(0.25))
  const inner = d.mul(d.where(beyond, d.sub(d.c(0.5), magnitude), magnitude), d.c(Math.PI))
  const { sine, cosine } = sineAndCosine(d, inner)
  return { sine: d.where(beyond, cosine, sine), cosine: d.copysign(d.where(beyond, sine, cosine), r) }
}

/** For x below 8 the product x (x + 1) … (x + 7), its derivative, and x + 8; else 1, 0 and x. */
function shifted(d: Floats, x: Node): { product: Node; slope: Node; y: Node } {
  let product = x
  let slope = d.c(1)
  for (let i = 1; i < 8; i++) {
    const factor = d.add(x, d.c(i))
    slope = d.add(d.mul(slope, factor), product)
    product = d.mul(product, factor)
  }
  const low = d.lt(x, d.c(8))
  return {
    product: d.where(low, product, d.c(1)),
    slope: d.and(low, slope),
    y: d.where(low, d.add(x, d.c(8)), x),
  }
}

export function lgamma(graph: Graph, x: Node): Node {
  const s = single(graph)
  const value = inDouble(graph, [x], (d, v) => {
    const reflect = d.lt(v, d.c(0))
    const { product, y } = shifted(d, d.where(reflect, d.sub(d.c(1), v), v))
    const z = d.div(d.c(1), y)
    const series = d.mul(z, d.poly(d.mul(z, z), stirling))
    const smooth = d.add(
      d.sub(d.mul(d.sub(y, d.c(0.5)), logDouble(d, y, true)), y),
      d.c(0.5 * Math.log(2 * Math.PI)),
    )
    const large = d.add(smooth, series)
    const reflected = d.div(d.mul(product, d.c(Math.PI)), halfTurn(d, v).sine)
    const rest = logDouble(d, d.where(reflect, reflected, product), true)
    return d.where(reflect, d.sub(rest, large), d.sub(large, rest))
  })
  const pole = s.and(s.le(x, s.c(0)), s.eq(s.floor(x), x))
  const limit = s.or(pole, s.eq(s.abs(x), s.c(Infinity)))
  const root = s.or(s.eq(x, s.c(1)), s.eq(x, s.c(2)))
  return s.where(s.ne(x, x), x, s.where(limit, s.c(Infinity), s.andnot(value, root)))
}

export function digamma(graph: Graph, x: Node): Node {
  const s = single(graph)
  const value = inDouble(graph, [x], (d, v) => {
    const reflect = d.lt(v, d.c(0))
    const { product, slope, y } = shifted(d, d.where(reflect, d.sub(d.c(1), v), v))
    const z = d.div(d.c(1), y)
    const square = d.mul(z, z)
    const smooth = d.sub(
      logDouble(d, y, true),
      d.madd(z, d.c(0.5), d.mul(square, d.poly(square, derivative))),
    )
    const above = d.sub(smooth, d.div(slope, product))
    const { sine, cosine } = halfTurn(d, v)
    return d.where(reflect, d.sub(above, d.div(d.mul(d.c(Math.PI), cosine), sine)), above)
  })
  const pole = s.and(s.lt(x, s.c(0)), s.eq(s.floor(x), x))
  const atZero = s.where(s.eq(x, s.c(0)), s.div(s.c(-1), x), s.where(pole, s.c(NaN), value))
  const finite = s.lt(s.abs(x), s.c(Infinity))
  return s.where(finite, atZero, s.where(s.eq(x, s.c(Infinity)), x, s.c(NaN)))
}
