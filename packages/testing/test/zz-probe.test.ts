import { setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { test } from 'vitest'
import { writeFileSync } from 'node:fs'
import { opNames, readOp, runOp } from '../src/golden/index.ts'
test('probe', () => {
  setBackend(referenceBackend())
  const only = process.env.OPS?.split(',')
  const lines: string[] = []
  for (const name of opNames()) {
    if (only && !only.includes(name)) continue
    const t = performance.now()
    const r = runOp(readOp(name))
    const ms = performance.now() - t
    lines.push(
      `${r.present ? (r.passed === r.samples ? 'PASS' : 'FAIL') : 'ABSENT'} ${name} ${r.passed}/${r.samples} grads ${r.gradientsPassed}/${r.gradients} ${ms.toFixed(0)}ms`,
    )
    for (const f of r.failures.slice(0, 3))
      lines.push('      ' + f.split('\n').slice(0, 2).join(' | ').slice(0, 220))
  }
  writeFileSync('/tmp/probe.txt', lines.join('\n') + '\n')
}, 600000)
