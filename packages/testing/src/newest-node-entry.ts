// What the test of the newest Node runs in it: the conformance suite with relaxed SIMD, without, and on two threads.
import { wasmBackend } from '@gradus/backend-wasm'
import { referenceBackend } from '@gradus/core/reference'
import { conformance } from './conformance/index.ts'

/** What the program prints, as JSON. */
export interface NewestNodeResult {
  readonly node: string
  readonly relaxed: boolean
  readonly cases: readonly number[]
  readonly differences: readonly unknown[]
}

const reference = referenceBackend()
const one = wasmBackend({ threads: 1 })
const two = wasmBackend({ threads: 2 })
await two.init()
const reports = [
  await conformance(one, reference),
  await conformance(wasmBackend({ threads: 1, deterministic: true }), reference),
  await conformance(two, one, { exact: true }),
]
two.stop()
const result: NewestNodeResult = {
  node: process.version,
  relaxed: one.relaxed,
  cases: reports.map((report) => report.cases),
  differences: reports.flatMap((report) => report.differences),
}
process.stdout.write(JSON.stringify(result))
