import { setBackend, setTape } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tape } from '../src/index.ts'
import { kinds, run, type Step } from './aliasing/program.ts'

setBackend(referenceBackend())
setTape(tape)

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  // late variables are chosen more often than the leaves
  a: fc.nat(30),
  b: fc.nat(30),
  n: fc.nat(5),
  off: fc.boolean().map((off) => off),
})

// GRADUS_PROGRAMS=20000 for a long run; fast-check shrinks what fails
const programs = Number(process.env['GRADUS_PROGRAMS'] ?? 300)

test(
  'programs of views, reads and in-place writes have the gradients of programs without aliasing',
  () => {
    const counts = { same: 0, overwritten: 0 }
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 14 }), (steps) => {
        counts[run(steps).outcome]++
      }),
      { numRuns: programs },
    )
    // most programs run to their end: the comparison means something
    expect(counts.same).toBeGreaterThan(counts.overwritten)
  },
  30_000 + programs * 100,
)
