import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Row } from '../report.ts'
import { sizePrograms, type Program } from './programs.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

const compressed = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).length / 1000

async function sizeOf({ code, assets = [] }: Program): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    splitting: true,
    outdir: 'out',
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external: ['node:*'],
    logLevel: 'silent',
  })
  const files = assets.map((asset) => readFileSync(require.resolve(asset)))
  return [...outputFiles.map((file) => file.contents), ...files].reduce(
    (sum, bytes) => sum + compressed(bytes),
    0,
  )
}

/** What each library costs a page: minified by esbuild, every chunk compressed with gzip -9, in kB. */
export async function measureSizes(peers: readonly string[] | null): Promise<Row[]> {
  const rows: Row[] = []
  for (const program of sizePrograms) {
    if (program.peer !== 'gradus' && peers !== null && !peers.includes(program.peer)) continue
    const base = {
      suite: 'size',
      case: program.name,
      contender: program.peer,
      unit: 'kB' as const,
      weak: false,
    }
    try {
      rows.push({ ...base, status: 'ok', samples: [await sizeOf(program)] })
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
      rows.push({ ...base, status: 'error', reason, samples: [] })
    }
  }
  return rows
}
