// What each use costs a page: bundles the programs of sizes.json, minified, and keeps the table in README.md true.
// `--write` renews the table; without it a table that is off by more than 2 %, or a size over its budget, fails.
import { build } from 'esbuild'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const marks = ['<!-- sizes:start -->', '<!-- sizes:end -->']
const programs = JSON.parse(readFileSync(new URL('sizes.json', import.meta.url), 'utf8'))

async function measure(code) {
  const { outputFiles } = await build({
    // testing depends on every package
    stdin: { contents: code, resolveDir: 'packages/testing', loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
    logLevel: 'silent',
  })
  const bytes = outputFiles[0].contents
  return { minified: bytes.length / 1000, gzip: gzipSync(bytes, { level: 9 }).length / 1000 }
}

const failures = []
const rows = []
for (const { name, code, budget } of programs) {
  const size = await measure(code).catch((error) => error.message)
  if (typeof size === 'string') {
    failures.push(`${name}: ${size}`)
    continue
  }
  const { minified, gzip } = size
  rows.push({ name, minified, gzip })
  console.log(
    `${gzip.toFixed(1).padStart(8)} kB gzip ${minified.toFixed(1).padStart(8)} kB minified  ${name}`,
  )
  if (budget !== null && gzip > budget)
    failures.push(`${name}: ${gzip.toFixed(1)} kB is over its budget of ${budget} kB`)
}

const readme = existsSync('README.md') ? readFileSync('README.md', 'utf8') : ''
const [start, end] = marks.map((mark) => readme.indexOf(mark))
if (start < 0 || end < start) {
  failures.push(`README.md has no place for the table: ${marks.join(' ')}`)
} else if (process.argv.includes('--write')) {
  const table = [
    '| use | minified, kB | gzip, kB |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.name} | ${row.minified.toFixed(1)} | ${row.gzip.toFixed(1)} |`),
  ].join('\n')
  // prettier pads the columns, as it will check
  const { format, resolveConfig } = await import('prettier')
  const text = `${readme.slice(0, start)}${marks[0]}\n\n${table}\n\n${readme.slice(end)}`
  const options = await resolveConfig('README.md')
  writeFileSync('README.md', await format(text, { ...options, parser: 'markdown' }))
} else {
  const table = readme.slice(start, end)
  for (const { name, minified, gzip } of rows) {
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
