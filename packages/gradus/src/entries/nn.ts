import '../setup.ts'

export * from '../nn.js'
