import '../setup.ts'

export * from '@gradus/data'
