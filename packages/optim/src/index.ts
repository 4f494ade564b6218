export { Optimizer, type Closure } from './step/optimizer.ts'
export {
  Group,
  type GroupInput,
  type GroupParams,
  type ParamGroup,
  type ParamsInput,
} from './step/param-group.ts'
export type { LoadedOptimizerState, OptimizerStateDict, ParamState, StateValue } from './step/state-dict.ts'
export type { Updates } from './step/updates.ts'
export { SGD, type SGDOptions } from './optimizers/sgd.ts'
export { Adam, AdamW, type AdamOptions } from './optimizers/adam.ts'
export { Adadelta, type AdadeltaOptions } from './optimizers/adadelta.ts'
export { Adafactor, type AdafactorOptions } from './optimizers/adafactor.ts'
export { Adagrad, type AdagradOptions } from './optimizers/adagrad.ts'
export { Adamax, type AdamaxOptions } from './optimizers/adamax.ts'
export { ASGD, type ASGDOptions } from './optimizers/asgd.ts'
export { LBFGS, type LBFGSOptions } from './optimizers/lbfgs.ts'
export { Lion, type LionOptions } from './optimizers/lion.ts'
export { Muon, type MuonOptions } from './optimizers/muon.ts'
export { NAdam, type NAdamOptions } from './optimizers/nadam.ts'
export { RAdam, type RAdamOptions } from './optimizers/radam.ts'
export { RMSprop, type RMSpropOptions } from './optimizers/rmsprop.ts'
export { Rprop, type RpropOptions } from './optimizers/rprop.ts'
export {
  clipGradNorm_,
  clipGradsWithNorm_,
  clipGradValue_,
  getTotalNorm,
  type NormOptions,
} from './step/clip.ts'
export * as lrScheduler from './lr-scheduler/index.ts'
export * from './accumulator/index.ts'
