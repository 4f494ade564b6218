import { f32x4, i32x4, v128 } from '../assembler/index.ts'
import type { Graph, Node } from '../codegen/graph.ts'
import { inDouble, single, type Floats } from './lanes.ts'

const log2e = Math.LOG2E
// ln 2 in two parts: the first has so few bits that multiples up to 2^9 are exact
const ln2High = 0.693145751953125
const ln2Low = 1.428606765330187e-6

// exp(r) on |r| <= ln(2) / 2; from r² up
const expTail = [1.37805939e-3, 8.37312452e-3, 4.16695364e-2, 1.6666472e-1, 4.99999851e-1]

/** `exp(r) - 1` for `x = n ln(2) + r`, and n as the low bits of a float: the caller scales by 2^n. */
function reduced(s: Floats, x: Node): { rest: Node; bits: Node } {
  const magic = s.c(12582912 + 127)
  const bits = s.madd(x, s.c(log2e), magic)
  const n = s.sub(bits, magic)
  const r = s.madd(n, s.c(-ln2Low), s.madd(n, s.c(-ln2High), x))
  return { rest: restOf(s, r), bits }
}

const restOf = (s: Floats, r: Node): Node => s.madd(s.poly(r, expTail), s.mul(r, r), r)

/** `(1 + rest) 2^n`, of bits that hold n + 127. */
function scaled(s: Floats, rest: Node, bits: Node): Node {
  const scale = s.shl(bits, 23)
  return s.madd(scale, rest, scale)
}

/**
 * The same for any x: values from `high` on overflow, and values below `low` vanish. It scales by two factors where 2^n or
 * the result may be subnormal or overflow. That is rare, and in every vector it would take a third of the time.
 */
function scaledAnywhere(
  graph: Graph,
  { x, rest, bits }: { x: Node; rest: Node; bits: Node },
  { usual, low, high }: { usual: number; low: number; high: number },
): Node {
  const s = single(graph)
  // as an integer NaN is beyond all numbers; usual values have the same bits either way
  const beyond = s.subBits(s.c(usual), s.abs(x))
  return graph.seldom('scale', beyond, scaled(s, rest, bits), [x, rest, bits], (f, [value, q, count]) => {
    const n = f.let(i32x4.add(count, i32x4.splat(127)))
    const half = f.let(i32x4.shrU(n, 1))
    const first = f.let(i32x4.shl(half, 23))
    const second = i32x4.shl(i32x4.sub(n, half), 23)
    const power = f32x4.mul(f32x4.add(f32x4.mul(first, q), first), second)
    const finite = v128.bitselect(f32x4.splat(Infinity), power, f32x4.ge(value, f32x4.splat(high)))
    return v128.andnot(finite, f32x4.lt(value, f32x4.splat(low)))
  })
}

/** e^x below 1 ulp over the whole range. */
export function exp(graph: Graph, x: Node): Node {
  const parts = reduced(single(graph), x)
  return scaledAnywhere(graph, { x, ...parts }, { usual: 80, low: -104, high: 89 })
}

/** e^x for -87 < x < 88, without tests for anything else. */
export function expOfModerate(s: Floats, x: Node): Node {
  const { rest, bits } = reduced(s, x)
  return scaled(s, rest, bits)
}

// (r - 1 + exp(-r)) / r², negative, on |r| <= ln(2) / 2
const expm1Tail = [
  1.9914119626440524e-4, -1.3940998816392124e-3, 8.333273138443639e-3, -4.166635477216475e-2, 0.16666666816717637,
  -0.5000000046392272,
] // prettier-ignore

/** 1 - e^-(y + low) for 0 <= y < 87, near 0 too; `low` is the rounding error of y. */
export function oneLessExp(s: Floats, y: Node, low: Node): Node {
  const magic = s.c(12582912)
  const bits = s.madd(y, s.c(-log2e), magic)
  const n = s.sub(bits, magic)
  const r = s.madd(n, s.c(ln2Low), s.madd(n, s.c(ln2High), y))
  const rest = s.add(s.madd(s.mul(r, r), s.poly(r, expm1Tail), low), r)
  const scale = s.shl(s.addBits(bits, s.pattern(127)), 23)
  return s.madd(scale, rest, s.sub(s.c(1), scale))
}

