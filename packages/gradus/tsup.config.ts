import { defineConfig } from 'tsup'
import { build } from '../../tsup.base.ts'

// two builds: rolled into one file, the declarations of `nn` would hold code
export default defineConfig([
  { ...build({ index: 'src/index.ts' }), clean: false, external: ['./nn.js'] },
  { ...build({ nn: 'src/nn.ts' }), clean: false },
])
