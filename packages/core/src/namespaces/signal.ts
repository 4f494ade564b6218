export * as windows from './signal-windows.ts'
