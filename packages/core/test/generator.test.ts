import { describe, expect, test } from 'vitest'
import { ValueError } from '../src/base/errors.ts'
import * as random from '../src/random/index.ts'
import { Generator } from '../src/random/index.ts'

describe('Generator', () => {
  test('starts from the seed PyTorch has without one', () => {
    expect(new Generator().initialSeed()).toBe(67280421310721n)
  })

  test('reads a negative seed as its 64-bit pattern', () => {
    expect(new Generator(-1).initialSeed()).toBe(2n ** 64n - 1n)
  })

  test('uses the low 32 bits of the seed only', () => {
    expect(new Generator(2n ** 32n + 7n).random()).toBe(new Generator(7).random())
  })

  test('seed() returns the seed it starts from', () => {
    const generator = new Generator()
    const seed = generator.seed()
    expect(generator.initialSeed()).toBe(seed)
    expect(generator.random()).toBe(new Generator(seed).random())
  })

  test('manualSeed forgets the cached normal value', () => {
    const generator = new Generator(0)
    const first = new Float32Array(1)
    random.normal(generator, first, { dtype: 'float32' })
    expect(generator.cachedNormal).toBeTypeOf('number')
    expect(generator.manualSeed(0).cachedNormal).toBeUndefined()
  })

  test('random64 has the first draw in its high half', () => {
    const generator = new Generator(3)
    const high = generator.random()
    const low = generator.random()
    expect(new Generator(3).random64()).toBe((BigInt(high) << 32n) | BigInt(low))
  })

  test('continues from a state, the cached normal value included', () => {
    const generator = new Generator(5)
    const out = new Float64Array(701)
    random.normal(generator, out, { dtype: 'float64', contiguous: false })
    const restored = new Generator().setState(generator.getState())
    const [expected, actual] = [new Float64Array(9), new Float64Array(9)]
    random.normal(generator, expected, { dtype: 'float64' })
    random.normal(restored, actual, { dtype: 'float64' })
    expect(actual).toEqual(expected)
    expect(restored.initialSeed()).toBe(5n)
  })

  test('a clone is independent', () => {
    const generator = new Generator(5)
    const clone = generator.clone()
    const next = generator.random()
    generator.random()
    expect(clone.random()).toBe(next)
  })

  test.each([1.5, NaN, 2n ** 64n, -(2n ** 63n) - 1n])('rejects the seed %s', (seed) => {
    const generator = new Generator(1)
    expect(() => generator.manualSeed(seed)).toThrow(ValueError)
    expect(generator.initialSeed()).toBe(1n)
  })

  test('rejects a state of another length', () => {
    expect(() => new Generator().setState(new Uint8Array(5055))).toThrow(
      'Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 5055',
    )
  })

  test('rejects a state whose counters are out of range, and keeps its own', () => {
    const generator = new Generator(1)
    expect(() => generator.setState(new Uint8Array(5056))).toThrow('Invalid mt19937 state')
    expect(generator.random()).toBe(new Generator(1).random())
  })
})