export function exp2(graph: Graph, x: Node): Node {
  const s = single(graph)
  const magic = s.c(12582912 + 127)
  const bits = s.add(x, magic)
  const r = s.mul(s.sub(x, s.sub(bits, magic)), s.c(Math.LN2))
  return scaledAnywhere(graph, { x, rest: restOf(s, r), bits }, { usual: 110, low: -151, high: 129 })
}

// (exp(r) - 1) / r in double precision on |r| <= ln(2) / 2, to 2^-37
const expm1Ratio = [
  2.480155990049988e-5, 1.9907451099046333e-4, 1.38889783502876e-3, 8.33328375155239e-3, 4.166666595132871e-2,
  0.16666666785350923, 0.5000000000120547, 0.9999999999955728,
] // prettier-ignore

/** 2^n and `exp(r) - 1` of doubles, for |x| < 700. */
function doubleParts(d: Floats, x: Node): { scale: Node; rest: Node } {
  const magic = d.c(1.5 * 2 ** 52)
  const bits = d.add(d.mul(x, d.c(log2e)), magic)
  const r = d.sub(x, d.mul(d.sub(bits, magic), d.c(Math.LN2)))
  return { scale: d.shl(d.addBits(bits, d.pattern(1023)), 52), rest: d.mul(r, d.poly(r, expm1Ratio)) }
}

/** e^x of doubles to 2^-36, for |x| < 700. */
export function expDouble(d: Floats, x: Node): Node {
  const { scale, rest } = doubleParts(d, x)
  return d.madd(scale, rest, scale)
}

/** e^x - 1 of doubles to 2^-36, for |x| < 700. */
export function expm1Double(d: Floats, x: Node): Node {
  const { scale, rest } = doubleParts(d, x)
  return d.add(d.mul(scale, rest), d.sub(scale, d.c(1)))
}

/** 2^x of doubles to 2^-36, for |x| < 1000. */
export function exp2Double(d: Floats, x: Node): Node {
  const magic = d.c(1.5 * 2 ** 52)
  const bits = d.add(x, magic)
  const r = d.mul(d.sub(x, d.sub(bits, magic)), d.c(Math.LN2))
  const scale = d.shl(d.addBits(bits, d.pattern(1023)), 52)
  return d.madd(scale, d.mul(r, d.poly(r, expm1Ratio)), scale)
}

const clamped = (d: Floats, x: Node, bound: number): Node => d.pmin(d.pmax(x, d.c(-bound)), d.c(bound))

export function expm1(graph: Graph, x: Node): Node {
  const s = single(graph)
  return s.copysign(
    inDouble(graph, [x], (d, v) => expm1Double(d, clamped(d, v, 200))),
    x,
  )
}

export function sinh(graph: Graph, x: Node): Node {
  const s = single(graph)
  const magnitude = inDouble(graph, [s.abs(x)], (d, v) => {
    const e = expm1Double(d, clamped(d, v, 200))
    return d.mul(d.c(0.5), d.add(e, d.div(e, d.add(e, d.c(1)))))
  })
  return s.copysign(magnitude, x)
}

export function cosh(graph: Graph, x: Node): Node {
  return inDouble(graph, [single(graph).abs(x)], (d, v) => {
    const e = expDouble(d, clamped(d, v, 200))
    return d.mul(d.c(0.5), d.add(e, d.div(d.c(1), e)))
  })
}

// (tanh(x) / x - 1) / x² on |x| <= 0.625, in x²
const tanhSmall = [-0.005717044511005504, 0.02065058678426525, -0.053743497915930714, 0.13331491284917757, -0.3333328392520576] // prettier-ignore

export function tanh(graph: Graph, x: Node): Node {
  const s = single(graph)
  const magnitude = s.abs(x)
  const square = s.mul(x, x)
  const small = s.madd(s.mul(x, square), s.poly(square, tanhSmall), x)
  const twice = s.pmin(s.add(magnitude, magnitude), s.c(20))
  const large = s.sub(s.c(1), s.div(s.c(2), s.add(expOfModerate(s, twice), s.c(1))))
  // NaN is small: the other value has lost it
  return s.copysign(s.where(s.ge(magnitude, s.c(0.625)), large, small), x)
}
