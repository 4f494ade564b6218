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
export { runOp, runSample, type OpResult, type SampleResult } from './run.ts'
