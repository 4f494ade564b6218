import { setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { messageOf, normalised, readErrors, unlike } from '../src/golden/errors.ts'
import { goldenMissing, resolveOp } from '../src/golden/index.ts'

setBackend(referenceBackend())

describe('errors of PyTorch', () => {
  if (goldenMissing !== null) {
    test.skip(`348 refused calls: ${goldenMissing}`, () => {})
    return
  }
  const present = readErrors().filter(({ op }) => resolveOp({ name: op, op }) !== null)
  const reasons = present.map(unlike)

  for (const reason of new Set(reasons.filter((r) => r !== null))) {
    test.skip(`${reasons.filter((r) => r === reason).length} refused calls: ${reason}`, () => {})
  }
  present
    .filter((_, i) => reasons[i] === null)
    .forEach((golden, i) => {
      const { op, err } = golden
      const message = err?.[1].split('\n')[0]!.slice(0, 80)
      test(`${i} ${op}: ${message ?? 'accepted'}`, () => {
        const answer = messageOf(golden)
        expect(answer && normalised(answer)).toBe(err && normalised(err[1]))
      })
    })
})
