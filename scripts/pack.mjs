// What a consumer gets: packs every public package, checks the tarballs with publint and attw, then installs them
// beside each other, loads every entry, and type-checks every entry and the programs of the packages' pages.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { published } from './published.mjs'

const packs = resolve('.reports/packs')
const consumer = resolve('.reports/consumer')
rmSync(packs, { recursive: true, force: true })
rmSync(consumer, { recursive: true, force: true })
mkdirSync(packs, { recursive: true })

let problems = 0
const report = (name, text) => {
  problems++
  console.error(`${name}: ${text.trim()}`)
}

function run(command, args, cwd = '.') {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { ok: status === 0, output: error ? String(error) : stdout + stderr }
}

const entries = []
const readmes = []
for (const { dir, manifest } of published) {
  const { name, version } = manifest
  const packed = run('pnpm', ['pack', '--pack-destination', packs], dir)
  if (!packed.ok) {
    report(name, packed.output)
    continue
  }
  const tarball = join(packs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)

  const { messages, pkg } = await publint({ pack: { tarball: readFileSync(tarball) }, strict: true })
  for (const message of messages) report(name, formatMessage(message, pkg))

  const attw = run('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'])
  if (!attw.ok) report(name, attw.output)

  const home = join(consumer, 'node_modules', name)
  mkdirSync(home, { recursive: true })
  const unpacked = run('tar', ['-xzf', tarball, '-C', home, '--strip-components', '1'])
  if (!unpacked.ok) report(name, unpacked.output)

  // libraries of others, as npm would put them beside
  for (const library of Object.keys(manifest.dependencies ?? {})) {
    const place = join(consumer, 'node_modules', library)
    if (published.some((other) => other.manifest.name === library) || existsSync(place)) continue
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(realpathSync(join(dir, 'node_modules', library)), place)
  }

  const page = readFileSync(join(home, 'README.md'), 'utf8')
  const file = `readme-${dir.split('/').at(-1)}.ts`
  writeFileSync(join(consumer, file), /```ts\n([\s\S]*?)```/.exec(page)[1])
  readmes.push(file)

  const paths = Object.keys(pkg.exports).filter(
    (path) => path !== './package.json' && !path.endsWith('.min.js'),
  )
  entries.push(...paths.map((path) => name + path.slice(1)))
}

writeFileSync(
  join(consumer, 'package.json'),
  JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
)
const imports = entries.map((entry, i) => `import * as e${i} from '${entry}'`).join('\n')
const names = entries.map((_, i) => `e${i}`).join(', ')
writeFileSync(
  join(consumer, 'consumer.js'),
  `${imports}\nconsole.log([${names}].map((e) => Object.keys(e).length))\n`,
)
writeFileSync(join(consumer, 'consumer.ts'), `${imports}\nexport const entries: object[] = [${names}]\n`)

const compilerOptions = {
  noEmit: true,
  strict: true,
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
  module: 'nodenext',
}
const project = (name, files, types) =>
  writeFileSync(
    join(consumer, name),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types }, files }),
  )
project('tsconfig.json', ['consumer.ts'], [])
project('tsconfig.readmes.json', readmes, ['node'])

const loaded = run(process.execPath, ['consumer.js'], consumer)
if (!loaded.ok) report('consumer', loaded.output)
const typed = run('tsc', ['-p', '.'], consumer)
if (!typed.ok) report('consumer types', typed.output)
const pages = run('tsc', ['-p', 'tsconfig.readmes.json'], consumer)
if (!pages.ok) report('types of the programs in README.md', pages.output)

console.log(`${published.length} packages, ${entries.length} entries, ${problems} problems`)
process.exitCode = problems > 0 ? 1 : 0
