import { i32x4 } from '../assembler/index.ts'
import type { Graph, Node } from '../codegen/graph.ts'
import { exp2Double } from './exponential.ts'
import { inDouble, single } from './lanes.ts'
import { log2Double } from './logarithm.ts'

/**
 * x to the power y, with the special cases of IEEE 754: 1 where y is 0 or x is 1, NaN for a negative x to a power that is no
 * integer.
 */
export function pow(graph: Graph, x: Node, y: Node): Node {
  const s = single(graph)
  const magnitude = s.abs(x)
  const usual = inDouble(graph, [magnitude, y], (d, a, b) => {
    const exponent = d.mul(b, log2Double(d, a))
    return exp2Double(d, d.pmin(d.pmax(exponent, d.c(-1000)), d.c(1000)))
  })
  // the logarithm of 0 and infinity is infinite
  const zero = s.eq(magnitude, s.c(0))
  const infinite = s.eq(magnitude, s.c(Infinity))
  const grows = s.xor(zero, s.gt(y, s.c(0)))
  const extreme = s.and(grows, s.c(Infinity))
  const unit = s.and(s.eq(magnitude, s.c(1)), s.eq(y, y))
  const size = s.where(unit, s.c(1), s.where(s.and(s.or(zero, infinite), s.eq(y, y)), extreme, usual))
  const whole = s.eq(s.trunc(y), y)
  const small = s.lt(s.abs(y), s.c(2 ** 24))
  const odd = s.shl(graph.op(i32x4.truncSatF32x4S, y), 31)
  const negative = s.and(s.and(s.and(whole, small), odd), x)
  const signed = s.or(size, s.and(negative, s.pattern(-0x80000000)))
  const noPower = s.and(s.and(s.lt(x, s.c(0)), s.gt(x, s.c(-Infinity))), s.and(s.not(whole), s.eq(y, y)))
  const value = s.where(s.or(noPower, s.or(s.ne(x, x), s.ne(y, y))), s.c(NaN), signed)
  return s.where(s.or(s.eq(y, s.c(0)), s.eq(x, s.c(1))), s.c(1), value)
}
