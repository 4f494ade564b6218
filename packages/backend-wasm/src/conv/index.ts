export { convModule } from './module.ts'
export { outputSize, planConv, writeConvDescriptor } from './plan.ts'
export type { Convolution, ConvPlan, Pass } from './convolution.ts'
