export { excluded } from './excluded.ts'
export {
  goldenFolder,
  goldenMissing,
  opNames,
  readGolden,
  readOp,
  type OpFile,
  type Sample,
} from './files.ts'
export { find, resolveOp } from './registry.ts'
export { absentResult, runOp, runSample, type OpResult, type SampleResult } from './run.ts'
export { tableOf, writeTable } from './table.ts'
