export { convModule } from './kernel.ts'
export { outputSize, planConv, writeConvDescriptor } from './plan.ts'
export type { Convolution, ConvPlan, Pass } from './convolution.ts'
