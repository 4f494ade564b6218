import { defineConfig } from 'tsup'
import { build } from '../../tsup.base.ts'

export default defineConfig(
  build({
    index: 'src/index.ts',
    backend: 'src/backend/index.ts',
    internal: 'src/internal.ts',
    linalg: 'src/linalg.ts',
    special: 'src/namespaces/special.ts',
    reference: 'src/reference/index.ts',
    functions: 'src/functions.ts',
    formula: 'src/program/formula.ts',
    fft: 'src/namespaces/fft.ts',
    masked: 'src/namespaces/masked.ts',
    signal: 'src/namespaces/signal.ts',
    'signal-windows': 'src/namespaces/signal-windows.ts',
  }),
)
