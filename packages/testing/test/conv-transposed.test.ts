import { wasmBackend } from '@gradus/backend-wasm'
import { convTranspose2d, Generator, manualSeed, randn, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'

test('transposed convolutions of 100 random shapes agree with the reference, output padding beyond the stride included', () => {
  const draw = new Generator(1)
  const upTo = (n: number): number => draw.random() % n
  const pair = (n: number, least = 1): [number, number] => [least + upTo(n), least + upTo(n)]
  for (let k = 0; k < 100; k++) {
    const groups = 1 + upTo(2)
    const channels = groups * (1 + upTo(2))
    const [stride, dilation, padding, kernel, size] = [pair(3), pair(4), pair(3, 0), pair(4), pair(4, 2)]
    const outputPadding = [0, 1].map((i) => upTo(Math.max(stride[i], dilation[i])))
    const compute = (): number[] | string => {
      manualSeed(k)
      const x = randn(2, channels, ...size)
      const weight = randn(channels, 1 + (k % 3), ...kernel)
      try {
        return Array.from(
          convTranspose2d(x, weight, null, { stride, dilation, padding, outputPadding, groups }).readSync(),
          Number,
        )
      } catch (error) {
        // an output without elements is an error on both
        return String(error)
      }
    }
    setBackend(referenceBackend())
    const expected = compute()
    setBackend(wasmBackend())
    const actual = compute()
    if (typeof expected === 'string' || typeof actual === 'string') expect(actual).toBe(expected)
    else {
      const worst = Math.max(0, ...expected.map((v, i) => Math.abs(v - actual[i]) / (1 + Math.abs(v))))
      expect([actual.length, worst < 1e-5, k]).toEqual([expected.length, true, k])
    }
  }
})
