import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * Keeps imports of a file that is an entry: bundled, `export * as functional` would become an object with getters, and
 * whoever takes one class of the package would get all that the object names.
 */
const entriesStayFiles = (entry: Record<string, string>): Plugin => ({
  name: 'entries-stay-files',
  setup({ onResolve }) {
    const names = new Map(Object.entries(entry).map(([name, file]) => [resolve(file), name]))
    onResolve({ filter: /^\.\.?\// }, ({ path, importer, kind }) => {
      const name = names.get(resolve(dirname(importer), path))
      return kind === 'entry-point' || name === undefined
        ? undefined
        : { path: `./${name}.js`, external: true, sideEffects: false }
    })
  },
})

/** The version of the package that is built. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : ''
}

/**
 * How every published package is built: ESM, chunks shared between its entries.
 *
 * @param entry - files by the name of what is built; what a package exports as a namespace is an entry of its own
 */
export const build = (entry: Record<string, string>): Options => ({
  entry,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  // scripts/declarations.mjs writes them
  dts: false,
  clean: true,
  // a map without its sources leads nowhere, and with them would be two thirds of what is installed
  sourcemap: false,
  // entries of one package share their classes: two copies of Tensor would fail instanceof
  splitting: true,
  treeshake: false,
  // tsup's default rewrites node:fs to fs, which Deno and edge runtimes reject
  removeNodeProtocol: false,
  // tsup runs in the folder of the package
  define: { GRADUS_VERSION: JSON.stringify(version()) },
  esbuildPlugins: [entriesStayFiles(entry)],
})
