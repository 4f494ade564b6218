export { GradAccumulator } from './accumulator.ts'
export {
  accumulate,
  countTargets,
  stepsPerEpoch,
  type MicroBatchLoss,
  type WindowBudget,
} from './accumulate.ts'
export { gradReport, type GradReport, type GradReportOptions, type GradRow } from './grad-report.ts'
export type {
  AccumulatorStateDict,
  GradAccumulatorOptions,
  LossScaler,
  MicroBatchOptions,
  Model,
  StepResult,
  WindowScheduler,
} from './types.ts'
export { verifyAccumulation, type AccumulationReport, type VerifyOptions } from './verify.ts'
export { WindowError } from './window-guard.ts'
