export type {
  Backend,
  Binding,
  Block,
  Distribution,
  Epilogue,
  Memory,
  Scan,
  Scatter,
  View,
  Window,
} from './types.ts'
export { nextSlot } from './types.ts'
export { currentBackend } from './current.ts'
export { warn } from '../base/warnings.ts'
export { checkBinding, checkView, checkWrite } from './check.ts'
export * from './check-routine.ts'
export * from '../base/dtype.ts'
export * from '../base/errors.ts'
export * from '../base/half.ts'
export { Layout, rowMajorStrides, sameShape, type Shape } from '../base/layout.ts'
export * from '../program/expr.ts'
export * from '../program/program.ts'
export { binaryOf, unaryOf } from '../program/scalar.ts'
export { windowAxes, type WindowAxis } from './window.ts'
