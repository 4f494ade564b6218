// Bundlers as they are without configuration, on the installed packages; what they made runs in Node.
import { bitsOf, byImport, npmProject, printing, run } from './consumer.mjs'

const viteConfig = `export default {
  logLevel: 'error',
  build: { outDir: 'out-vite', target: 'es2022', lib: { entry: 'main.js', formats: ['es'], fileName: () => 'out.mjs' } },
}
`
const webpackConfig = `export default {
  mode: 'production',
  entry: './main.js',
  target: 'es2022',
  experiments: { outputModule: true },
  output: { path: import.meta.dirname + '/out-webpack', filename: 'out.mjs', module: true },
  performance: { hints: false },
}
`
const rollupConfig = `import resolve from '@rollup/plugin-node-resolve'
export default { input: 'main.js', plugins: [resolve()], output: { file: 'out-rollup/out.mjs', inlineDynamicImports: true } }
`

export async function bundleRows() {
  const at = await npmProject(
    'bundles',
    {
      'train.js': byImport,
      'main.js': printing,
      'vite.config.js': viteConfig,
      'webpack.config.js': webpackConfig,
      'rollup.config.js': rollupConfig,
    },
    {
      vite: '*',
      webpack: '*',
      'webpack-cli': '*',
      rollup: '*',
      '@rollup/plugin-node-resolve': '*',
      esbuild: '*',
    },
  )
  const through = (tool, ...args) => [
    tool,
    async () => {
      await run('npx', [tool, ...args], { cwd: at })
      return bitsOf(await run(process.execPath, [`out-${tool}/out.mjs`], { cwd: at }))
    },
  ]
  return [
    through(
      'esbuild',
      'main.js',
      '--bundle',
      '--format=esm',
      '--platform=browser',
      '--outfile=out-esbuild/out.mjs',
    ),
    through('vite', 'build'),
    through('webpack'),
    through('rollup', '-c', '--silent'),
  ]
}
