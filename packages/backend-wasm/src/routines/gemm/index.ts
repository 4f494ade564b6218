export type { Path } from './descriptor.ts'
export { gemmModule, tileRowsFor } from './kernel.ts'
export { planGemm, writeDescriptor } from './plan.ts'
export type { GemmPlan, Product } from './plan.ts'
