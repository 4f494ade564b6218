import '../setup.ts'

export * from '@gradus/amp'
