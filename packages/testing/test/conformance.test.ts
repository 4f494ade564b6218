import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import { WasmBackend } from '../../backend-wasm/src/backend.ts'
import { conformance } from '../src/conformance/index.ts'

const reference = referenceBackend()
const made: WasmBackend[] = []
const backendOf = (options: { threads: number; deterministic: boolean }): WasmBackend => {
  const backend = new WasmBackend(options)
  made.push(backend)
  return backend
}
afterAll(() => {
  for (const backend of made) backend.stop()
})

describe('the wasm backend', () => {
  for (const deterministic of [false, true]) {
    const name = deterministic ? 'deterministic' : 'with what the engine has'
    test(`computes what the reference defines, ${name}`, () => {
      const { cases, differences } = conformance(backendOf({ threads: 1, deterministic }), reference)
      expect(cases).toBeGreaterThan(5000)
      expect(differences).toEqual([])
    }, 120_000)

    test(`computes the same bits on two threads, ${name}`, async () => {
      const two = backendOf({ threads: 2, deterministic })
      await two.init()
      expect(conformance(two, backendOf({ threads: 1, deterministic }), { exact: true }).differences).toEqual([])
    }, 120_000)
  }
})
