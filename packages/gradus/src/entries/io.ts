import '../setup.ts'

export * from '@gradus/io'
