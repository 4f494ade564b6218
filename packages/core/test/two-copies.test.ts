import { expect, test, vi } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

test('a tensor of another copy of the package is refused by that name', async () => {
  vi.resetModules()
  const other = await import('../src/index.ts')
  const { referenceBackend: otherBackend } = await import('../src/reference/index.ts')
  expect(other.Tensor).not.toBe(g.Tensor)
  other.setBackend(otherBackend())
  const message =
    /a tensor float32\[2\] of another copy of @gradus\/core \(version .+ beside .+\): make the package manager keep one/
  // the types of the two are one
  const foreign = other.ones(2)
  expect(() => g.ones(2).add(foreign)).toThrow(message)
  expect(() => g.sum(foreign)).toThrow(message)
  expect(() => g.cat([g.ones(2), foreign])).toThrow(/tensors must be an array/)
  expect(() => g.ones(2, 2).matmul(foreign)).toThrow(message)
  expect(() => g.where(g.ones(2).gt(0), foreign, 0)).toThrow(message)
  expect(() => g.ones(2).copy_(foreign)).toThrow(message)
  expect(g.ones(2).add(1).tolist()).toEqual([2, 2])
})
