import type { Backend } from '@gradus/core/backend'
import { failureCases } from './failures.ts'
import { programCases } from './programs.ts'
import { routineCases } from './routines.ts'
import { rowCases } from './rows.ts'
import { differenceOf, type Trial } from './trial.ts'

/** Something that every backend computes alike. */
export interface Case extends Trial {
  readonly name: string
}

/** What came of all cases. */
export interface Report {
  readonly cases: number
  /** `name: difference` of each case that differs. */
  readonly differences: readonly string[]
}

/**
 * Runs programs and routines on a backend and on the one that defines them: sizes 0, 1, odd and large, strides 0 and
 * negative, NaN, infinities and denormals, every dtype, errors too. A backend without `readSync` is read by promises, and may
 * report a failed check of elements at the next read.
 *
 * @param options.exact - whether not even rounding may differ: one backend against itself on other threads
 * @example
 * (await conformance(wasmBackend(), referenceBackend())).differences // => []
 */
export async function conformance(
  backend: Backend,
  reference: Backend,
  options: { exact?: boolean } = {},
): Promise<Report> {
  const differences: string[] = []
  let cases = 0
  for (const part of [programCases, rowCases, routineCases, failureCases]) {
    for (const one of part()) {
      cases++
      const difference = await differenceOf(one, backend, reference, options.exact ?? false)
      if (difference !== null) differences.push(`${one.name}: ${difference}`)
    }
  }
  return { cases, differences }
}
