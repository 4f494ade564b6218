import type { DType, Num } from '../base/dtype.ts'

/** Functions of one number. `round` is half to even; `not` is logical on bool and bitwise on integers. */
export type Unary =
  | 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'trunc' | 'round' | 'not'
  | 'sqrt' | 'rsqrt' | 'exp' | 'exp2' | 'expm1' | 'log' | 'log2' | 'log10' | 'log1p'
  | 'sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'asinh' | 'acosh' | 'atanh'
  | 'erf' | 'erfc' | 'erfinv' | 'lgamma' | 'digamma' // prettier-ignore

/**
 * Functions of two numbers. `max` and `min` propagate NaN, `fmax` and `fmin` prefer the number.
 * `remainder` takes the sign of the divisor, `fmod` of the dividend; `floordiv` rounds towards minus infinity.
 * `and`, `or`, `xor` are logical on bool and bitwise on integers. Comparisons give bool; the rest gives the operands' type.
 */
export type Binary =
  | 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'remainder' | 'fmod' | 'floordiv' | 'atan2'
  | 'max' | 'min' | 'fmax' | 'fmin'
  | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'
  | 'and' | 'or' | 'xor' | 'shl' | 'shr' // prettier-ignore

/** An axis of the iteration, in logical order. `flat` is the row-major position over all axes of its group. */
export interface Axis {
  of: 'outer' | 'inner'
  axis: number | 'flat'
}

/** A node of a formula. Nodes are interned: equal formulas are the same object. */
export type Expr = ExprNode & {
  /** The number type that the node is computed in. */
  readonly type: Num
  /** Unique per node. A node has a higher id than its children. */
  readonly id: number
}

type ExprNode =
  | { readonly op: 'input' | 'param' | 'reduced'; readonly i: number }
  | { readonly op: 'const'; readonly value: number | bigint }
  | { readonly op: 'index' | 'size'; readonly of: Axis }
  | { readonly op: Unary; readonly x: Expr }
  | { readonly op: Binary; readonly x: Expr; readonly y: Expr }
  | { readonly op: 'where'; readonly c: Expr; readonly x: Expr; readonly y: Expr }
  | { readonly op: 'cast'; readonly x: Expr }
  /** The value that storing to `to` and loading again would give. */
  | { readonly op: 'round'; readonly to: DType; readonly x: Expr }

const unaries: ReadonlySet<string> = new Set<Unary>([
  'neg', 'abs', 'sign', 'floor', 'ceil', 'trunc', 'round', 'not', 'sqrt', 'rsqrt', 'exp', 'exp2', 'expm1', 'log', 'log2',
  'log10', 'log1p', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'erf',
  'erfc', 'erfinv', 'lgamma', 'digamma',
]) // prettier-ignore
const comparisons: ReadonlySet<string> = new Set<Binary>(['eq', 'ne', 'lt', 'le', 'gt', 'ge'])

/** Whether a binary function answers with bool. */
export const isComparison = (op: string): boolean => comparisons.has(op)

/** A formula's node narrowed to the shape it has: a function of one, of two, or neither. */
export function arity(e: Expr): 0 | 1 | 2 | 3 {
  if ('c' in e) return 3
  if ('y' in e) return 2
  return 'x' in e ? 1 : 0
}

/** The children of a node, in order. */
export function children(e: Expr): Expr[] {
  if ('c' in e) return [e.c, e.x, e.y]
  if ('y' in e) return [e.x, e.y]
  return 'x' in e ? [e.x] : []
}

const table = new Map<string, Expr>()

function intern(key: string, node: ExprNode, type: Num): Expr {
  let e = table.get(key)
  if (!e) table.set(key, (e = Object.freeze({ ...node, type, id: table.size })))
  return e
}

/** The element of operand `i` at the current position. */
export const input = (i: number, type: Num): Expr => intern(`input ${i} ${type}`, { op: 'input', i }, type)
/** A number given at each call: learning rates, scalars, counts. */
export const param = (i: number, type: Num): Expr => intern(`param ${i} ${type}`, { op: 'param', i }, type)
/** The result of reduction `i`. */
export const reduced = (i: number, type: Num): Expr =>
  intern(`reduced ${i} ${type}`, { op: 'reduced', i }, type)
