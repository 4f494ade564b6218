import type { Graph, Node } from '../codegen/graph.ts'
import { expDouble, expOfModerate } from './exponential.ts'
import { inDouble, single } from './lanes.ts'
import { logDouble } from './logarithm.ts'

// erf(x) / x - 1 on |x| <= 0.93, in x²
const erfSmall = [
  8.345225583980572e-5, -8.137437743488575e-4, 5.200634323486828e-3, -2.685927079220548e-2, 0.11283693942297689,
  -0.3761263369711706, 0.12837916664232887,
] // prettier-ignore
// -log(1 - erf(x)) / x on [0.9, 3.95]
const erfLarge = [
  5.297050318260605e-6, -4.9941048435518524e-5, -2.7432367242693034e-5, 2.8691135557039377e-3, -2.2575604267916063e-2,
  0.10516948464021852, 0.635673154882908, 1.128541437782697,
] // prettier-ignore

export function erf(graph: Graph, x: Node): Node {
  const s = single(graph)
  const magnitude = s.abs(x)
  const square = s.mul(x, x)
  const small = s.madd(x, s.poly(square, erfSmall), x)
  const t = s.pmin(magnitude, s.c(3.95))
  const large = s.sub(s.c(1), expOfModerate(s, s.neg(s.mul(t, s.poly(t, erfLarge)))))
  // NaN is small: the other value has lost it
  return s.where(s.ge(magnitude, s.c(0.92)), s.copysign(large, x), small)
}

// exp(t²) (1 - erf(t)) (1 + 2 t) on [0, 10.1], in (t - 3) / (t + 3)
const erfcx = [
  3.324271491742219e-5, 1.2712878880169522e-4, -1.2639401819599527e-4, -7.901224607104343e-4, 1.8940297633093833e-3,
  2.5335072375518497e-3, -2.3770996369007754e-2, 6.830738187203102e-2, -0.11927365838366709, 0.12964519970558436,
  -4.756229372867952e-2, -0.13562110686646256, 1.2530080582653815,
] // prettier-ignore

export function erfc(graph: Graph, x: Node): Node {
  return inDouble(graph, [x], (d, v) => {
    const t = d.pmin(d.abs(v), d.c(10.1))
    const w = d.div(d.sub(t, d.c(3)), d.add(t, d.c(3)))
    const ratio = d.div(d.poly(w, erfcx), d.add(d.add(t, t), d.c(1)))
    const tail = d.mul(ratio, expDouble(d, d.neg(d.mul(t, t))))
    return d.where(d.lt(v, d.c(0)), d.sub(d.c(2), tail), tail)
  })
}

// erfinv(x) / x, in w = -log(1 - x²): by w - 3.125 below 6.25, and by √w - 3.25 above
const erfinvCentre = [
  -1.3092452722028307e-11, 5.29972932942623e-12, 1.0516942093204114e-9, -4.742303499925942e-9, -2.9127438655371144e-8,
  4.2688305367811703e-7, -1.364966556969408e-6, -1.3891704477313481e-5, 1.8673269685571988e-4, -7.406917956348934e-4,
  -6.033669381320805e-3, 0.24015817882093007, 1.6536545624577115,
] // prettier-ignore
const erfinvTail = [
  -3.817052727893365e-5, 8.194297990418527e-5, 1.6469646957724532e-5, -3.618740401213632e-4, 9.559751773350081e-4,
  -1.6866539785087258e-3, 2.4910248324105317e-3, -3.7513715726181242e-3, 5.3709376903318794e-3, 1.0052589723797432,
  3.0838856102897254,
] // prettier-ignore

export function erfinv(graph: Graph, x: Node): Node {
  const s = single(graph)
  const value = inDouble(graph, [x], (d, v) => {
    const w = d.neg(logDouble(d, d.mul(d.sub(d.c(1), v), d.add(d.c(1), v))))
    const centre = d.poly(d.sub(w, d.c(3.125)), erfinvCentre)
    const tail = d.poly(d.sub(d.sqrt(w), d.c(3.25)), erfinvTail)
    return d.mul(v, d.where(d.lt(w, d.c(6.25)), centre, tail))
  })
  const magnitude = s.abs(x)
  const limit = s.copysign(s.where(s.eq(magnitude, s.c(1)), s.c(Infinity), s.c(NaN)), x)
  return s.where(s.lt(magnitude, s.c(1)), value, limit)
}
