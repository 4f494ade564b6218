import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.resetModules()
})

/** What a page does whose content policy has no 'wasm-unsafe-eval'. */
function forbidCode(): void {
  class Refused {
    constructor() {
      throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder')
    }
  }
  vi.stubGlobal('WebAssembly', Object.create(WebAssembly, { Module: { value: Refused } }))
}

test('where the engine compiles no WebAssembly, gradus trains on the reference backend and says so once', async () => {
  vi.resetModules()
  forbidCode()
  const lines: unknown[] = []
  vi.spyOn(console, 'warn').mockImplementation((line) => void lines.push(line))
  const g = await import('gradus')
  expect(lines).toEqual([expect.stringMatching(/cannot be compiled here .*disallowed.*reference backend/)])
  const got = await g.init({ threads: 2 })
  expect(got).toEqual(g.status())
  expect(got).toMatchObject({ backend: 'reference', threads: 1, simd: 'none', deterministic: true })
  expect(got.why).toMatch(/disallowed.*'wasm-unsafe-eval'/)
  const w = g.tensor([1, 2], { requiresGrad: true })
  w.mul(3).sum().backward()
  expect(w.grad?.tolist()).toEqual([3, 3])
})

test('a compiled backend that was chosen by hand says what to allow', async () => {
  vi.resetModules()
  forbidCode()
  const { setBackend, tensor } = await import('@gradus/core')
  const { wasmBackend } = await import('@gradus/backend-wasm')
  setBackend(wasmBackend())
  expect(() => tensor([1])).toThrow(/WebAssembly cannot be compiled here.*'wasm-unsafe-eval'/s)
})
