import type { Binary, Unary } from '@gradus/core/backend'
import type { Graph, Node } from '../codegen/graph.ts'
import { erf, erfc, erfinv } from './error-function.ts'
import { cosh, exp, exp2, expm1, sinh, tanh } from './exponential.ts'
import { digamma, lgamma } from './gamma.ts'
import { acosh, asinh, atanh, log, log10, log1p, log2 } from './logarithm.ts'
import { pow } from './power.ts'
import { acos, asin, atan, atan2, cos, sin, tan } from './trigonometric.ts'

type Exact = 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'trunc' | 'round' | 'not' | 'sqrt' | 'rsqrt'

/** The functions of four singles that take more than an instruction or two. */
export const singleUnary: Record<Exclude<Unary, Exact>, (graph: Graph, x: Node) => Node> = {
  exp,
  exp2,
  expm1,
  log,
  log2,
  log10,
  log1p,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  erf,
  erfc,
  erfinv,
  lgamma,
  digamma,
}

/** The functions of two vectors of four singles that take more than an instruction or two. */
export const singleBinary: Record<
  Extract<Binary, 'pow' | 'atan2'>,
  (graph: Graph, x: Node, y: Node) => Node
> = {
  pow,
  atan2,
}
