// Entry of `pnpm bench`: Node 20 cannot run the workspace's TypeScript, so the bench is bundled first.
import { build } from 'esbuild'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
// some packages do not export their manifest
const versionOf = (name) =>
  JSON.stringify(JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), 'utf8')).version)

const shared = {
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
  logLevel: 'error',
  define: {
    JAX_VERSION: versionOf('@jax-js/jax'),
    TFJS_VERSION: versionOf('@tensorflow/tfjs-core'),
    GRADUS_VERSION: versionOf('gradus'),
  },
}

/** The program that directs the run bundles the packages of the workspace, being TypeScript, and nothing else. */
const workspaceOnly = {
  name: 'workspace-only',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./#]/ }, ({ path, kind }) =>
      kind === 'entry-point' || /^(gradus$|@gradus\/)/.test(path) ? undefined : { path, external: true },
    )
  },
}
const node = { ...shared, platform: 'node' }
const main = { ...node, plugins: [workspaceOnly] }
const worker = {
  ...node,
  // Node cannot load the ES modules of TensorFlow.js, and only they have its gradients as a module of their own
  mainFields: ['module', 'main'],
  banner: {
    // what its CommonJS parts expect of Node
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url); const __dirname = import.meta.dirname, __filename = import.meta.filename",
  },
}

try {
  rmSync(here('dist'), { recursive: true, force: true })
  await Promise.all([
    build({ ...main, entryPoints: [here('src/main.ts')], outdir: here('dist') }),
    build({ ...worker, entryPoints: [here('src/worker/node.ts')], outdir: here('dist/node') }),
    build({
      ...shared,
      platform: 'browser',
      entryPoints: [here('src/worker/page.ts')],
      outdir: here('dist/page'),
    }),
  ])
  await import(new URL('dist/main.js', import.meta.url))
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
