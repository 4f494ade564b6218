import './setup.ts'

export * from '@gradus/core'
export { enableGrad, inferenceMode, noGrad, requireGrad } from '@gradus/autograd'
export { autocast } from '@gradus/amp'
export { init, status, wasmBackend, type BackendStatus } from '@gradus/backend-wasm'
export * as amp from '@gradus/amp'
export * as autograd from '@gradus/autograd'
// kept a file of its own in the build: declarations cannot merge a namespace with one of another package
export * as nn from './nn.js'
export * as io from '@gradus/io'
export { load, save } from '@gradus/io'
export * as optim from './optim.js'
export * as utils from './torch-utils.ts'
