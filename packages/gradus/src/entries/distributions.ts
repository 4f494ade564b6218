import '../setup.ts'

export * from '@gradus/distributions'
