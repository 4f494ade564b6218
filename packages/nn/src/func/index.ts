export { functionalCall, type FunctionalCallOptions, type TensorDict } from './functional-call.ts'
export { stackModuleState } from './stack-module-state.ts'
export { replaceAllBatchNormModules_ } from './batch-norm.ts'
