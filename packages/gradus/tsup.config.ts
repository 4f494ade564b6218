import { defineConfig } from 'tsup'
import { build } from '../../tsup.base.ts'

const entries = {
  'entries/nn': 'src/entries/nn.ts',
  'entries/nn/functional': 'src/entries/nn/functional.ts',
  'entries/nn/init': 'src/entries/nn/init.ts',
  'entries/optim': 'src/entries/optim.ts',
  'entries/optim/lr-scheduler': 'src/entries/optim/lr-scheduler.ts',
  'entries/autograd': 'src/entries/autograd.ts',
  'entries/amp': 'src/entries/amp.ts',
  'entries/data': 'src/entries/data.ts',
  'entries/distributions': 'src/entries/distributions.ts',
  'entries/io': 'src/entries/io.ts',
}

// builds of their own: a chunk that entries share would be an import for its effect that bundlers may drop
export default defineConfig([
  { ...build({ index: 'src/index.ts' }), clean: false, external: ['./nn.js', './optim.js'] },
  { ...build({ nn: 'src/nn.ts', optim: 'src/optim.ts' }), clean: false },
  { ...build(entries), clean: false, external: ['../nn.js', '../optim.js'], splitting: false },
  // all of it in one file, for pages without a bundler
  {
    ...build({ 'gradus.min': 'src/index.ts' }),
    clean: false,
    minify: true,
    noExternal: [/.*/],
    esbuildPlugins: [],
  },
])
