import { wasmBackend, type WasmBackend } from '@gradus/backend-wasm'
import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import { conformance } from '../src/conformance/index.ts'

const reference = referenceBackend()
const made: WasmBackend[] = []
const backendOf = (options: { threads: number; deterministic: boolean }): WasmBackend => {
  const backend = wasmBackend(options)
  made.push(backend)
  return backend
}
afterAll(() => {
  for (const backend of made) backend.stop()
})

describe('the wasm backend', () => {
  for (const deterministic of [false, true]) {
    const how = deterministic ? 'deterministic' : 'with what the engine has'
    // without relaxed SIMD both are the same
    test.skipIf(deterministic && !wasmBackend().relaxed)(
      `computes what the reference defines, ${how}`,
      async () => {
        const { cases, differences } = await conformance(backendOf({ threads: 1, deterministic }), reference)
        expect(cases).toBeGreaterThan(5000)
        expect(differences).toEqual([])
      },
      600_000,
    )
  }

  test('computes the same bits on two threads as on one', async () => {
    const two = backendOf({ threads: 2, deterministic: false })
    await two.init()
    const one = backendOf({ threads: 1, deterministic: false })
    expect((await conformance(two, one, { exact: true })).differences).toEqual([])
  }, 600_000)
})
