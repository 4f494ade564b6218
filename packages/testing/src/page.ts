// Chromium and a server of this machine, for tests that run in a page.
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { build } from 'esbuild'
import { chromium, type Browser } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whether there is a Chromium to run pages in. */
export const hasChromium = (): boolean => existsSync(executablePath)

/** A module and what it imports as one script for a page. */
export async function bundledForPage(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0].text
}

/** What a page's server answers by path; `/program.js` is the script that the page runs. */
export interface Site {
  readonly files: Readonly<Record<string, string>>
  /** Isolated across origins, which gives the page shared memory. */
  readonly isolated?: boolean
  /** Its Content-Security-Policy; none by default. */
  readonly policy?: string
}

/** Pages of one test file: one browser, a server for each page. */
export class Pages {
  #browser: Browser | undefined
  readonly #servers: Server[] = []

  /** Opens a page and answers what the function gives that its program sets as `result`. */
  async result<T>(site: Site): Promise<T> {
    const origin = await this.#serve(site)
    this.#browser ??= await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    const page = await this.#browser.newPage()
    const failures: string[] = []
    page.on('pageerror', (error) => failures.push(String(error)))
    await page.goto(origin)
    await page
      .waitForFunction(() => 'result' in globalThis)
      .catch((error: unknown) => {
        throw new Error([String(error), ...failures].join('\n'))
      })
    return page.evaluate(() =>
      // the page's program sets it
      (Reflect.get(globalThis, 'result') as () => Promise<T>)(),
    )
  }

  async close(): Promise<void> {
    await this.#browser?.close()
    for (const server of this.#servers) server.close()
  }

  #serve({ files, isolated = false, policy }: Site): Promise<string> {
    const server = createServer((request, response) => {
      if (policy !== undefined) response.setHeader('Content-Security-Policy', policy)
      if (isolated) {
        response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
        response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
      }
      const path = request.url ?? '/'
      if (path === '/') {
        response.setHeader('Content-Type', 'text/html')
        response.end('<!doctype html><script type="module" src="/program.js"></script>')
      } else if (Object.hasOwn(files, path)) {
        response.setHeader('Content-Type', path.endsWith('.js') ? 'text/javascript' : 'text/plain')
        response.end(files[path])
      } else {
        response.statusCode = 404
        response.end()
      }
    })
    this.#servers.push(server)
    return new Promise((resolve) => {
      // an address of this machine alone
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '')
      })
    })
  }
}
