import { noGrad } from '@gradus/autograd'
import { setBackend, Tensor, type Storage } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { layerClasses, layerSamples } from './layer-samples.ts'

setBackend(referenceBackend())

test('every layer that nn exports has a line in layer-samples.ts', () => {
  expect(layerClasses.map(([name]) => name).filter((name) => !(name in layerSamples))).toEqual([])
  const names = new Set(layerClasses.map(([name]) => name))
  expect(Object.keys(layerSamples).filter((name) => !names.has(name))).toEqual([])
})

/** The memory behind the tensors of a result, each once. */
function storagesOf(result: unknown): Set<Storage> {
  if (result instanceof Tensor) return new Set([result.storage])
  const parts: unknown[] = Array.isArray(result) ? result : Object.values(Object(result))
  return new Set(parts.flatMap((part) => [...storagesOf(part)]))
}

// what no backend counts to the byte: the padding of blocks, scalars, masks of a few elements
const small = 8192

describe.each(Object.keys(layerSamples))('%s', (name) => {
  test('says its name, which a minifier leaves', () => {
    const Class = layerClasses.find(([key]) => key === name)?.[1]
    expect(Class && Object.hasOwn(Class, 'layerName') && Class.layerName).toBe(name)
  })

  test('leaves its result and nothing else where nothing is recorded, or says why', () => {
    // a backend of its own: what other tests left and the garbage collector finds does not count
    const backend = referenceBackend()
    setBackend(backend)
    const [layer, ...args] = layerSamples[name]()
    if (Reflect.get(layer.constructor, 'keeps') !== undefined) return
    const given = storagesOf([args, layer.parameters(), layer.buffers()])
    const run = (): unknown => noGrad(() => layer(...(args as never)))
    // statistics and the like are there after the first call; its result is kept until the end
    const first = run()
    const before = backend.memory().live
    const made = [...storagesOf(run())].filter((storage) => !given.has(storage))
    const left = backend.memory().live - before
    expect(left - made.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(small)
    expect(first).toBeDefined()
  })
})
