import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root, runBundle } from '../src/program.ts'

describe('a run that was cut', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-resume-'))
  const bundle = join(folder, 'program.mjs')
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeAll(async () => {
    for (const [name, outfile] of [
      ['program', bundle],
      ['dataset', join(folder, 'dataset.mjs')],
    ]) {
      await build({
        entryPoints: [join(root, `packages/testing/test/resume-${name}.ts`)],
        bundle: true,
        format: 'esm',
        platform: 'node',
        outfile,
        logLevel: 'silent',
      })
    }
  })

  const run = (...args: string[]): string[] => {
    const { stdout, stderr, status } = runBundle(bundle, args)
    expect([stderr, status]).toEqual(['', 0])
    return stdout.trim().split('\n')
  }

  let whole: string[]
  beforeAll(() => {
    whole = run(join(folder, 'none'), '50')
  }, 60_000)

  test.each([
    ['at the end of a window', '20'],
    ['in the middle of one', '22'],
    ['before its first step', '1'],
    ['at the end of an epoch', '24'],
  ])(
    '%s goes on to the same bits, in a new process, under autocast with a scaler, with workers that load',
    (_, cut) => {
      const first = run(join(folder, cut), '50', cut)
      const second = run(join(folder, cut), '50')
      expect(first.slice(0, -1)).toEqual(whole.slice(0, Number(cut)))
      expect(second).toEqual(whole.slice(Number(cut)))
    },
  )
})
