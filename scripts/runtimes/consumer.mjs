// Projects as consumers have them: the packed tarballs installed by npm or pnpm, and the program that all of them run.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { published } from '../published.mjs'

export const home = resolve('.reports/runtimes')
const packs = resolve('.reports/packs')

/** Thrown where a row cannot be tried here; the text says what is missing. */
export class Absent extends Error {}

/** Output of a command, or an error with it. */
export function run(command, args, { cwd = home, env = {}, limit = 180_000 } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } })
    let output = ''
    const stop = setTimeout(() => child.kill('SIGKILL'), limit)
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    child.on('error', (error) => fail(new Absent(String(error))))
    child.on('close', (code) => {
      clearTimeout(stop)
      if (code === 0) done(output)
      else fail(new Error(`${command} ${args.join(' ')} ended with ${code}\n${output.trim().slice(-1500)}`))
    })
  })
}

/** The tarballs of `check pack`, by package. */
export function tarballs() {
  const entries = published.map(({ manifest: { name, version } }) => {
    const file = join(packs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
    if (!existsSync(file)) throw new Error(`${file} is missing: run pnpm build && pnpm check pack first`)
    return [name, `file:${file}`]
  })
  return Object.fromEntries(entries)
}

/** An empty folder with files. */
export function folder(name, files = {}) {
  const at = join(home, name)
  rmSync(at, { recursive: true, force: true })
  mkdirSync(at, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(at, file), text)
  return at
}

const manifest = (dependencies, more = {}) =>
  JSON.stringify({ name: 'consumer', private: true, type: 'module', dependencies, ...more })

/** A project that npm installs; tools beside gradus by name and version. */
export async function npmProject(name, files, tools = {}) {
  const at = folder(name, { ...files, 'package.json': manifest({ ...tarballs(), ...tools }) })
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: at })
  return at
}

/** A project that pnpm installs, where a package sees its own dependencies alone. */
export async function pnpmProject(name, files, tools = {}) {
  const all = tarballs()
  const at = folder(name, {
    ...files,
    'package.json': manifest({ gradus: all.gradus, ...tools }, { pnpm: { overrides: all } }),
    'pnpm-workspace.yaml': `packages: ['.']\noverrides:\n${Object.entries(all)
      .map(([key, value]) => `  '${key}': '${value}'\n`)
      .join('')}`,
  })
  await run('pnpm', ['install', '--ignore-scripts'], { cwd: at })
  return at
}

/**
 * Twenty steps whose weights and losses must have the same bits everywhere: `train` answers them as hexadecimal digits.
 * `deterministic` keeps the engine from rounding once where others round twice.
 */
export const training = (from) => `${from}
export async function train(options) {
  const got = await g.init({ deterministic: true, ...options })
  g.manualSeed(7)
  const model = new g.nn.Sequential(new g.nn.Linear(6, 16), new g.nn.Tanh(), new g.nn.Linear(16, 3))
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: 0.02 })
  const x = g.randn(32, 6)
  const y = g.randint(0, 3, [32])
  const losses = []
  for (let step = 0; step < 20; step++) {
    optimizer.zeroGrad()
    const loss = g.nn.functional.crossEntropy(model.forward(x), y)
    loss.backward()
    optimizer.step()
    losses.push(loss.item())
  }
  if (!(losses[19] < losses[0])) throw new Error('the loss did not fall: ' + losses)
  const numbers = [...losses, ...[...model.parameters()].flatMap((p) => p.flatten().tolist())]
  const words = new Uint32Array(Float32Array.from(numbers).buffer)
  let hash = 0x811c9dc5
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193) >>> 0
  return { bits: hash.toString(16).padStart(8, '0'), got }
}
`

export const byImport = training("import * as g from 'gradus'")
export const printing =
  "import { train } from './train.js'\nconsole.log('bits=' + (await train({ threads: 1 })).bits)\n"

/** The digits that a program printed. */
export function bitsOf(output) {
  const found = /bits=([0-9a-f]{8})/.exec(output)
  if (!found) throw new Error(`no bits in the output\n${output.slice(-800)}`)
  return found[1]
}
