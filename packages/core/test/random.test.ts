import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DType, TypedArray } from '../src/base/dtype.ts'
import { allocateTyped, isHalf } from '../src/base/dtype.ts'
import { numberToBFloat16, numberToFloat16, roundToBFloat16, roundToFloat16 } from '../src/base/half.ts'
import * as random from '../src/random/index.ts'
import { Generator } from '../src/random/index.ts'

type FloatDType = random.FloatDType

interface Stream {
  sampler: string
  dtype: DType
  options: Record<string, string | number | boolean>
  exact: boolean
  sizes: number[]
  runs: Record<string, { state: string; digests?: string; heads?: string[][]; values?: number[][] }>
}

// the file is written by fixtures/make-random.py in this form
const streams = JSON.parse(
  readFileSync(new URL('./fixtures/random.json', import.meta.url), 'utf8'),
) as Stream[]

function allocate(dtype: DType, n: number): TypedArray {
  return dtype === 'float16' || dtype === 'bfloat16' ? new Float32Array(n) : allocateTyped(dtype, n)
}

/** Runs the stream's sampler for one result of size n. */
function sample(generator: Generator, { sampler, dtype, options }: Stream, n: number): TypedArray {
  const out = allocate(dtype, n)
  const cast = (x: number) =>
    dtype === 'float16' ? roundToFloat16(x) : dtype === 'bfloat16' ? roundToBFloat16(x) : x
  // the stream's dtype is a floating one wherever a sampler of floats is named
  const floats = out as Float32Array | Float64Array
  const floatOptions = { dtype: dtype as FloatDType, ...options }
  switch (sampler) {
    case 'uniform':
      random.uniform(generator, floats, floatOptions)
      break
    case 'normal':
      random.normal(generator, floats, floatOptions)
      break
    case 'logNormal':
      random.logNormal(generator, floats, floatOptions)
      break
    case 'exponential':
      random.exponential(generator, floats, floatOptions)
      break
    case 'cauchy':
      random.cauchy(generator, floats, floatOptions)
      break
    case 'geometric':
      random.geometric(generator, out, { ...floatOptions, p: Number(options.p) })
      break
    case 'bernoulli':
      random.bernoulli(generator, out, Number(options.p))
      break
    case 'bernoulliFrom':
      random.bernoulliFrom(
        generator,
        out,
        floats.map((_, i) => cast((i % 11) / 10)),
      )
      break
    case 'randomFull':
      random.randomFull(generator, out, { dtype })
      break
    case 'randint':
      random.randint(generator, out, {
        dtype,
        low: BigInt(String(options.low)),
        high: BigInt(String(options.high)),
      })
      break
    case 'randperm':
      return random.randperm(generator, n)
    case 'multinomial': {
      const replacement = options.replacement === true
      const numSamples = isHalf(dtype) && !replacement ? 1 : Math.max(1, n >> 1)
      return BigInt64Array.from(
        random.multinomial(
          generator,
          floats.map((_, i) => cast(((i * 7) % 13) + 1)),
          { dtype: dtype as FloatDType, numSamples, replacement },
        ),
        BigInt,
      )
    }
    default:
      throw new Error(`no sampler ${sampler}`)
  }
  return out
}

function digest(values: TypedArray): string {
  return createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex')
    .slice(0, 8)
}

/** The array as PyTorch stores it. */
function stored(dtype: DType, values: TypedArray): TypedArray {
  if (!(values instanceof Float32Array) || dtype === 'float32') return values
  return Uint16Array.from(values, dtype === 'float16' ? numberToFloat16 : numberToBFloat16)
}

function stateDigest(generator: Generator): string {
  const state = generator.getState()
  state.fill(0, 5024, 5032)
  return digest(state)
}

/** Distance in units in the last place of a double. */
function ulps(x: number, y: number): bigint {
  const bits = new BigInt64Array(new Float64Array([x, y]).buffer)
  const distance = bits[0] - bits[1]
  return distance < 0n ? -distance : distance
}

describe('streams equal PyTorch', () => {
  const title = ({ sampler, dtype, options }: Stream) => `${sampler} ${dtype} ${JSON.stringify(options)}`

  for (const stream of streams.filter((stream) => stream.exact)) {
    test(`${title(stream)}, bit for bit`, () => {
      for (const [seed, run] of Object.entries(stream.runs)) {
        const generator = new Generator(BigInt(seed))
        const results = stream.sizes.map((n) => sample(generator, stream, n))
        const heads = results.map((r) => Array.from(r.subarray(0, 2), Number))
        if (run.heads) {
          expect(heads).toEqual(
            run.heads.map((h) => h.map((v) => (v === 'True' ? 1 : v === 'False' ? 0 : Number(v)))),
          )
        }
        expect(results.map((r) => digest(stored(stream.dtype, r))).join(' '), `seed ${seed}`).toBe(
          run.digests,
        )
        expect(stateDigest(generator), `state after seed ${seed}`).toBe(run.state)
      }
    })
  }

  for (const stream of streams.filter((stream) => !stream.exact)) {
    test(`${title(stream)}, within 3 units in the last place`, () => {
      for (const [seed, run] of Object.entries(stream.runs)) {
        const generator = new Generator(BigInt(seed))
        const results = stream.sizes.map((n) => sample(generator, stream, n))
        const errors = results.flatMap((r, k) =>
          Array.from({ length: r.length }, (_, i) => ulps(Number(r[i]), run.values?.[k][i] ?? NaN)),
        )
        expect(errors.filter((error) => error > 3n)).toEqual([])
        expect(stateDigest(generator), `state after seed ${seed}`).toBe(run.state)
      }
    })
  }
})

describe('known answers of PyTorch after manual_seed(0)', () => {
  test('rand(5)', () => {
    const out = new Float32Array(5)
    random.uniform(new Generator(0), out, { dtype: 'float32' })
    expect([...out]).toEqual([
      0.49625658988952637, 0.7682217955589294, 0.08847743272781372, 0.13203048706054688, 0.30742281675338745,
    ])
  })

  test('randn(3), computed in double', () => {
    const out = new Float32Array(3)
    random.normal(new Generator(0), out, { dtype: 'float32' })
    expect([...out]).toEqual([1.5409960746765137, -0.293428897857666, -2.1787893772125244])
  })

  test('randn(20), whose last 16 values are drawn twice', () => {
    const out = new Float32Array(20)
    random.normal(new Generator(0), out, { dtype: 'float32' })
    expect([...out.subarray(0, 4)]).toEqual([
      -1.1258398294448853, -1.152360200881958, -0.2505785822868347, -0.4338788092136383,
    ])
    expect([...out.subarray(16)]).toEqual([
      0.9318265914916992, 1.2590092420578003, 2.0049805641174316, 0.05373690277338028,
    ])
  })

  test('randperm(10)', () => {
    expect([...random.randperm(new Generator(0), 10)]).toEqual([4, 1, 7, 5, 3, 9, 0, 8, 6, 2])
  })

  test('the weight of Linear(10, 1)', () => {
    const out = new Float32Array(10)
    const bound = (Math.sqrt(3) * Math.sqrt(2 / (1 + Math.sqrt(5) ** 2))) / Math.sqrt(10)
    random.uniform(new Generator(0), out, { dtype: 'float32', from: -bound, to: bound })
    expect([...out]).toEqual([
      -0.002367540495470166, 0.16963835060596466, -0.26026973128318787, -0.2327243536710739,
      -0.12179650366306305, 0.08479880541563034, -0.006265477742999792, 0.2507336735725403,
      -0.028063330799341202, 0.08367783576250076,
    ])
  })
})
