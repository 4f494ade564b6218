export { transpose, transposeHelps } from './run.ts'
