import { tape } from '@gradus/autograd'
import { refusesCode, status, wasmBackend } from '@gradus/backend-wasm'
import { setBackend, setTape } from '@gradus/core'
import { warn } from '@gradus/core/backend'
import { referenceBackend } from '@gradus/core/reference'

// the work that makes one import enough: a backend, and a tape for `requiresGrad`
const refusal = refusesCode()
setBackend(refusal === '' ? wasmBackend() : referenceBackend())
setTape(tape)
if (refusal !== '')
  warn(`${status().why}; until then everything runs on the reference backend, in loops of JavaScript`)
