// What each use costs a page: bundles the programs of sizes.json, minified, runs each, and keeps the table in README.md true.
// `--write` renews the table with every bundler; without it a figure of esbuild that is off by more than 2 %, a size over its
// budget, or a program that fails, fails. Modules of a program by weight: weigh.mjs.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundlers } from './bundlers.mjs'

const marks = ['<!-- sizes:start -->', '<!-- sizes:end -->']
const programs = JSON.parse(readFileSync(new URL('sizes.json', import.meta.url), 'utf8'))
const write = process.argv.includes('--write')
const used = Object.entries(bundlers).filter(([name]) => write || name === 'esbuild')
const failures = []
const folder = mkdtempSync(join(tmpdir(), 'gradus-sizes-'))

/** Gzipped and minified kB by bundler; each bundle must run. */
async function measure(name, code) {
  const sizes = {}
  for (const [bundler, bundle] of used) {
    const text = await bundle(code)
    const file = join(folder, 'program.mjs')
    writeFileSync(file, text)
    const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    if (status !== 0) failures.push(`${name}, bundled by ${bundler}: ${stderr.slice(-500)}`)
    const bytes = Buffer.from(text)
    sizes[bundler] = { minified: bytes.length / 1000, gzip: gzipSync(bytes, { level: 9 }).length / 1000 }
  }
  return sizes
}

const rows = []
for (const { name, code, budget } of programs) {
  const sizes = await measure(name, code).catch((error) => error.message)
  if (typeof sizes === 'string') {
    failures.push(`${name}: ${sizes}`)
    continue
  }
  rows.push({ name, sizes })
  const figures = Object.entries(sizes).map(
    ([bundler, { gzip }]) => `${bundler} ${gzip.toFixed(1).padStart(6)} kB`,
  )
  console.log(`${figures.join('  ')}  ${name}`)
  if (sizes.esbuild.gzip > budget)
    failures.push(`${name}: ${sizes.esbuild.gzip.toFixed(1)} kB is over its budget of ${budget} kB`)
}
rmSync(folder, { recursive: true })

const readme = existsSync('README.md') ? readFileSync('README.md', 'utf8') : ''
const [start, end] = marks.map((mark) => readme.indexOf(mark))
if (start < 0 || end < start) {
  failures.push(`README.md has no place for the table: ${marks.join(' ')}`)
} else if (write) {
  const names = used.map(([name]) => name)
  const table = [
    `| program | minified, kB | ${names.map((name) => `${name}, gzip`).join(' | ')} |`,
    `| --- | ${['', ...names].map(() => '---:').join(' | ')} |`,
    ...rows.map(({ name, sizes }) => {
      const gzip = names.map((bundler) => sizes[bundler].gzip.toFixed(1))
      return `| ${name} | ${[sizes.esbuild.minified.toFixed(1), ...gzip].join(' | ')} |`
    }),
  ].join('\n')
  // prettier pads the columns, as it will check
  const { format, resolveConfig } = await import('prettier')
  const text = `${readme.slice(0, start)}${marks[0]}\n\n${table}\n\n${readme.slice(end)}`
  const options = await resolveConfig('README.md')
  writeFileSync('README.md', await format(text, { ...options, parser: 'markdown' }))
} else {
  const table = readme.slice(start, end)
  for (const { name, sizes } of rows) {
    const { minified, gzip } = sizes.esbuild
    const row = table.split('\n').find((line) => line.split('|')[1]?.trim() === name)
    const stated = row?.split('|').slice(2, 4).map(Number) ?? []
    const stale = [minified, gzip].some((size, i) => !(Math.abs(size - stated[i]) <= 0.02 * size + 0.05))
    if (stale)
      failures.push(
        `${name}: README.md says ${row ? stated.join(' and ') : 'nothing'}; \`pnpm fix sizes\` renews it`,
      )
  }
}

for (const failure of failures) console.error(failure)
process.exitCode = failures.length > 0 ? 1 : 0