/** A literal of an op's own text. A number that a caller chose is a {@link param}. */
export function constant(value: number | bigint, type: Num): Expr {
  const v = type === 'i64' ? BigInt(value) : Number(value)
  return intern(`const ${Object.is(v, -0) ? '-0' : v} ${type}`, { op: 'const', value: v }, type)
}
/** The position along an axis, as i32. An axis that is asked for is never merged or flipped. */
export const index = (of: Axis): Expr => intern(`index ${of.of} ${of.axis}`, { op: 'index', of }, 'i32')
/** The length of an axis, as i32. */
export const size = (of: Axis): Expr => intern(`size ${of.of} ${of.axis}`, { op: 'size', of }, 'i32')

/** `op(x)`, in the type of `x`. */
export function unary(op: Unary, x: Expr): Expr {
  return intern(`${op} ${x.id}`, { op, x }, x.type)
}

/** `op(x, y)` on operands of one type. */
export function binary(op: Binary, x: Expr, y: Expr): Expr {
  if (x.type !== y.type) throw new TypeError(`${op} of ${x.type} and ${y.type}: cast one of them first`)
  return intern(`${op} ${x.id} ${y.id}`, { op, x, y }, isComparison(op) ? 'bool' : x.type)
}

/** `c ? x : y`, without touching the other branch's value: its derivative is `where` too, never a 0/1 mask. */
export function select(c: Expr, x: Expr, y: Expr): Expr {
  if (x.type !== y.type) throw new TypeError(`where of ${x.type} and ${y.type}: cast one of them first`)
  if (c.type !== 'bool') throw new TypeError(`the condition of where is bool, not ${c.type}`)
  return x === y ? x : intern(`where ${c.id} ${x.id} ${y.id}`, { op: 'where', c, x, y }, x.type)
}

/** `x` as another number type: towards zero to integers, `x !== 0` to bool. */
export function convert(x: Expr, type: Num): Expr {
  if (x.type === type) return x
  if (x.op === 'const' && type !== 'bool') {
    if (type === 'f32' || type === 'f64') return constant(Number(x.value), type)
  }
  return intern(`cast ${x.id} ${type}`, { op: 'cast', x }, type)
}

/** `x` rounded or wrapped as if stored to `to`: kept when programs are fused across an op's border. */
export function roundTo(x: Expr, to: DType): Expr {
  return intern(`round ${x.id} ${to}`, { op: 'round', to, x }, x.type)
}

/** A node with other children: the one place that rebuilds formulas. */
export function rebuild(e: Expr, f: (child: Expr) => Expr): Expr {
  if ('c' in e) return select(f(e.c), f(e.x), f(e.y))
  if ('y' in e) return binary(e.op, f(e.x), f(e.y))
  if (!('x' in e)) return e
  const x = f(e.x)
  if (e.op === 'cast') return convert(x, e.type)
  if ('to' in e) return roundTo(x, e.to)
  return unary(e.op, x)
}

/** Whether `op` is a function of one number. */
export const isUnary = (op: string): op is Unary => unaries.has(op)

/**
 * A formula with some nodes replaced: fusion of programs is this.
 *
 * @param replace - the replacement of a node, or undefined to keep it and look inside
 */
export function substitute(e: Expr, replace: (e: Expr) => Expr | undefined): Expr {
  const done = new Map<Expr, Expr>()
  const visit = (node: Expr): Expr => {
    let result = done.get(node)
    if (!result) {
      result = replace(node) ?? rebuild(node, visit)
      done.set(node, result)
    }
    return result
  }
  return visit(e)
}

/** Every node of the formulas once, each after its children. */
export function nodesOf(roots: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>()
  const order: Expr[] = []
  const visit = (e: Expr): void => {
    if (seen.has(e)) return
    seen.add(e)
    for (const child of children(e)) visit(child)
    order.push(e)
  }
  for (const root of roots) visit(root)
  return order
}
