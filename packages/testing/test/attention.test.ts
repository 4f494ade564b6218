import { wasmBackend, type WasmBackend } from '@gradus/backend-wasm'
import { attentionWeights } from '@gradus/core/internal'
import { referenceBackend } from '@gradus/core/reference'
import * as g from 'gradus'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'

const made: WasmBackend[] = []
afterAll(() => {
  for (const backend of made) backend.stop()
})

type Options = g.AttentionOptions
type Attend = (q: g.Tensor, k: g.Tensor, v: g.Tensor, options: Options) => g.Tensor

const attend: Attend = (q, k, v, options) => g.scaledDotProductAttention(q, k, v, options)

/** With a weight for each pair of query and key. */
const composed: Attend = (q, k, v, { attnMask = null, isCausal = false, scale }) => {
  const scores = q.matmul(k.transpose(-2, -1))
  const by = scale ?? 1 / Math.sqrt(q.shape.at(-1)!)
  return attentionWeights(scores, attnMask, { scale: by, isCausal }).matmul(v)
}

interface Inputs {
  query: readonly number[]
  key: readonly number[]
  value: readonly number[]
  options: Options
  dtype?: g.DType
}

/** The result, and its gradient in query, key and value. */
function outcome(fn: Attend, { query, key, value, options, dtype = 'float32' }: Inputs): g.Tensor[] {
  g.manualSeed(0)
  const [q, k, v] = [query, key, value].map((shape) => g.randn(shape).to(dtype).requiresGrad_())
  const out = fn(q, k, v, options)
  return [out.detach(), ...g.autograd.grad(out.mul(g.randn(out.shape).to(dtype)).sum(), [q, k, v])]
}

/** Names of the ops that a function calls. */
function opsOf(fn: () => unknown): Set<string> {
  const names = new Set<string>()
  g.withInterceptor((op, inputs, attrs, next) => {
    names.add(op.name)
    return next(inputs, attrs)
  }, fn)
  return names
}

function expectEqual(actual: readonly g.Tensor[], expected: readonly g.Tensor[], tolerance: number): void {
  actual.forEach((x, i) => {
    expect(x.dtype).toBe(expected[i].dtype)
    expect(x.shape).toEqual(expected[i].shape)
    if (x.numel() === 0) return
    const far = x.to('float64').sub(expected[i].to('float64')).abs().max().item()
    const largest = expected[i].to('float64').abs().max().item()
    expect(far, `result ${i}`).toBeLessThanOrEqual(tolerance * largest)
  })
}

// for 3 and 5 features: up to so many keys blocks gain nothing without a causal mask, and weights are kept for backward
const few = 2 * (3 + 5)
const most = 4 * few
const causal: Options = { isCausal: true }
const seen = (queries: number, keys: number): g.Tensor =>
  g.tensor(Array.from({ length: queries * keys }, (_, i) => i % 3 > 0 && i >= keys)).reshape(queries, keys)

/** Shapes around the number of queries and keys where blocks begin, and where weights are no longer kept. */
const around = (queries: number, keys: number, options: Options): Inputs => ({
  query: [2, queries, 3],
  key: [2, keys, 3],
  value: [2, keys, 5],
  options,
})

// made where they are tested: a mask is a tensor of one backend
const cases: [name: string, inBlocks: boolean, inputs: () => Inputs][] = [
  ['as many queries as a block, causal', false, () => around(32, 40, causal)],
  ['a query more, causal', true, () => around(33, few, causal)],
  ['the most weights that are kept, causal', true, () => around(90, most, causal)],
  ['weights that are not kept, causal', true, () => around(90, most + 1, causal)],
  ['whole blocks, causal', true, () => around(96, 96, causal)],
  ['more queries than keys, causal', true, () => around(70, 9, causal)],
  ['fewer queries than keys, scaled', true, () => around(40, 90, { isCausal: true, scale: 3 })],
  ['few keys', false, () => around(40, few, {})],
  ['more keys', true, () => around(40, few + 1, {})],
  ['the most weights that are kept', true, () => around(40, most, {})],
  ['weights that are not kept', true, () => around(40, most + 1, {})],
  ['a bool mask, and a query that sees nothing', true, () => around(50, 41, { attnMask: seen(50, 41) })],
  ['an added mask of one row', true, () => around(50, 41, { attnMask: g.randn(41) })],
  ['a mask for each of a batch', true, () => around(50, 41, { attnMask: g.randn(2, 50, 41) })],
  ['a mask, weights that are not kept', true, () => around(50, 90, { attnMask: seen(50, 90) })],
  ['matrices', true, () => ({ query: [50, 3], key: [50, 3], value: [50, 3], options: causal })],
  [
    'axes that broadcast',
    true,
    () => ({ query: [2, 1, 50, 3], key: [4, 50, 3], value: [1, 50, 5], options: causal }),
  ],
]

