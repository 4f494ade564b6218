import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { Reply, Request } from '../protocol.ts'
import type { Remote } from './remote.ts'

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.html': 'text/html',
  '.wasm': 'application/wasm',
  '.map': 'application/json',
}

/** Serves folders on 127.0.0.1, isolated across origins so that pages have shared memory. */
function serve(folders: Readonly<Record<string, string>>): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html')
      response.end('<!doctype html><title>bench</title><script type="module" src="/page/page.js"></script>')
      return
    }
    const [, folder, ...rest] = path.split('/')
    const root = folders[folder]
    const file = root === undefined ? '' : join(root, normalize(`/${rest.join('/')}`))
    if (file === '' || !existsSync(file) || !statSync(file).isFile()) {
      response.statusCode = 404
      response.end()
      return
    }
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream')
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'))
      else resolve({ server, origin: `http://127.0.0.1:${address.port}` })
    })
  })
}

/** Where Chromium is: what BENCH_CHROMIUM names and nothing else, or the usual places. */
export function findChromium(): string | null {
  const named = process.env.BENCH_CHROMIUM
  if (named !== undefined) return existsSync(named) ? named : null
  const places = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ]
  return places.find((place) => existsSync(place)) ?? null
}

/** One browser for the whole run; each contender gets a page in a context of its own. */
export class BrowserHost {
  private readonly browser: Browser
  private readonly server: Server
  private readonly origin: string

  private constructor(browser: Browser, server: Server, origin: string) {
    this.browser = browser
    this.server = server
    this.origin = origin
  }

  static async start(
    executable: string,
    folders: Readonly<Record<string, string>>,
    v8Flags: readonly string[],
  ): Promise<BrowserHost> {
    const { server, origin } = await serve(folders)
    try {
      const args = ['--disable-dev-shm-usage', `--js-flags=${v8Flags.join(' ')}`]
      // root in a container has no sandbox to give
      if (process.getuid?.() === 0) args.push('--no-sandbox')
      const browser = await chromium.launch({ executablePath: executable, headless: true, args })
      return new BrowserHost(browser, server, origin)
    } catch (error) {
      server.close()
      throw error
    }
  }

  get version(): string {
    return `Chromium ${this.browser.version()}`
  }

  async open(): Promise<Remote> {
    const context = await this.browser.newContext()
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(this.origin)
    const ready = await page
      .waitForFunction(() => 'answer' in globalThis, undefined, { timeout: 15_000 })
      .then(() => true)
      .catch(() => false)
    if (!ready) {
      await context.close()
      throw new Error(errors[0] ?? 'the page did not start')
    }
    return new PageRemote(page)
  }

  async close(): Promise<void> {
    await this.browser.close()
    this.server.close()
  }
}

class PageRemote implements Remote {
  private readonly page: Page
  alive = true

  constructor(page: Page) {
    this.page = page
    page.on('crash', () => {
      this.alive = false
    })
  }

  async request<R extends Request>(request: R, timeout: number): Promise<Reply<R['op']>> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Reply<R['op']>>((resolve) => {
      timer = setTimeout(() => {
        this.alive = false
        resolve({ error: `no answer within ${timeout / 1000} s` })
      }, timeout)
    })
    const answered = this.page
      // page.ts put `answer` there, and it answers this request's replies
      .evaluate(
        (one) => (globalThis as unknown as { answer(r: Request): Promise<unknown> }).answer(one),
        request,
      )
      .then((reply) => reply as Reply<R['op']>)
      .catch((error: Error) => {
        this.alive = false
        return { error: error.message.split('\n')[0] }
      })
    const reply = await Promise.race([answered, late])
    clearTimeout(timer)
    return reply
  }

  async close(): Promise<void> {
    this.alive = false
    await this.page
      .context()
      .close()
      .catch(() => {})
  }
}
