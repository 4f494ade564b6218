export { grad, gradAndValue } from './grad.ts'
export { hessian, jacfwd, jacrev, type Jacobian, type WithAux } from './jacobians.ts'
export { jvp, linearize, vjp, type Pullback } from './products.ts'
export type { ArgnumsOption, AuxOption, Picked, TransformOptions } from './trace.ts'
