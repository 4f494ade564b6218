import '../setup.ts'

export * from '@gradus/optim'
