export { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } from '@gradus/optim'
