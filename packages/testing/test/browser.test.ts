import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { build } from 'esbuild'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import type { PageResult } from '../src/browser-entry.ts'
import { root } from '../src/program.ts'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

// an address of this machine alone; isolated across origins or not, which decides whether there is shared memory
function serve(script: string, isolated: boolean): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    const isScript = request.url === '/program.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><script type="module" src="/program.js"></script>')
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({ server, origin: typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '' })
    })
  })
}

describe.skipIf(!existsSync(executablePath))('in Chromium', () => {
  let browser: Browser | undefined
  const servers: Server[] = []
  afterAll(async () => {
    await browser?.close()
    for (const server of servers) server.close()
  })

  for (const isolated of [true, false]) {
    test(`a page ${isolated ? 'with' : 'without'} shared memory trains, and computes what the reference defines`, async () => {
      const { outputFiles } = await build({
        entryPoints: [join(root, 'packages/testing/src/browser-entry.ts')],
        bundle: true,
        format: 'esm',
        platform: 'browser',
        write: false,
        logLevel: 'silent',
      })
      const { server, origin } = await serve(outputFiles[0].text, isolated)
      servers.push(server)
      browser ??= await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
      const page = await browser.newPage()
      await page.goto(origin)
      await page.waitForFunction(() => 'result' in globalThis)
      const result = await page.evaluate(() =>
        // the page's program sets it
        (Reflect.get(globalThis, 'result') as () => Promise<PageResult>)(),
      )
      expect(result.differences).toEqual([])
      expect(result.cases).toBeGreaterThan(5000)
      expect([result.isolated, result.backend]).toEqual([isolated, 'wasm'])
      // PyTorch's first and last loss of the same program
      expect(result.losses[0]).toBeCloseTo(1.1032583713531494, 6)
      expect(result.losses[1]).toBeCloseTo(0.08547186851501465, 5)
    }, 240_000)
  }
})
