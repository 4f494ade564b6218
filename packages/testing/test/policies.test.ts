import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileURLToPath } from 'node:url'
import { bundledForPage, hasChromium, Pages } from '../src/page.ts'
import type { PolicyResult } from '../src/policy-entry.ts'

const compiles = "script-src 'self' 'wasm-unsafe-eval'"

describe.skipIf(!hasChromium())('a page in Chromium says what it got', () => {
  const pages = new Pages()
  let program = ''
  beforeAll(async () => {
    program = await bundledForPage(fileURLToPath(new URL('../src/policy-entry.ts', import.meta.url)))
  })
  afterAll(() => pages.close())
  const under = (policy: string | undefined, isolated: boolean): Promise<PolicyResult> =>
    pages.result({ files: { '/program.js': program }, isolated, ...(policy !== undefined && { policy }) })

  test('isolated and without a policy: two threads', async () => {
    const { got, lines, losses } = await under(undefined, true)
    expect(got).toMatchObject({ backend: 'wasm', threads: 2, why: '' })
    expect(lines).toEqual([])
    expect(losses[4]).toBeLessThan(losses[0])
  })

  test('not isolated: one thread, and the headers that would give more', async () => {
    const { got, lines } = await under(undefined, false)
    expect(got).toMatchObject({ backend: 'wasm', threads: 1 })
    expect(got.why).toMatch(/Cross-Origin-Opener-Policy/)
    expect(lines).toEqual([expect.stringMatching(/^init\(\) was given 2 threads; everything runs on one/)])
  })

  for (const [name, policy] of [
    ['worker-src', `${compiles}; worker-src 'none'`],
    ['Trusted Types', `${compiles}; require-trusted-types-for 'script'`],
  ] as const) {
    test(`a policy on ${name} that forbids the worker: one thread, a reason and one line`, async () => {
      const { got, lines, losses } = await under(policy, true)
      expect(got).toMatchObject({ backend: 'wasm', threads: 1 })
      expect(got.why).toMatch(/^a worker failed: /)
      expect(got.why).not.toContain('undefined')
      expect(lines).toHaveLength(1)
      expect(losses[4]).toBeLessThan(losses[0])
    })
  }

  test("no 'wasm-unsafe-eval': the reference backend trains, and status() says what to allow", async () => {
    const { got, status, losses } = await under("script-src 'self'", false)
    expect(got).toMatchObject({ backend: 'reference', threads: 1, simd: 'none' })
    expect(got.why).toMatch(/'wasm-unsafe-eval'/)
    expect(status).toEqual(got)
    expect(losses[4]).toBeLessThan(losses[0])
  })
})
