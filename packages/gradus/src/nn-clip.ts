export { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } from '@gradus/optim'
export { parametersToVector, parametrize, vectorToParameters } from '@gradus/nn'
