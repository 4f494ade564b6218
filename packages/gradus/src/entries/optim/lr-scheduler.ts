import '../../setup.ts'

export * from '@gradus/optim/lr-scheduler'
