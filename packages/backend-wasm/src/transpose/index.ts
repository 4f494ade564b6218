export { Transposes } from './transposes.ts'
export type { Placed } from './transposes.ts'
