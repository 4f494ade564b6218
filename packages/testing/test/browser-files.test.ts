import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FilesResult } from '../src/browser-files-entry.ts'
import { bundledForPage, hasChromium, Pages } from '../src/page.ts'
import { root } from '../src/program.ts'

describe.skipIf(!hasChromium())('in a page of Chromium', () => {
  const pages = new Pages()
  let result: FilesResult
  beforeAll(async () => {
    const [program, worker] = await Promise.all(
      ['packages/testing/src/browser-files-entry.ts', 'packages/data/test/fixtures/numbers-worker.ts'].map(
        (entry) => bundledForPage(join(root, entry)),
      ),
    )
    result = await pages.result<FilesResult>({
      files: { '/program.js': program, '/worker.js': worker, '/data.txt': 'one line of data\n' },
    })
  }, 240_000)
  afterAll(() => pages.close())

  for (const place of ['opfs', 'indexedDb']) {
    test(`files in ${place} are written whole, replaced, read in parts and removed`, () => {
      const folder = result.folders[place]
      expect(folder).toMatchObject({
        before: [],
        read: [1, 2, 3],
        replaced: [4, 5],
        afterAbort: [4, 5],
        whileWriting: ['x.pt'],
        onlyAborted: ['x.pt'],
        large: true,
        after: [],
      })
      expect(folder.missing).toMatch(/there is no file "nothing.pt" in /)
      expect(folder.beyond).toMatch(/2 bytes at 3145744 are beyond the file/)
    })

    test(`checkpoints in ${place} resume to the bit, and old ones go`, () => {
      expect(result.folders[place].resumed).toEqual({ step: 3, equal: true, kept: 2 })
    })
  }

  test('a PNG that the page itself drew is decoded', () => {
    expect(result.image).toEqual([[[255, 0]], [[0, 128]], [[10, 255]]])
  })

  test('a download is verified, and found in the cache the next time', () => {
    expect(result.downloaded.first).toBe('one line of data\n')
    expect(result.downloaded.again).toBe('one line of data\n')
    expect(result.downloaded.refused).toMatch(/sha256|SHA-256/)
  })

  test('two workers of a page load batches in order, and report what fails by index', () => {
    const names = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, i) => `item ${from + i}`)
    const rows = (from: number, to: number): number[][] =>
      Array.from({ length: to - from }, (_, i) => [from + i, 0.5])
    expect(result.workers.batches).toEqual([
      [rows(0, 4), names(0, 4)],
      [rows(4, 8), names(4, 8)],
      [rows(8, 10), names(8, 10)],
    ])
    expect(result.workers.workers).toEqual([0, 1])
    expect(result.workers.failure).toMatch(/no such picture/)
  })
})
