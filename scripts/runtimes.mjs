// The packed packages in every environment that can be had here: `pnpm runtimes [engines|bundles|next|pages|types ...]`, after
// `pnpm build && pnpm check pack`. Twenty training steps must give the same bits everywhere; docs/runtimes.md has the table.
import { writeFileSync } from 'node:fs'
import { Absent } from './runtimes/consumer.mjs'

const groups = {
  engines: ['Engines and test runners', async () => (await import('./runtimes/engines.mjs')).engineRows()],
  bundles: ['Bundlers', async () => (await import('./runtimes/bundles.mjs')).bundleRows()],
  next: ['Next', async () => (await import('./runtimes/next.mjs')).nextRows()],
  pages: ['Pages', async () => (await import('./runtimes/pages.mjs')).pageRows()],
  types: ['Declarations', async () => (await import('./runtimes/types.mjs')).typeRows()],
}
const asked = process.argv.slice(2)
for (const name of asked) {
  if (!Object.hasOwn(groups, name))
    throw new Error(`groups are ${Object.keys(groups).join(', ')}; got ${name}`)
}

let expected
let failed = 0
const tables = []
for (const [name, [title, rowsOf]] of Object.entries(groups)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const lines = []
  for (const [label, work] of await rowsOf()) {
    let said
    try {
      const result = await work()
      const { bits, note = '' } = typeof result === 'string' ? { bits: result } : result
      if (bits === 'types') said = 'compiles'
      else {
        expected ??= bits
        said = bits === expected ? `bits ${bits}` : `**other bits: ${bits}**`
        if (bits !== expected) failed++
        if (note) said += `; ${note}`
      }
    } catch (error) {
      if (error instanceof Absent) said = `not tried: ${error.message}`
      else {
        failed++
        said = `**fails**: ${String(error.message).split('\n').slice(0, 12).join(' ').slice(0, 600)}`
      }
    }
    console.log(`${label}: ${said}`)
    lines.push(`| ${label} | ${said.replaceAll('|', '\\|')} |`)
  }
  tables.push(`## ${title}\n\n| where | result |\n| --- | --- |\n${lines.join('\n')}\n`)
}
if (asked.length === 0) {
  writeFileSync(
    'docs/runtimes.md',
    `# Where it runs\n\nThe packed packages, installed as a consumer would, by \`pnpm build && pnpm check pack && pnpm runtimes\`. Twenty steps of\ntraining, \`init({ deterministic: true })\`; the hash of losses and weights is the same in every row that ran.\n\n${tables.join('\n')}`,
  )
}
console.log(failed === 0 ? 'every row that ran agrees' : `${failed} rows fail`)
process.exitCode = failed === 0 ? 0 : 1
