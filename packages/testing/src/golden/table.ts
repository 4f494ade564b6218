import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { excluded } from './excluded.ts'
import type { OpResult } from './run.ts'

/** The published pass table. */
export const tablePath = resolve(import.meta.dirname, '../../../../docs/golden.md')

/** Writes the table, if it says something new. */
export function writeTable(results: readonly OpResult[]): void {
  const text = tableOf(results)
  if (existsSync(tablePath) && readFileSync(tablePath, 'utf8') === text) return
  mkdirSync(dirname(tablePath), { recursive: true })
  writeFileSync(tablePath, text)
}

/** The table as Markdown: totals, every operator, what is left out and why. */
export function tableOf(results: readonly OpResult[]): string {
  const counted = results.filter(({ name }) => !(name in excluded))
  const left = results.filter(({ name }) => name in excluded)
  const total = (pick: (r: OpResult) => number): number => counted.reduce((sum, r) => sum + pick(r), 0)
  const complete = counted.filter((r) => r.present && r.passed === r.samples).length
  return `# Operators against PyTorch

PyTorch 2.13's own sample inputs of its operators, in float32: outputs and gradients of gradus against PyTorch's, on the
CPU. The tests write this page (\`packages/testing/test/opinfo.test.ts\`). Relative and absolute tolerance are 1.3e-6 and
1e-5; 1e-4 and 1e-5 where PyTorch adds many numbers in another order (matrix products, convolutions, norms, long sums).
A sample passes if its outputs and its gradients agree. An operator that gradus has not got counts as failed.

|           | passed | of | |
| --------- | -----: | -: | -: |
| operators | ${ratio(complete, counted.length)} |
| samples   | ${ratio(
    total((r) => r.passed),
    total((r) => r.samples),
  )} |
| gradients | ${ratio(
    total((r) => r.gradientsPassed),
    total((r) => r.gradients),
  )} |

## Every operator

| operator | samples | gradients |
| -------- | ------: | --------: |
${counted.map(row).join('\n')}

## Left out

| operator | samples | why |
| -------- | ------: | --- |
${left.map((r) => `| ${code(r.name)} | ${r.samples} | ${excluded[r.name]} |`).join('\n')}
`
}

const ratio = (passed: number, of: number): string =>
  `${passed} | ${of} | ${((100 * passed) / of).toFixed(1)} %`

const row = (r: OpResult): string =>
  `| ${code(r.name)}${r.present ? '' : ' (absent)'} | ${r.passed} / ${r.samples} | ${
    r.gradients > 0 ? `${r.gradientsPassed} / ${r.gradients}` : '–'
  } |`

const code = (name: string): string => `\`${name}\``
