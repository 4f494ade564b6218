/*
 * Names that the packages of gradus share and that are not for programs: this entry carries no promise, and any release
 * may change or drop what it exports.
 */
export { unreachable } from './base/errors.ts'
export { describeValue } from './base/describe.ts'
export {
  type Kind,
  anything,
  atLeast,
  dtypeName,
  either,
  finite,
  flag,
  functionKind,
  integer,
  integers,
  kind,
  listOf,
  nullable,
  oneOf,
  number,
  real,
  text,
  whole,
  wholes,
} from './base/kinds.ts'
export { layoutLike, sameShape } from './base/layout.ts'
export {
  type OptionTable,
  defineOptions,
  nearest,
  takeArgument,
  takeOptions,
  withDefaults,
} from './base/options.ts'
export { aTensor, takeOperand, takeTensor, takeTensorOrNull, takeTensors } from './tensor/kind.ts'
export { checkCapacity } from './base/shape.ts'
export { warn } from './base/warnings.ts'
export { fromRaw } from './create/create.ts'
export type { FormulaOf, GradRule, RecordedCall, SavedFrom, WholeRule } from './op/declaration.ts'
export { type HostReader, hostReaders } from './op/host-values.ts'
export { type TensorInternals, internals } from './op/internals.ts'
export { synchronous } from './base/synchronous.ts'
export { addAmbient, captureModes, interceptors, setInterceptors } from './op/modes.ts'
export { type Call, isStale, ownerOf, type Tape, type ViewInfo } from './op/tape.ts'
export { attentionWeights } from './ops/layers/attention-weights.ts'
export {
  sampleDirichlet,
  sampleDirichletGradient,
  standardGamma,
  standardGammaGradient,
} from './ops/random/gamma-draws.ts'
export { type NormOrder, normFold, normOrder } from './ops/linalg/vector-norm.ts'
export { sumTo } from './ops/reduce/reduce.ts'
export { type Master, masterOf, setMaster } from './tensor/master.ts'
export { carriesTensors, escape, outsideScope, scope } from './tensor/storage.ts'
