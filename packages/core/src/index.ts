export { setBackend, currentBackend } from './backend/current.ts'
export { defineOp, defineListOp, type Op } from './define.ts'
export {
  dtypes,
  finfo,
  iinfo,
  isDType,
  isFloat,
  isHalf,
  isInteger,
  promoteTypes,
  resultType,
} from './dtype.ts'
export type { DType, FloatInfo, Num, TypedArray } from './dtype.ts'
export {
  BackendError,
  DTypeError,
  GradError,
  IndexError,
  ShapeError,
  TensorError,
  unreachable,
  ValueError,
} from './errors.ts'
export { Layout, layoutLike, sameShape, type Shape } from './layout.ts'
export {
  isGradEnabled,
  setGradEnabled,
  setInterceptors,
  interceptors,
  synchronous,
  withInterceptor,
} from './modes.ts'
export type { CallInputs, Interceptor } from './modes.ts'
export { attributes, plain, saving, savingAll, slotOf } from './op.ts'
export type {
  AnyOp,
  Attributes,
  Autocast,
  GradRule,
  Meta,
  Named,
  OpSpec,
  RecordedCall,
  Vjp,
  WholeRule,
  WholeVjp,
} from './op.ts'
export { definePointwise, type Operand, type PointwiseOp, type PointwiseSpec } from './pointwise.ts'
export { escape, outsideScope, scope, Storage } from './storage.ts'
export { currentTape, setTape } from './tape.ts'
export type { BackwardOptions, Call, GradNode, HookHandle, Tape } from './tape.ts'
export { Tensor, type NestedValues, type ViewInfo } from './tensor.ts'
export { setWarningHandler, warn } from './warnings.ts'
export * from './create.ts'
export * from './ops/arithmetic.ts'
export * from './ops/convert.ts'
export * from './ops/matmul.ts'
export * from './ops/reduce.ts'
export * from './ops/view.ts'
export * from './create-like.ts'
export * from './ops/join.ts'
export * from './ops/split.ts'
export * from './ops/stride.ts'
export * from './ops/activation.ts'
export * from './ops/binary.ts'
export * from './ops/compare.ts'
export * from './ops/exponential.ts'
export * from './ops/logical.ts'
export * from './ops/power.ts'
export * from './ops/rectifier.ts'
export * from './ops/special.ts'
export * from './ops/ternary.ts'
export * from './ops/trigonometry.ts'
export * from './ops/unary.ts'
export * from './ops/gather.ts'
export * from './ops/index-along.ts'
export * from './ops/rearrange.ts'
export * from './ops/triangle.ts'
