export { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } from '@gradus/optim'
export {
  fuseConvBnEval,
  fuseConvBnWeights,
  fuseLinearBnEval,
  fuseLinearBnWeights,
  parametersToVector,
  parametrize,
  skipInit,
  vectorToParameters,
} from '@gradus/nn'
export * as parametrizations from './nn-parametrizations.ts'
export * as rnn from './nn-rnn.ts'
