export { hessian, jacobian } from './jacobians.ts'
export { hvp, jvp, vhp, vjp } from './products.ts'
export type { FunctionalOptions, JacobianOptions, PerTensor, Tensors } from './trace.ts'
