import { nodesOf, convert, type Expr, type Unary, type Binary } from './expr.ts'
import * as f from './formula.ts'
import { trigamma } from './functions.ts'

/** Gradients for the operands of a node, given the node and the gradient of its value; null where none flows. */
type Rule1 = (g: Expr, x: Expr, out: Expr) => Expr | null
type Rule2 = readonly [
  (g: Expr, x: Expr, y: Expr, out: Expr) => Expr | null,
  (g: Expr, x: Expr, y: Expr, out: Expr) => Expr | null,
]

const zero = (g: Expr): Expr => f.literal(0, g.type)
const none = (): null => null

// PyTorch's derivatives.yaml, in its stable forms
const unaryRules: Record<Unary, Rule1> = {
  neg: (g) => f.neg(g),
  abs: (g, x) => f.mul(g, f.sign(x)),
  sign: zero,
  floor: zero,
  ceil: zero,
  trunc: zero,
  round: zero,
  not: none,
  sqrt: (g, _, out) => f.div(g, f.mul(out, 2)),
  rsqrt: (g, _, out) => f.mul(f.mul(g, -0.5), f.mul(out, f.square(out))),
  exp: (g, _, out) => f.mul(g, out),
  exp2: (g, _, out) => f.mul(f.mul(g, out), Math.LN2),
  expm1: (g, _, out) => f.mul(g, f.add(out, 1)),
  log: (g, x) => f.div(g, x),
  log2: (g, x) => f.div(g, f.mul(x, Math.LN2)),
  log10: (g, x) => f.div(g, f.mul(x, Math.LN10)),
  log1p: (g, x) => f.div(g, f.add(x, 1)),
  sin: (g, x) => f.mul(g, f.cos(x)),
  cos: (g, x) => f.neg(f.mul(g, f.sin(x))),
  tan: (g, _, out) => f.mul(g, f.add(f.square(out), 1)),
  asin: (g, x) => f.mul(g, f.rsqrt(f.sub(1, f.square(x)))),
  acos: (g, x) => f.neg(f.mul(g, f.rsqrt(f.sub(1, f.square(x))))),
  atan: (g, x) => f.div(g, f.add(f.square(x), 1)),
  sinh: (g, x) => f.mul(g, f.cosh(x)),
  cosh: (g, x) => f.mul(g, f.sinh(x)),
  tanh: (g, _, out) => f.mul(g, f.sub(1, f.square(out))),
  asinh: (g, x) => f.mul(g, f.rsqrt(f.add(f.square(x), 1))),
  acosh: (g, x) => f.mul(g, f.rsqrt(f.sub(f.square(x), 1))),
  atanh: (g, x) => f.div(g, f.sub(1, f.square(x))),
  erf: (g, x) => f.mul(f.mul(g, 2 / Math.sqrt(Math.PI)), f.exp(f.neg(f.square(x)))),
  erfc: (g, x) => f.mul(f.mul(g, -2 / Math.sqrt(Math.PI)), f.exp(f.neg(f.square(x)))),
  erfinv: (g, _, out) => f.mul(f.mul(g, Math.sqrt(Math.PI) / 2), f.exp(f.square(out))),
  lgamma: (g, x) => f.mul(g, f.digamma(x)),
  digamma: (g, x) => f.mul(g, trigamma(x)),
}

const squares = (x: Expr, y: Expr): Expr => f.add(f.square(x), f.square(y))

