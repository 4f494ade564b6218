export { autocast, getAutocastDtype, isAutocastEnabled, type AutocastOptions } from './autocast.ts'
export { customBwd, customFwd, type CustomFwdOptions } from './custom-function.ts'
export {
  GradScaler,
  type GradScalerOptions,
  type GradScalerStateDict,
  type NestedTensors,
  type ScaledOptimizer,
} from './grad-scaler.ts'
export { halfPrecision, type HalfModel, type HalfPrecisionOptions } from './half-precision.ts'
