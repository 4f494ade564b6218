import { expect, test } from 'vitest'
import * as g from '/work/main/packages/core/src/index.ts'
import { wasmBackend } from '/work/main/packages/backend-wasm/src/index.ts'
g.setBackend(wasmBackend({ threads: 1 }))
test('smoke', () => {
  const x = g.tensor([[1, 2], [3, 4]])
  expect(x.add(x).tolist()).toEqual([[2, 4], [6, 8]])
  expect(x.t().add(x).tolist()).toEqual([[2, 5], [5, 8]])
  expect(x.matmul(x).tolist()).toEqual([[7, 10], [15, 22]])
  expect(x.sum().item()).toBe(10)
  expect(g.zeros(3, 3).sum(0).tolist()).toEqual([0, 0, 0])
  const big = g.ones(1000, 1000)
  expect(big.add(1).sum().item()).toBe(2e6)
})
