import type { Graph, Node } from '../codegen/graph.ts'
import { inDouble, single, type Floats } from './lanes.ts'

// 2 atanh(s) / s in s², on m in [√½, √2] where s = (m - 1) / (m + 1): to 2^-45 and to 2^-66
const ratio = [0.19609083398327037, 0.22174177260845465, 0.2857216801572284, 0.3999999487219401, 0.6666666667965141, 1.9999999999999467] // prettier-ignore
const fineRatio = [
  0.1326286005607172, 0.13248674053935217, 0.15387165183049947, 0.18181773632037124, 0.22222222678391038,
  0.2857142856880818, 0.40000000000007535, 0.6666666666666666, 2,
] // prettier-ignore

const rootHalf = 0x3fe6a09e667f3bcdn

/** x = 2^k m with m in [√½, √2), for normal positive doubles. */
function parts(d: Floats, x: Node): { k: Node; m: Node } {
  const above = d.subBits(x, d.pattern(rootHalf))
  const exponent = d.shr(d.addBits(above, d.pattern(1024n << 52n)), 52)
  // an integer below 2^52 becomes a double as the mantissa of 2^52
  const k = d.sub(d.or(exponent, d.pattern(0x433n << 52n)), d.c(2 ** 52 + 1024))
  const m = d.addBits(d.and(above, d.pattern((1n << 52n) - 1n)), d.pattern(rootHalf))
  return { k, m }
}

// log(1 + f)
function logOnePlus(d: Floats, f: Node, coefficients: readonly number[]): Node {
  const s = d.div(f, d.add(f, d.c(2)))
  return d.mul(s, d.poly(d.mul(s, s), coefficients))
}

/** log(x) of normal positive doubles, to 2^-45 or, if `fine`, to the last bits. */
export function logDouble(d: Floats, x: Node, fine = false): Node {
  const { k, m } = parts(d, x)
  return d.madd(k, d.c(Math.LN2), logOnePlus(d, d.sub(m, d.c(1)), fine ? fineRatio : ratio))
}

/** log2(x) of normal positive doubles; exact for powers of two. */
export function log2Double(d: Floats, x: Node): Node {
  const { k, m } = parts(d, x)
  return d.madd(logOnePlus(d, d.sub(m, d.c(1)), ratio), d.c(Math.LOG2E), k)
}

/** log(1 + x) of doubles above -1. */
export function log1pDouble(d: Floats, x: Node): Node {
  const { k, m } = parts(d, d.add(d.c(1), x))
  const f = d.where(d.eq(k, d.c(0)), x, d.sub(m, d.c(1)))
  return d.madd(k, d.c(Math.LN2), logOnePlus(d, f, ratio))
}

/** A logarithm where its argument is 0, negative, infinite or NaN. */
function withLimits(s: Floats, x: Node, value: Node): Node {
  const usual = s.and(s.gt(x, s.c(0)), s.lt(x, s.c(Infinity)))
  const negative = s.where(s.lt(x, s.c(0)), s.c(NaN), x)
  return s.where(usual, value, s.where(s.eq(x, s.c(0)), s.c(-Infinity), negative))
}

export function log(graph: Graph, x: Node): Node {
  return withLimits(
    single(graph),
    x,
    inDouble(graph, [x], (d, v) => logDouble(d, v)),
  )
}

export function log2(graph: Graph, x: Node): Node {
  return withLimits(single(graph), x, inDouble(graph, [x], log2Double))
}

export function log10(graph: Graph, x: Node): Node {
  const value = inDouble(graph, [x], (d, v) => d.mul(logDouble(d, v), d.c(Math.LOG10E)))
  return withLimits(single(graph), x, value)
}

export function log1p(graph: Graph, x: Node): Node {
  const s = single(graph)
  return withLimits(s, s.add(x, s.c(1)), s.copysign(inDouble(graph, [x], log1pDouble), x))
}

export function asinh(graph: Graph, x: Node): Node {
  const s = single(graph)
  const magnitude = s.abs(x)
  const value = inDouble(graph, [magnitude], (d, v) => {
    const square = d.mul(v, v)
    return log1pDouble(d, d.add(v, d.div(square, d.add(d.c(1), d.sqrt(d.add(square, d.c(1)))))))
  })
  return s.where(s.lt(magnitude, s.c(Infinity)), s.copysign(value, x), x)
}

export function acosh(graph: Graph, x: Node): Node {
  const s = single(graph)
  const value = inDouble(graph, [x], (d, v) => {
    const t = d.sub(v, d.c(1))
    return log1pDouble(d, d.add(t, d.sqrt(d.mul(t, d.add(t, d.c(2))))))
  })
  const usual = s.and(s.ge(x, s.c(1)), s.lt(x, s.c(Infinity)))
  return s.where(usual, value, s.where(s.lt(x, s.c(1)), s.c(NaN), x))
}

export function atanh(graph: Graph, x: Node): Node {
  const s = single(graph)
  const magnitude = s.abs(x)
  const value = inDouble(graph, [magnitude], (d, v) =>
    d.mul(d.c(0.5), log1pDouble(d, d.div(d.add(v, v), d.sub(d.c(1), v)))),
  )
  const limit = s.where(s.eq(magnitude, s.c(1)), s.c(Infinity), s.c(NaN))
  return s.copysign(s.where(s.lt(magnitude, s.c(1)), value, limit), x)
}
