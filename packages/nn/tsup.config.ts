import { defineConfig } from 'tsup'
import { build } from '../../tsup.base.ts'

export default defineConfig(
  build({
    index: 'src/index.ts',
    functional: 'src/functional.ts',
    func: 'src/func/index.ts',
    init: 'src/init/index.ts',
    parametrize: 'src/parametrize/index.ts',
  }),
)
