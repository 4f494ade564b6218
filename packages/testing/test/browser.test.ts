import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { PageResult } from '../src/browser-entry.ts'
import { bundledForPage, hasChromium, Pages } from '../src/page.ts'
import { root } from '../src/program.ts'

describe.skipIf(!hasChromium())('in Chromium', () => {
  const pages = new Pages()
  afterAll(() => pages.close())

  for (const isolated of [true, false]) {
    test(`a page ${isolated ? 'with' : 'without'} shared memory trains, and computes what the reference defines`, async () => {
      const program = await bundledForPage(join(root, 'packages/testing/src/browser-entry.ts'))
      const result = await pages.result<PageResult>({ files: { '/program.js': program }, isolated })
      expect(result.differences).toEqual([])
      expect(result.cases).toBeGreaterThan(5000)
      expect([result.isolated, result.backend]).toEqual([isolated, 'wasm'])
      // PyTorch's first and last loss of the same program
      expect(result.losses[0]).toBeCloseTo(1.1032583713531494, 6)
      expect(result.losses[1]).toBeCloseTo(0.08547186851501465, 5)
    }, 240_000)
  }
})
