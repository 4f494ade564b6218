import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { excluded } from './excluded.ts'
import { knownOn } from './known.ts'
import type { OpResult } from './run.ts'

/** Writes the published pass table of a backend, if it says something new. */
export function writeTable(results: readonly OpResult[], backend: string): void {
  const name = backend === 'reference' ? 'golden.md' : `golden-${backend}.md`
  const path = resolve(import.meta.dirname, '../../../../docs', name)
  const text = tableOf(results, backend)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** The table as Markdown: totals, every operator, what is left out and why. */
export function tableOf(results: readonly OpResult[], backend: string): string {
  const counted = results.filter(({ name }) => !(name in excluded))
  const left = results.filter(({ name }) => name in excluded)
  const total = (pick: (r: OpResult) => number): number => counted.reduce((sum, r) => sum + pick(r), 0)
  const complete = counted.filter((r) => r.present && r.passed === r.samples).length
  const counts: Cells[] = [
    ['operators', ...ratio(complete, counted.length)],
    ['samples', ...ratio(total((r) => r.passed), total((r) => r.samples))], // prettier-ignore
    ['gradients', ...ratio(total((r) => r.gradientsPassed), total((r) => r.gradients))], // prettier-ignore
  ]
  const differences = Object.entries(knownOn(backend)).flatMap(([name, samples]) =>
    Object.entries(samples).map(([sample, why]): Cells => [code(name), sample, why]),
  )
  return `# Operators against PyTorch

PyTorch 2.13's own sample inputs of its operators, in float32: outputs and gradients of gradus against PyTorch's, on the
${backend} backend. The tests write this page (\`packages/testing/test/opinfo.test.ts\`). Relative and absolute tolerance are 1.3e-6 and
1e-5; 1e-4 and 1e-5 where PyTorch adds many numbers in another order (matrix products, convolutions, norms, long sums).
A sample passes if its outputs and its gradients agree. An operator that gradus has not got counts as failed.

${markdown(['', 'passed', 'of', 'share'], counts, [1, 2, 3])}

## Every operator

${markdown(['operator', 'samples', 'gradients'], counted.map(row), [1, 2])}

## Known differences

Counted as failed above.

${markdown(['operator', 'sample', 'why'], differences, [1])}

## Left out

${markdown(
  ['operator', 'samples', 'why'],
  left.map((r) => [code(r.name), String(r.samples), excluded[r.name]]),
  [1],
)}
`
}

type Cells = readonly string[]

/** A table as prettier lays it out; some columns are set to the right. */
function markdown(head: Cells, rows: readonly Cells[], right: readonly number[]): string {
  const widths = head.map((h, i) => Math.max(3, h.length, ...rows.map((r) => r[i].length)))
  const line = (cells: Cells): string => `| ${cells.join(' | ')} |`
  const padded = (cells: Cells): string =>
    line(cells.map((c, i) => (right.includes(i) ? c.padStart(widths[i]) : c.padEnd(widths[i]))))
  const rule = widths.map((w, i) => (right.includes(i) ? `${'-'.repeat(w - 1)}:` : '-'.repeat(w)))
  return [padded(head), line(rule), ...rows.map(padded)].join('\n')
}

const ratio = (passed: number, of: number): string[] => [
  String(passed),
  String(of),
  `${((100 * passed) / of).toFixed(1)} %`,
]

const row = (r: OpResult): Cells => [
  `${code(r.name)}${r.present ? '' : ' (absent)'}`,
  `${r.passed} / ${r.samples}`,
  r.gradients > 0 ? `${r.gradientsPassed} / ${r.gradients}` : '–',
]

const code = (name: string): string => `\`${name}\``
