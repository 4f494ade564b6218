// Prints what was skipped, and `N passed, N failed, N skipped`, from the report that vitest leaves; exits with 1 when something
// failed.
import { existsSync, readFileSync } from 'node:fs'

const path = new URL('../.reports/tests.json', import.meta.url)
const count = { passed: 0, failed: 0, skipped: 0 }

if (existsSync(path)) {
  for (const file of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    for (const { status, fullName } of file.assertionResults) {
      const outcome = status === 'passed' || status === 'failed' ? status : 'skipped'
      count[outcome]++
      if (outcome === 'skipped') console.log(`skipped: ${fullName}`)
    }
    // a file that does not load has no tests to fail: it counts as one
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
      count.failed++
  }
} else {
  count.failed = 1
}

console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exitCode = count.failed > 0 ? 1 : 0
