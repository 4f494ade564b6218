export { control, entryNames } from './control.ts'
export { Pool } from './pool.ts'
export { canSpawn, hardwareThreads } from './spawn.ts'
export { workerSource } from './worker-source.ts'
