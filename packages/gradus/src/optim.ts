export * from '@gradus/optim'
export * as swaUtils from './swa-utils.ts'