describe.each([
  ['wasm', wasmBackend()],
  ['reference', referenceBackend()],
])('attention by blocks, %s', (_, backend) => {
  beforeEach(() => g.setBackend(backend))

  for (const [name, inBlocks, make] of cases) {
    test(`equals the composed one: ${name}`, () => {
      const inputs = make()
      const names = opsOf(() => outcome(attend, inputs))
      expect(names.has('attentionInBlocks')).toBe(inBlocks)
      expectEqual(outcome(attend, inputs), outcome(composed, inputs), 5e-6)
    })
  }

  test('equals the composed one in float64', () => {
    for (const keys of [few, 90]) {
      const inputs: Inputs = { ...around(70, keys, causal), dtype: 'float64' }
      expectEqual(outcome(attend, inputs), outcome(composed, inputs), 1e-13)
    }
  })

  test('computes half precision in float32', () => {
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const inputs: Inputs = { ...around(70, 70, causal), dtype }
      const wide: Attend = (q, k, v, options) =>
        composed(q.to('float32'), k.to('float32'), v.to('float32'), options).to(dtype)
      expectEqual(outcome(attend, inputs), outcome(wide, inputs), g.finfo(dtype).eps)
    }
  })

  test('takes operands without elements', () => {
    for (const [d, keys, e] of [
      [0, 50, 3],
      [2, 50, 0],
      [2, 0, 3],
    ] as const)
      // prettier-ignore
      for (const options of [causal, {}]) {
        const shapes = { query: [2, 40, d], key: [2, keys, d], value: [2, keys, e] }
        const inputs = { ...shapes, options: { ...options, scale: 1 } }
        expectEqual(outcome(attend, inputs), outcome(composed, inputs), 5e-6)
      }
  })

  test('reads operands of any strides', () => {
    g.manualSeed(0)
    const [q, k, v] = g.randn(2, 50, 3, 4, 8).permute(2, 0, 3, 1, 4).unbind(0)
    expectEqual([attend(q, k, v, causal)], [composed(q, k, v, causal)], 5e-6)
  })

  test('gives gradients to those that need them alone', () => {
    for (const keys of [few, 90]) {
      const inputs = around(70, keys, causal)
      const all = outcome(attend, inputs)
      for (const wanted of [0, 1, 2]) {
        const frozen: Attend = (q, k, v, options) => {
          const [a, b, c] = [q, k, v].map((x, i) => (i === wanted ? x : x.detach()))
          return attend(a, b, c, options)
        }
        g.manualSeed(0)
        const own = [inputs.query, inputs.key, inputs.value].map((s) => g.randn(s).requiresGrad_())
        const [q, k, v] = own
        const out = frozen(q, k, v, causal)
        const [gradient] = g.autograd.grad(out.mul(g.randn(out.shape)).sum(), [own[wanted]])
        expect(gradient.tolist()).toEqual(all[1 + wanted].tolist())
      }
    }
  })

  test('goes back twice over one forward pass', () => {
    for (const keys of [few, 90]) {
      g.manualSeed(0)
      const [q, k, v] = [g.randn(70, 3), g.randn(keys, 3), g.randn(keys, 5)].map((x) => x.requiresGrad_())
      const total = attend(q, k, v, causal).square().sum()
      const back = (): unknown =>
        g.autograd.grad(total, [q, k, v], { retainGraph: true }).map((x) => x.tolist())
      expect(back()).toEqual(back())
    }
  })

  test('a mask that learns, and dropout, take all weights', () => {
    const bias = g.zeros(50, 50).requiresGrad_()
    const x = g.randn(50, 3)
    const learned = opsOf(() => attend(x, x, x, { attnMask: bias }).sum().backward())
    expect(learned.has('attentionInBlocks')).toBe(false)
    expect(bias.grad?.shape).toEqual([50, 50])
    const dropped = opsOf(() => attend(x, x, x, { isCausal: true, dropoutP: 0.5 }))
    expect(dropped.has('attentionInBlocks')).toBe(false)
  })

  test('says the same of operands that do not fit', () => {
    const [x, y] = [g.ones(40, 3), g.ones(40, 2)]
    const message = (fn: Attend) => {
      try {
        fn(x, y, x, causal)
      } catch (error) {
        return error instanceof g.ShapeError ? error.what : error
      }
      return 'no error'
    }
    expect(message(attend)).toBe(message(composed))
    expect(() => attend(x, x, g.ones(41, 3), causal)).toThrow(g.ShapeError)
  })
})

test('attention by blocks gives the same bits on two threads as on one', async () => {
  const bits: unknown[] = []
  for (const threads of [1, 2]) {
    const backend = wasmBackend({ threads })
    made.push(backend)
    await backend.init()
    g.setBackend(backend)
    const inputs: Inputs[] = [256, 32].map((keys) => ({
      query: [2, 4, 256, 16],
      key: [2, 4, keys, 16],
      value: [2, 4, keys, 16],
      options: causal,
    }))
    bits.push(inputs.map((i) => outcome(attend, i).map((x) => x.tolist())))
  }
  expect(bits[1]).toEqual(bits[0])
})

describe('memory', () => {
  /** Bytes beyond the operands at the peak of forward and backward. */
  const peak = (length: number, options: Options): number => {
    const backend = wasmBackend({ threads: 1 })
    made.push(backend)
    g.setBackend(backend)
    const inputs = [0, 1, 2].map(() => g.randn(1, 2, length, 16).requiresGrad_())
    const [q, k, v] = inputs
    const before = g.memory().live
    g.tidy(() => void g.autograd.grad(attend(q, k, v, options).sum(), inputs))
    return g.memory().peak - before
  }

  for (const [name, options] of [
    ['causal', causal],
    ['without a mask', {}],
  ] as const) {
    test(`grows with the number of queries, not with that of pairs, ${name}`, () => {
      // of 16 features the weights for 256 keys are kept, of more they are not
      const [short, long] = [peak(512, options), peak(2048, options)]
      expect(long).toBeLessThan(4.5 * short)
      // a weight for each pair would be 4 bytes each
      expect(long).toBeLessThan((4 * 2 * 2048 * 2048) / 4)
    })
  }
})
