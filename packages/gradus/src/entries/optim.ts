import '../setup.ts'

export * from '../optim.js'
