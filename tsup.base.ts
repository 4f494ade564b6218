import type { Options } from 'tsup'

/** How every published package is built: ESM and declarations, chunks shared between its entries. */
export const build = (entry: Record<string, string>): Options => ({
  entry,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  dts: true,
  clean: true,
  sourcemap: true,
  // entries of one package share their classes: two copies of Tensor would fail instanceof
  splitting: true,
  treeshake: false,
  // tsup's default rewrites node:fs to fs, which Deno and edge runtimes reject
  removeNodeProtocol: false,
})
