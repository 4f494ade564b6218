export { LRScheduler, type Scheduled, type SchedulerOptions } from './scheduler.ts'
export type { SchedulerStateDict } from './state.ts'
export { ExponentialLR, MultiStepLR, StepLR, type GammaOptions } from './step.ts'
export { LambdaLR, MultiplicativeLR, type LrLambda } from './lambda.ts'
export {
  ConstantLR,
  CosineAnnealingLR,
  LinearLR,
  PolynomialLR,
  type ConstantOptions,
  type CosineOptions,
  type LinearOptions,
  type PolynomialOptions,
} from './anneal.ts'
export { ReduceLROnPlateau, type PlateauOptions } from './plateau.ts'
export { ChainedScheduler, SequentialLR } from './combine.ts'
export { CyclicLR, OneCycleLR, type CyclicOptions, type OneCycleOptions } from './cyclic.ts'
export { CosineAnnealingWarmRestarts, type RestartOptions } from './restarts.ts'
export { SWALR, type SwaOptions } from './swa.ts'
