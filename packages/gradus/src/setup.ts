import { tape } from '@gradus/autograd'
import { wasmBackend } from '@gradus/backend-wasm'
import { setBackend, setTape } from '@gradus/core'

// the work that makes one import enough: a backend, and a tape for `requiresGrad`
setBackend(wasmBackend())
setTape(tape)
