import '../setup.ts'

export * from '@gradus/autograd'
