// The table of docs/coverage.md.
import { reasons } from './coverage-reasons.mjs'

const code = (text) => `\`${text}\``
const row = (cells) => `| ${cells.join(' | ')} |`
const share = (a, b) => (b === 0 ? '–' : `${((100 * a) / b).toFixed(1)} %`)

function counts(names) {
  const list = Object.values(names)
  const present = list.filter(({ at }) => at)
  const excused = list.filter(({ why }) => why).length
  const parameters = present.flatMap(({ parameters: all }) => all)
  const has = parameters.filter(({ as }) => as).length
  const open = parameters.filter(({ missing }) => missing).length
  return {
    names: present.length,
    excused,
    missing: list.length - present.length - excused,
    parameters: has,
    parametersExcused: parameters.length - has - open,
    parametersMissing: open,
  }
}

function countRow(label, c) {
  return row([
    label,
    c.names,
    c.missing,
    c.excused,
    share(c.names, c.names + c.missing),
    c.parameters,
    c.parametersMissing,
    c.parametersExcused,
    share(c.parameters, c.parameters + c.parametersMissing),
  ])
}

function nameRow(name, { at, why, parameters }) {
  const here = at ? at.split(', ').map(code).join(', ') : why ? `– (${why})` : '**not yet**'
  if (!at) return row([code(name), here, ''])
  const words = parameters.map((p) => {
    if (p.missing) return `**${code(p.name)} not yet**`
    if (p.why) return `${code(p.name)} – (${p.why})`
    return p.as === p.name ? code(p.name) : `${code(p.name)} as ${code(p.as)}`
  })
  return row([code(name), here, words.join(', ')])
}

/** The counts, all of them and by area. */
export function counted(areas) {
  const all = Object.values(areas).map(counts)
  const total = all.reduce((sum, c) => Object.fromEntries(Object.keys(c).map((k) => [k, sum[k] + c[k]])))
  const head = ['area', 'names', 'not yet', 'excused', 'share', 'parameters', 'not yet', 'excused', 'share']
  return [
    row(head),
    row(head.map((_, i) => (i === 0 ? '---' : '--:'))),
    countRow('all', total),
    ...Object.entries(areas).map(([area, names]) => countRow(area, counts(names))),
  ].join('\n')
}

/** The page as Markdown. */
export function page(areas) {
  return `# The names of PyTorch

Every public name of PyTorch 2.13 with its place in gradus, and every parameter of those that are present, as
\`scripts/coverage.mjs\` reads them from the declarations: \`pnpm fix coverage\` renews this page. A share is that of what is
present among what no reason excuses. What stands as **not yet** does not work.

${counted(areas)}

Reasons:

${Object.entries(reasons)
  .map(([word, meaning]) => `- ${word}: ${meaning}`)
  .join('\n')}
${Object.entries(areas)
  .map(
    ([area, names]) => `
## ${area}

| PyTorch | gradus | parameters |
| --- | --- | --- |
${Object.entries(names)
  .map(([name, entry]) => nameRow(name, entry))
  .join('\n')}
`,
  )
  .join('')}`
}
