import { binaryOf, isUnary, unaryOf, type Binary } from '@gradus/core/backend'
import { erf, erfc, erfinv, normalDistribution } from '../math/error-function.ts'
import { cosh, exp, exp2, expm1, sinh, tanh } from '../math/exponential.ts'
import { digamma, lgamma } from '../math/gamma.ts'
import { acosh, asinh, atanh, log, log10, log1p, log2 } from '../math/logarithm.ts'
import { pow } from '../math/power.ts'
import { acos, asin, atan, atan2, cos, sin, tan } from '../math/trigonometric.ts'
import type { Part } from './part.ts'

/** exp, exp2, expm1, sinh, cosh, tanh; and so sigmoid, softmax and their kin. */
export const exponentials: Part = {
  name: 'exponentials',
  functions: { unary: { exp, exp2, expm1, sinh, cosh, tanh } },
}

/** log, log2, log10, log1p, asinh, acosh, atanh; and so cross entropy. */
export const logarithms: Part = {
  name: 'logarithms',
  functions: { unary: { log, log2, log10, log1p, asinh, acosh, atanh } },
}

/** sin, cos, tan, asin, acos, atan, atan2. */
export const trigonometry: Part = {
  name: 'trigonometry',
  functions: { unary: { sin, cos, tan, asin, acos, atan }, binary: { atan2 } },
}

/** erf, erfc, erfinv; and so GELU. */
export const errorFunctions: Part = {
  name: 'errorFunctions',
  functions: { unary: { erf, erfc, erfinv }, normalDistribution },
}

/** lgamma, digamma. */
export const gammaFunctions: Part = { name: 'gammaFunctions', functions: { unary: { lgamma, digamma } } }

/** Powers that are no small whole number. */
export const powers: Part = { name: 'powers', functions: { binary: { pow } } }

/** All of these functions for float64. */
export const doubleFunctions: Part = {
  name: 'doubleFunctions',
  functions: {
    ofDoubles: (name) =>
      // imports are named after the primitives they compute: a name that is no function of one number is a function of two
      isUnary(name) ? unaryOf(name, 'f64') : binaryOf(name as Binary, 'f64'),
  },
}
