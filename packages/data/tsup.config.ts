import { defineConfig } from 'tsup'
import { build } from '../../tsup.base.ts'

export default defineConfig(
  build({
    index: 'src/index.ts',
    csv: 'src/readers/csv.ts',
    image: 'src/image/index.ts',
    parquet: 'src/readers/parquet.ts',
  }),
)
