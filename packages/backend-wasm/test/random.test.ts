import { Generator, rand, randn, setBackend, zeros, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import { wasmBackend, type WasmBackend } from '../src/index.ts'

/** Numbers, and the generator's state after them, drawn on a backend. */
function drawn(
  backend: ReturnType<typeof referenceBackend> | WasmBackend,
  draw: (generator: Generator) => Tensor,
) {
  setBackend(backend)
  const generator = new Generator(7)
  // somewhere within the generator's words
  for (let i = 0; i < 100; i++) generator.random()
  const values = draw(generator).readSync()
  // one more draw from where both stand
  return { bits: new Uint8Array(values.buffer), state: generator.getState(), next: generator.random() }
}

describe('random numbers of the wasm backend', () => {
  const one = wasmBackend({ threads: 1 })
  const two = wasmBackend({ threads: 2 })
  afterAll(() => two.stop())

  // rests of a vector and of a block of 16, the words of one state, more than are drawn at a time
  for (const n of [511, 512, 513, 623, 624, 625, 1000, 1007, 32_768, 40_003, 65_537]) {
    for (const [name, draw] of [
      ['rand', (generator) => rand(n, { generator })],
      ['uniform_', (generator) => zeros(n).uniform_(-0.3, 1.7, { generator })],
      ['uniform_ of one number', (generator) => zeros(n).uniform_(2, 2, { generator })],
      ['randn', (generator) => randn(n, { generator })],
      ['normal_', (generator) => zeros(n).normal_(0.1, 0.02, { generator })],
      ['bernoulli_', (generator) => zeros(n).bernoulli_(0.9, { generator })],
      [
        'bernoulli_ of 0 and 1',
        (generator) => zeros(n).bernoulli_(0, { generator }).add(zeros(n).bernoulli_(1, { generator })),
      ],
    ] satisfies [string, (generator: Generator) => Tensor][]) {
      test(`${name} of ${n} has the bits that core draws, and leaves the same state`, async () => {
        await two.init()
        const wanted = drawn(referenceBackend(), draw)
        expect(drawn(one, draw)).toEqual(wanted)
        expect(drawn(two, draw)).toEqual(wanted)
      })
    }
  }

  test('normal values continue the pair that a short tensor left over', () => {
    const draw = (generator: Generator): Tensor => {
      zeros(3).normal_(0, 1, { generator })
      const long = randn(600, { generator })
      return long.add(zeros(1).normal_(0, 1, { generator }))
    }
    expect(drawn(one, draw)).toEqual(drawn(referenceBackend(), draw))
  })

  for (const dtype of ['float16', 'bfloat16', 'float64', 'int32', 'bool', 'int64'] as const) {
    test(`zeros and ones of ${dtype} have the bits that core draws`, () => {
      const draw = (generator: Generator): Tensor => zeros(777, { dtype }).bernoulli_(0.3, { generator })
      expect(drawn(one, draw)).toEqual(drawn(referenceBackend(), draw))
    })
  }

  test('bad parameters draw nothing', () => {
    setBackend(one)
    const generator = new Generator(1)
    const before = generator.getState()
    expect(() => zeros(600).normal_(0, -1, { generator })).toThrow('normal expects std >= 0.0')
    expect(() => zeros(600).uniform_(1, 0, { generator })).toThrow('uniform_ expects to return')
    expect(() => zeros(600).bernoulli_(1.5, { generator })).toThrow()
    expect(generator.getState()).toEqual(before)
  })

  test('elements that do not lie one after the other are drawn in the order of memory', () => {
    const draw = (generator: Generator): Tensor => zeros(40, 30).t().normal_(0, 1, { generator })
    expect(drawn(one, draw)).toEqual(drawn(referenceBackend(), draw))
  })
})
