import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The repository's root. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')

/** How a program ended and what it printed. */
export interface Outcome {
  stdout: string
  stderr: string
  status: number | null
}

/** Bundles a program of the examples as `npm start` does, into a folder. Returns the path of the result. */
export async function bundleExample(path: string, folder: string): Promise<string> {
  const outfile = join(folder, 'program.mjs')
  await build({
    entryPoints: [join(root, 'examples', path)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile,
    logLevel: 'silent',
    // packages of the CommonJS kind call require
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  return outfile
}

/** Runs a bundle with these arguments, without a terminal. */
export function runBundle(bundle: string, args: readonly string[] = []): Outcome {
  const { stdout, stderr, status } = spawnSync(process.execPath, [bundle, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  })
  return { stdout, stderr, status }
}

/** Bundles a program of the examples and runs it with these arguments. */
export async function runExample(path: string, args: readonly string[] = []): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-example-'))
  try {
    return runBundle(await bundleExample(path, folder), args)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
