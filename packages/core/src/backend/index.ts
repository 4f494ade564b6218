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
export * from '../dtype.ts'
export * from '../errors.ts'
export * from '../half.ts'
export { Layout, rowMajorStrides, sameShape, type Shape } from '../layout.ts'
export * from '../program/expr.ts'
export * from '../program/program.ts'
export { binaryOf, unaryOf } from '../reference/scalar.ts'
export { windowAxes, type WindowAxis } from '../reference/window.ts'
