// Pages in each browser that is installed: plain, isolated, under a strict policy, in a worker. A page sends what it got to
// the server that it came from, so that no driver is needed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Absent, folder, npmProject, training } from './consumer.mjs'

const main = `import { train } from './train.js'
const send = (result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) })
train({ threads: 2 }).then(send, (error) => send({ error: String(error && error.stack || error) }))
`
const parent = `const send = (result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) })
const worker = new Worker('/main.js', { type: 'module' })
worker.onerror = (event) => send({ error: 'the worker failed: ' + event.message })
`
const kinds = {
  plain: {},
  isolated: { isolated: true },
  'strict policy': {
    policy:
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'; require-trusted-types-for 'script'",
  },
  worker: { isolated: true, script: 'parent.js' },
}

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const firefox = '/usr/bin/firefox-esr'
const webkit = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

/** What must be installed, and the command that opens a page in it. */
const browsers = {
  Chromium: {
    binary: chromium,
    commandFor: (url) => [
      chromium,
      '--headless',
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      `--user-data-dir=${folder('chromium')}`,
      url,
    ],
  },
  Firefox: {
    binary: firefox,
    commandFor: (url) => [firefox, '--headless', '--no-remote', '--profile', folder('firefox'), url],
  },
  WebKit: { binary: webkit, commandFor: (url) => ['/usr/bin/xvfb-run', '-a', webkit, '--private', url] },
}

/** Opens a page in a browser; answers what closes it. */
export function open(browser, url) {
  const { binary, commandFor } = browsers[browser]
  if (!existsSync(binary)) throw new Absent(`${binary} is not installed`)
  const [program, ...args] = commandFor(url)
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  return () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // it ended by itself
    }
  }
}

/** Opens a page and waits for its answer. */
async function answer(browser, files, { isolated = false, policy, script = 'main.js' }) {
  if (!existsSync(browsers[browser].binary)) throw new Absent(`${browsers[browser].binary} is not installed`)
  let settle
  const result = new Promise((resolve) => (settle = resolve))
  const server = createServer((request, response) => {
    if (policy) response.setHeader('Content-Security-Policy', policy)
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    const name = request.url.slice(1)
    if (request.method === 'POST') {
      let body = ''
      request.on('data', (text) => (body += text))
      request.on('end', () => (response.end(), settle(JSON.parse(body))))
    } else if (name === '') {
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!doctype html><title>gradus</title><script type="module" src="/${script}"></script>`)
    } else if (Object.hasOwn(files, name)) {
      response.setHeader('Content-Type', 'text/javascript')
      response.end(files[name])
    } else {
      response.statusCode = 404
      response.end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = open(browser, `http://127.0.0.1:${server.address().port}/`)
  const limit = setTimeout(() => settle({ error: 'the page did not answer within 60 s' }), 60_000)
  try {
    const { error, bits, got } = await result
    if (error) throw new Error(error)
    return {
      bits,
      note: `${got.threads} thread${got.threads > 1 ? 's' : ''}${got.why ? `: ${got.why}` : ''}`,
    }
  } finally {
    clearTimeout(limit)
    server.close()
    server.closeAllConnections()
    close()
  }
}

export async function pageRows() {
  const at = await npmProject('pages', {})
  const files = {
    'gradus.js': readFileSync(join(at, 'node_modules', 'gradus', 'dist', 'gradus.min.js'), 'utf8'),
    'train.js': training("import * as g from './gradus.js'"),
    'main.js': main,
    'parent.js': parent,
  }
  return Object.keys(browsers).flatMap((browser) =>
    Object.entries(kinds).map(([kind, how]) => [
      `${browser}, ${kind} page`,
      () => answer(browser, files, how),
    ]),
  )
}
