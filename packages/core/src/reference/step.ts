import type { TypedArray } from '../base/dtype.ts'
import type { Binary, Expr, Unary } from '../program/expr.ts'
import { castInto, stored } from './cast.ts'
import { binaryOf, binaryOfInt64, compareInt64, unaryOf, unaryOfInt64 } from '../program/scalar.ts'

/** Computes a node's first `n` values from those of its children; `p` is the row-major position of the first. */
export type Step = (p: number, n: number) => void

/** Where the values of a node are. */
export type RegisterOf = (e: Expr) => TypedArray

interface Elements<T> {
  [i: number]: T
}

function map<X, Z>(f: (x: X) => Z, x: Elements<X>, z: Elements<Z>): Step {
  return (_, n) => {
    for (let i = 0; i < n; i++) z[i] = f(x[i])
  }
}

function map2<X, Z>(f: (x: X, y: X) => Z, x: Elements<X>, y: Elements<X>, z: Elements<Z>): Step {
  return (_, n) => {
    for (let i = 0; i < n; i++) z[i] = f(x[i], y[i])
  }
}

type Floats = Float32Array | Float64Array
type Loop = (x: Floats, y: Floats, z: Floats, n: number) => void

// the steps that training spends its time on, without a call per element: three times as fast
const arithmetic: Partial<Record<Binary, Loop>> = {
  add: (x, y, z, n) => {
    for (let i = 0; i < n; i++) z[i] = x[i] + y[i]
  },
  sub: (x, y, z, n) => {
    for (let i = 0; i < n; i++) z[i] = x[i] - y[i]
  },
  mul: (x, y, z, n) => {
    for (let i = 0; i < n; i++) z[i] = x[i] * y[i]
  },
  div: (x, y, z, n) => {
    for (let i = 0; i < n; i++) z[i] = x[i] / y[i]
  },
}

const isFloats = (x: TypedArray): x is Floats => x instanceof Float32Array || x instanceof Float64Array

function select<T>(c: TypedArray, x: Elements<T>, y: Elements<T>, z: Elements<T>): Step {
  return (_, n) => {
    for (let i = 0; i < n; i++) z[i] = c[i] ? x[i] : y[i]
  }
}

const mixed = (e: Expr): never => {
  throw new TypeError(`malformed program: ${e.op} mixes i64 with another type`)
}

/** The step of a node that has children. */
export function stepOf(e: Expr, registerOf: RegisterOf): Step {
  const z = registerOf(e)
  if ('c' in e) return selectStep(e, registerOf(e.c), registerOf(e.x), registerOf(e.y), z)
  if ('y' in e) return binaryStep(e, e.op, registerOf(e.x), registerOf(e.y), z)
  if (!('x' in e)) throw new TypeError(`malformed program: ${e.op} has nothing to compute`)
  const x = registerOf(e.x)
  if (e.op === 'cast') return (_, n) => castInto(e.type, x, z, n)
  if ('to' in e) {
    const convert = stored(e.to, e.x.type)
    return convert ? unaryStep(e, convert, x, z) : (_, n) => castInto(e.type, x, z, n)
  }
  return unaryStep(e, e.op, x, z)
}

function selectStep(e: Expr, c: TypedArray, x: TypedArray, y: TypedArray, z: TypedArray): Step {
  if (x instanceof BigInt64Array) {
    return y instanceof BigInt64Array && z instanceof BigInt64Array ? select(c, x, y, z) : mixed(e)
  }
  return y instanceof BigInt64Array || z instanceof BigInt64Array ? mixed(e) : select(c, x, y, z)
}

function unaryStep(e: Expr, op: Unary | ((x: number) => number), x: TypedArray, z: TypedArray): Step {
  if (x instanceof BigInt64Array) {
    return z instanceof BigInt64Array && typeof op === 'string' ? map(unaryOfInt64(op), x, z) : mixed(e)
  }
  if (z instanceof BigInt64Array || e.type === 'i64') return mixed(e)
  return map(typeof op === 'string' ? unaryOf(op, e.type) : op, x, z)
}

function binaryStep(e: Expr & { x: Expr }, op: Binary, x: TypedArray, y: TypedArray, z: TypedArray): Step {
  if (x instanceof BigInt64Array) {
    if (!(y instanceof BigInt64Array)) return mixed(e)
    return z instanceof BigInt64Array ? map2(binaryOfInt64(op), x, y, z) : map2(compareInt64(op), x, y, z)
  }
  if (y instanceof BigInt64Array || z instanceof BigInt64Array || e.x.type === 'i64') return mixed(e)
  const loop = arithmetic[op]
  if (loop && isFloats(x) && isFloats(y) && isFloats(z)) return (_, n) => loop(x, y, z, n)
  return map2(binaryOf(op, e.x.type), x, y, z)
}
