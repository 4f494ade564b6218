// Entry of `npm start` and `npm test`: needs only Node and npm, installs the workspace when the lockfile changed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const stamp = join(root, 'node_modules', '.bootstrap')
const report = join(root, '.reports', 'tests.json')
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' }

const say = (message) => process.stderr.write(`${message}\n`)

// Ctrl-C reaches the child through the terminal; this process stays to pass on how the child ended.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child?.kill('SIGTERM'))
let child

/** Runs a command on this terminal and answers its exit code (128 + signal if it was killed). */
function run(command, args) {
  return new Promise((resolve) => {
    // npx is a .cmd file on Windows, which only a shell can start
    const shell = process.platform === 'win32' && command !== process.execPath
    child = spawn(command, args, { cwd: root, env, stdio: 'inherit', shell })
    child.on('error', (error) => {
      say(`cannot start ${command}: ${error.message}`)
      resolve(127)
    })
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

const pnpm = (...args) => run('npx', ['--yes', manifest.packageManager, ...args])

async function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return 0
  say(`Installing the workspace with ${manifest.packageManager} (once, and after the lockfile changes) ...`)
  const code = await pnpm('install', '--frozen-lockfile')
  if (code !== 0) {
    say(`Installing failed with exit code ${code}. The messages above say why; the network is needed once.`)
    return code
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, lock)
  return 0
}

const start = (args) => program('char-lm', args)

/** Runs one program of `examples/`, by its name. */
async function example([name, ...args]) {
  const folder = join(root, 'examples')
  const known = readdirSync(folder)
    .filter((entry) => /^[^.]+\.ts$/.test(entry) || existsSync(join(folder, entry, 'main.ts')))
    .map((entry) => entry.replace('.ts', ''))
  if (known.includes(name)) return program(name, args)
  say(`usage: npm run example NAME [-- options], with NAME one of: ${known.join(', ')}`)
  return 2
}

async function program(name, args) {
  const code = await pnpm('exec', 'turbo', 'run', 'build', '--filter=examples', '--output-logs=errors-only')
  if (code !== 0) return code
  return run(process.execPath, ['--enable-source-maps', join('examples', 'dist', `${name}.js`), ...args])
}

async function test(args) {
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const code = await run(process.execPath, [vitest, 'run', ...args])
  const summary = await run(process.execPath, [join('scripts', 'test-summary.mjs')])
  return code || summary
}

const [task, ...rest] = process.argv.slice(2)
const tasks = { start, test, example }
const [major, minor] = process.versions.node.split('.').map(Number)

if (!Object.hasOwn(tasks, task)) {
  say(`usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join('|')} [-- arguments]`)
  process.exitCode = 2
} else if (major < 20 || (major === 20 && minor < 19)) {
  say(`gradus needs Node ${manifest.engines.node}; this is ${process.versions.node}.`)
  process.exitCode = 1
} else {
  // an old report must not speak for a run that never came about
  if (task === 'test') rmSync(report, { force: true })
  process.exitCode = await install()
  if (process.exitCode === 0)
    process.exitCode = await tasks[task](rest.filter((arg, i) => arg !== '--' || i > 1))
}
