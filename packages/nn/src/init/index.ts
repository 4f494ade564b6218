export { constant_, normal_, ones_, uniform_, zeros_ } from './fill.ts'
export { dirac_, eye_, sparse_, type DiracOptions, type SparseOptions } from './matrix.ts'
export { orthogonal_ } from './orthogonal.ts'
export {
  calculateGain,
  fanOf,
  kaimingNormal_,
  kaimingUniform_,
  xavierNormal_,
  xavierUniform_,
  type FanMode,
  type GainOptions,
  type KaimingOptions,
  type Nonlinearity,
} from './scaled.ts'
export { truncNormal_ } from './trunc-normal.ts'
