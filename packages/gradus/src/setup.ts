import { tape } from '@gradus/autograd'
import { setBackend, setTape } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'

// the work that makes one import enough: a backend, and a tape for `requiresGrad`
setBackend(referenceBackend())
setTape(tape)
