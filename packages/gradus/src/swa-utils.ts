// where PyTorch has them: optim.swa_utils.AveragedModel
export { AveragedModel, emaAverage as getEmaAvgFn, getSwaAvgFn, updateBn } from '@gradus/nn'
export { SWALR } from '@gradus/optim/lr-scheduler'
