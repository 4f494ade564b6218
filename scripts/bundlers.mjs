// One program, bundled and minified by each bundler that is installed here. webpack is not; vite bundles by rolldown.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, matchesGlob, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, transform } from 'esbuild'

/** A package that is installed because another one depends on it. */
async function from(packages, name) {
  let require = createRequire(import.meta.url)
  for (const one of packages) require = createRequire(require.resolve(`${one}/package.json`))
  return import(pathToFileURL(require.resolve(name)).href)
}

// testing depends on every package
const folder = resolve('packages/testing')
const entry = join(folder, 'program.ts')

async function esbuild(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
    logLevel: 'silent',
  })
  return outputFiles[0].text
}

const program = (code) => ({
  name: 'program',
  resolveId: (id) => (id === entry ? id : null),
  load: (id) => (id === entry ? code : null),
})

async function rolldown(code) {
  const { rolldown: bundle } = await from(['vitest', 'vite'], 'rolldown')
  const bundled = await bundle({
    input: entry,
    plugins: [program(code)],
    external: /^node:/,
    logLevel: 'silent',
  })
  const { output } = await bundled.generate({ format: 'esm', minify: true, codeSplitting: false })
  return output[0].code
}

const manifests = new Map()
function manifestOf(file) {
  const at = dirname(file)
  if (!manifests.has(at)) {
    const path = join(at, 'package.json')
    manifests.set(at, existsSync(path) ? { at, ...JSON.parse(readFileSync(path, 'utf8')) } : manifestOf(at))
  }
  return manifests.get(at)
}

/** What @rollup/plugin-node-resolve and a TypeScript plugin do for rollup, here by esbuild. */
const sources = {
  name: 'sources',
  async resolveId(id, importer) {
    if (id === entry || id.startsWith('node:')) return id === entry ? id : { id, external: true }
    const here = resolve(dirname(importer), id)
    const source = here.replace(/\.js$/, '.ts')
    const file = !id.startsWith('.')
      ? createRequire(importer).resolve(id)
      : existsSync(source)
        ? source
        : here
    const { at, sideEffects } = manifestOf(file)
    const path = `./${relative(at, file)}`
    const moduleSideEffects = Array.isArray(sideEffects)
      ? sideEffects.some((glob) => matchesGlob(path, glob))
      : (sideEffects ?? true)
    return { id: file, moduleSideEffects }
  },
  transform: async (code, id) => ({
    code: (await transform(code, { loader: id.endsWith('.ts') ? 'ts' : 'js', target: 'es2022' })).code,
    map: null,
  }),
}

async function rollup(code) {
  const { rollup: bundle } = await from(['tsup'], 'rollup')
  const bundled = await bundle({ input: entry, plugins: [program(code), sources], onLog() {} })
  const { output } = await bundled.generate({ format: 'esm', inlineDynamicImports: true })
  return (await transform(output[0].code, { minify: true, target: 'es2022' })).code
}

/** Minified code of a program, by the name of the bundler. */
export const bundlers = { esbuild, rolldown, rollup }
