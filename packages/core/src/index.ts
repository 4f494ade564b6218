import './fluent/install.ts'

export * from './functions.ts'
