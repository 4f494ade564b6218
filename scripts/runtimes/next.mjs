// A Next application: one page that trains on the server while it is rendered, and in the browser once it is shown.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bitsOf, byImport, npmProject, run } from './consumer.mjs'
import { open } from './pages.mjs'

const files = {
  'layout.js': `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>
}
`,
  'page.js': `import { train } from './train.js'
import { Client } from './client.js'
export const dynamic = 'force-dynamic'
export default async function Page() {
  const { bits } = await train({ threads: 1 })
  return <main><p>{'bits=' + bits}</p><Client /></main>
}
`,
  'client.js': `'use client'
import { useEffect } from 'react'
import { train } from './train.js'
export function Client() {
  useEffect(() => {
    const send = (text) => fetch('/result', { method: 'POST', body: text })
    train({ threads: 2 }).then(({ bits }) => send('bits=' + bits), (error) => send(String(error)))
  }, [])
  return null
}
`,
  'train.js': byImport,
}
const route = `import { writeFileSync } from 'node:fs'
export async function POST(request) {
  writeFileSync('answer.txt', await request.text())
  return new Response('')
}
`

/** A port that nobody listens on. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

/** Calls until there is an answer that is not null. */
async function until(ask, what) {
  for (const end = Date.now() + 60_000; Date.now() < end; await wait(200)) {
    const answer = await ask()
    if (answer !== null) return answer
  }
  throw new Error(`${what} did not answer within 60 s`)
}

export async function nextRows() {
  const at = await npmProject('next', {}, { next: '*', react: '*', 'react-dom': '*' })
  mkdirSync(join(at, 'app', 'result'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, 'app', name), text)
  writeFileSync(join(at, 'app', 'result', 'route.js'), route)
  const env = { NEXT_TELEMETRY_DISABLED: '1' }
  await run('npx', ['next', 'build'], { cwd: at, env, limit: 400_000 })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`

  /** Does the work while the application is served. */
  async function served(work) {
    const args = ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)]
    const child = spawn(process.execPath, args, { cwd: at, env: { ...process.env, ...env }, stdio: 'ignore' })
    const ask = () =>
      fetch(url).then(
        (response) => response.text(),
        () => null,
      )
    try {
      return await work(await until(ask, 'next start'))
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit') // the next one takes the same port
    }
  }

  return [
    ['Next, on the server', () => served(bitsOf)],
    [
      'Next, in Chromium',
      () =>
        served(async () => {
          const file = join(at, 'answer.txt')
          const close = open('Chromium', url)
          try {
            return bitsOf(
              await until(() => (existsSync(file) ? readFileSync(file, 'utf8') : null), 'the page'),
            )
          } finally {
            close()
          }
        }),
    ],
  ]
}
