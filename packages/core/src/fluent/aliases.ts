// Written by scripts/methods.mjs: other names that PyTorch has for functions, from scripts/aliases.json.
export {
  abs as absolute,
  abs_ as absolute_,
  trunc as fix,
  trunc_ as fix_,
  neg as negative,
  neg_ as negative_,
  sign as sgn,
  sign_ as sgn_,
} from '../ops/elementwise/unary.ts'
export {
  acos as arccos,
  acos_ as arccos_,
  acosh as arccosh,
  acosh_ as arccosh_,
  asin as arcsin,
  asin_ as arcsin_,
  asinh as arcsinh,
  asinh_ as arcsinh_,
  atan as arctan,
  atan_ as arctan_,
  atanh as arctanh,
  atanh_ as arctanh_,
} from '../ops/elementwise/trigonometry.ts'
export { atan2 as arctan2, atan2_ as arctan2_ } from '../ops/elementwise/binary.ts'
export { clamp as clip, clamp_ as clip_ } from '../ops/elementwise/ternary.ts'
export { cat as concatenate, vstack as rowStack } from '../ops/shape/join.ts'
export {
  div as divide,
  div_ as divide_,
  mul as multiply,
  mul_ as multiply_,
  sub as subtract,
  sub_ as subtract_,
  div as trueDivide,
  div_ as trueDivide_,
} from '../ops/elementwise/arithmetic.ts'
export { outer as ger } from '../ops/linalg/matrix-products.ts'
export {
  gt as greater,
  gt_ as greater_,
  ge as greaterEqual,
  ge_ as greaterEqual_,
  lt as less,
  lt_ as less_,
  le as lessEqual,
  le_ as lessEqual_,
  ne as notEqual,
  ne_ as notEqual_,
} from '../ops/elementwise/compare.ts'
export { inv as inverse } from '../ops/linalg/inverse.ts'
export { swapaxes as swapdims } from '../ops/view/axes.ts'
export { swapaxes_ as swapdims_ } from '../ops/view/in-place-views.ts'