const bothNone: Rule2 = [none, none]
const binaryRules: Record<Binary, Rule2> = {
  add: [(g) => g, (g) => g],
  sub: [(g) => g, (g) => f.neg(g)],
  mul: [(g, _, y) => f.mul(g, y), (g, x) => f.mul(g, x)],
  // -(x / y) / y rather than -x / (y * y), which overflows first
  div: [(g, _, y) => f.div(g, y), (g, _, y, out) => f.mul(f.neg(g), f.div(out, y))],
  pow: [
    (g, x, y) => f.where(f.eq(y, 0), 0, f.mul(g, f.mul(y, f.pow(x, f.sub(y, 1))))),
    (g, x, y, out) => f.mul(g, f.where(f.and(f.eq(x, 0), f.ge(y, 0)), 0, f.mul(out, f.log(x)))),
  ],
  remainder: [(g) => g, (g, x, y) => f.neg(f.mul(g, f.floor(f.div(x, y))))],
  fmod: [(g) => g, (g, x, y) => f.neg(f.mul(g, f.trunc(f.div(x, y))))],
  floordiv: [zero, zero],
  // 0 at the origin, where there is no angle
  atan2: [
    (g, x, y) => f.where(f.eq(squares(x, y), 0), 0, f.mul(g, f.div(y, squares(x, y)))),
    (g, x, y) => f.where(f.eq(squares(x, y), 0), 0, f.mul(g, f.div(f.neg(x), squares(x, y)))),
  ],
  // ties share the gradient
  max: [
    (g, x, y) => f.where(f.eq(x, y), f.mul(g, 0.5), f.where(f.lt(x, y), 0, g)),
    (g, x, y) => f.where(f.eq(x, y), f.mul(g, 0.5), f.where(f.lt(y, x), 0, g)),
  ],
  min: [
    (g, x, y) => f.where(f.eq(x, y), f.mul(g, 0.5), f.where(f.gt(x, y), 0, g)),
    (g, x, y) => f.where(f.eq(x, y), f.mul(g, 0.5), f.where(f.gt(y, x), 0, g)),
  ],
  fmax: [
    (g, x, y) => f.where(f.or(f.ge(x, y), f.isNaN(y)), g, 0),
    (g, x, y) => f.where(f.or(f.ge(x, y), f.isNaN(y)), 0, g),
  ],
  fmin: [
    (g, x, y) => f.where(f.or(f.le(x, y), f.isNaN(y)), g, 0),
    (g, x, y) => f.where(f.or(f.le(x, y), f.isNaN(y)), 0, g),
  ],
  eq: bothNone,
  ne: bothNone,
  lt: bothNone,
  le: bothNone,
  gt: bothNone,
  ge: bothNone,
  and: bothNone,
  or: bothNone,
  xor: bothNone,
  shl: bothNone,
  shr: bothNone,
}

const isReal = (e: Expr): boolean => e.type === 'f32' || e.type === 'f64'

/**
 * The gradient of a formula with respect to some of its nodes, as formulas: reverse mode, over symbols.
 *
 * @param g - gradient of the root's value
 * @param wrt - nodes, usually inputs
 * @returns null where nothing flows
 */
export function gradient(root: Expr, g: Expr, wrt: readonly Expr[]): (Expr | null)[] {
  const adjoint = new Map<Expr, Expr>([[root, g]])
  const flow = (to: Expr, value: Expr | null): void => {
    if (value === null || !isReal(to)) return
    const sum = adjoint.get(to)
    adjoint.set(to, sum ? f.add(sum, value) : value)
  }
  for (const e of nodesOf([root]).reverse()) {
    const at = adjoint.get(e)
    if (!at || wrt.includes(e)) continue
    if ('c' in e) {
      flow(e.x, f.where(e.c, at, 0))
      flow(e.y, f.where(e.c, 0, at))
    } else if ('y' in e) {
      const [x, y] = binaryRules[e.op]
      if (isReal(e.x)) flow(e.x, x(at, e.x, e.y, e))
      if (isReal(e.y)) flow(e.y, y(at, e.x, e.y, e))
    } else if ('x' in e) {
      if (e.op === 'cast') flow(e.x, isReal(e.x) ? convert(at, e.x.type) : null)
      else if ('to' in e) flow(e.x, at)
      else if (isReal(e.x)) flow(e.x, unaryRules[e.op](at, e.x, e))
    }
  }
  return wrt.map((e) => adjoint.get(e) ?? null)
}
