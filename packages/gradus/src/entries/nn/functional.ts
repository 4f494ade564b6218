import '../../setup.ts'

export * from '@gradus/nn/functional'
