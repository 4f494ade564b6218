import { setFlagsFromString } from 'node:v8'
import { binary, constant, input, Program, unary, type Binary, type Unary } from '@gradus/core/backend'
import { describe, expect, test } from 'vitest'
import { probeFeatures } from '../src/assembler/index.ts'
import { dense, host, KernelRunner } from './kernel-runner.ts'

// Node 20 has relaxed SIMD behind a flag
setFlagsFromString('--experimental-wasm-relaxed-simd')

/** Largest error in units in the last place, over the whole range, with and without fused multiply-add. */
const unaries: readonly [Unary, number][] = [
  ['exp', 1], ['exp2', 1], ['expm1', 0.51], ['log', 0.51], ['log2', 0.51], ['log10', 0.51], ['log1p', 0.51], ['sin', 1.5],
  ['cos', 1.5], ['tan', 0.51], ['asin', 0.51], ['acos', 0.51], ['atan', 0.51], ['sinh', 0.51], ['cosh', 0.51], ['tanh', 1.4],
  ['asinh', 0.51], ['acosh', 0.51], ['atanh', 0.51], ['erf', 1.4], ['erfc', 0.51], ['erfinv', 0.52], ['lgamma', 0.75],
  ['digamma', 0.7], ['sqrt', 0.5], ['rsqrt', 1.5],
] // prettier-ignore
const binaries: readonly [Binary, number][] = [
  ['pow', 0.51], ['atan2', 0.51], ['fmod', 0.5], ['remainder', 0.5], ['floordiv', 0.51],
] // prettier-ignore

const specials = [
  0, -0, 1, -1, 2, -2, 0.5, -0.5, Infinity, -Infinity, NaN, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4028234663852886e38,
  -3.4028234663852886e38, 88.72283, 88.72284, 89, -87.33655, -103.97, -104, 127.99999, 128, -149, -150, 0.99999994,
  1.0000001, 3, -3, 10, -10, 1e4, 1e5, 1e10, 16777215, 16777216, 1048576, 1048577,
] // prettier-ignore

// every 2^17th bit pattern, then what functions are mostly given
function samples(): Float32Array {
  const patterns = Uint32Array.from({ length: 32768 }, (_, i) => i * 131072 + (Math.imul(i, 40503) & 0xffff))
  const usual = Float32Array.from(
    { length: 40_000 },
    (_, i) => ((Math.imul(i, 2654435761) >>> 0) / 2 ** 31 - 1) * 10 ** (i % 3),
  )
  return Float32Array.from([...specials, ...new Float32Array(patterns.buffer), ...usual])
}

/** The distance in units in the last place of the exact result; infinite where one is NaN or infinite and the other not. */
function error(got: number, exact: number): number {
  const rounded = Math.fround(exact)
  if (Object.is(got, rounded) || got === rounded)
    return Number.isFinite(got) ? Math.abs(got - exact) / unit(rounded) : 0
  if (Number.isNaN(got) && Number.isNaN(rounded)) return 0
  if (!Number.isFinite(got) || !Number.isFinite(rounded)) {
    // at the edge of overflow one unit decides
    const largest = 3.4028234663852886e38
    return Math.min(Math.abs(got), Math.abs(rounded)) === largest && Math.sign(got) === Math.sign(rounded)
      ? 1
      : Infinity
  }
  return Math.abs(got - exact) / unit(rounded)
}

const bits = new DataView(new ArrayBuffer(4))

function unit(x: number): number {
  bits.setFloat32(0, x)
  return 2 ** (Math.max(1, (bits.getUint32(0) >>> 23) & 255) - 150)
}

const all = { dtype: 'float32', over: 'all' } as const
const x = samples()
const y = Float32Array.from(x, (_, i) =>
  i % 3 === 0
    ? x[(i * 7919) % x.length]
    : i % 3 === 1
      ? Math.round(x[(i * 31) % x.length] % 50)
      : x[(i * 17) % x.length],
)

function worst(
  runner: KernelRunner,
  program: Program,
  exact: (x: number, y: number) => number,
): [number, string] {
  const n = x.length
  const out = dense('float32', [n])
  runner.run(program, {
    outer: [n],
    inner: [],
    operands: [dense('float32', [n], x), dense('float32', [n], y), out],
  })
  let largest = 0
  let where = ''
  for (let i = 0; i < n; i++) {
    const got = Number(out.array[i])
    const wanted = exact(x[i], y[i])
    const size = error(got, wanted)
    if (size > largest) {
      largest = size
      where = `(${x[i]}, ${y[i]}) gave ${got} for ${wanted}`
    }
  }
  return [largest, where]
}

describe.each([false, true])('float32 functions, fused multiply-add: %s', (relaxed) => {
  const runner = new KernelRunner(relaxed)
  const possible = !relaxed || probeFeatures().relaxedSimd

  test.skipIf(!possible).each(unaries)('%s is within %f units in the last place', (name, limit) => {
    const program = new Program({
      inputs: [all, all],
      outputs: [{ ...all, value: unary(name, input(0, 'f32')) }],
    })
    const [size, where] = worst(runner, program, host(name))
    expect(size, where).toBeLessThanOrEqual(limit)
  })

  test.skipIf(!possible).each(binaries)('%s is within %f units in the last place', (name, limit) => {
    const value = binary(name, input(0, 'f32'), input(1, 'f32'))
    const [size, where] = worst(
      runner,
      new Program({ inputs: [all, all], outputs: [{ ...all, value }] }),
      host(name),
    )
    expect(size, where).toBeLessThanOrEqual(limit)
  })

  test.skipIf(!possible)('0.5 (1 + erf(√½ x)) is within 8e-7, and keeps its digits down to x = -4', () => {
    const scaled = binary('mul', input(0, 'f32'), constant(Math.SQRT1_2, 'f32'))
    const sum = binary('add', unary('erf', scaled), constant(1, 'f32'))
    const value = binary('mul', sum, constant(0.5, 'f32'))
    const out = dense('float32', [x.length])
    runner.run(new Program({ inputs: [all], outputs: [{ ...all, value }] }), {
      outer: [x.length],
      inner: [],
      operands: [dense('float32', [x.length], x), out],
    })
    const exact = Array.from(x, (v) => 0.5 * host('erfc')(-v * Math.SQRT1_2, 0))
    const got = Array.from(out.array, Number)
    expect(got.findIndex((v, i) => !(Math.abs(v - exact[i]) <= 8e-7) && !Number.isNaN(exact[i]))).toBe(-1)
    expect(got.findIndex((v, i) => x[i] >= -4 && error(v, exact[i]) > 40)).toBe(-1)
    expect(got.findIndex((v, i) => Number.isNaN(v) !== Number.isNaN(x[i]))).toBe(-1)
    expect(got[x.indexOf(-Infinity)]).toBe(0)
  })
})

test('zeros keep their sign where the function is odd', () => {
  const odd = [
    'expm1',
    'log1p',
    'sin',
    'tan',
    'asin',
    'atan',
    'sinh',
    'tanh',
    'asinh',
    'atanh',
    'erf',
    'erfinv',
  ] as const
  const runner = new KernelRunner(false)
  for (const name of odd) {
    const program = new Program({ inputs: [all], outputs: [{ ...all, value: unary(name, input(0, 'f32')) }] })
    const out = dense('float32', [2])
    runner.run(program, { outer: [2], inner: [], operands: [dense('float32', [2], [0, -0]), out] })
    expect([name, ...out.array]).toEqual([name, 0, -0])
  }
})

test('results do not depend on where an element stands', () => {
  const runner = new KernelRunner(false)
  const program = new Program({ inputs: [all], outputs: [{ ...all, value: unary('exp', input(0, 'f32')) }] })
  const values = Float32Array.from({ length: 23 }, (_, i) => Math.sin(i) * 20)
  const run = (data: Float32Array): number[] => {
    const out = dense('float32', [data.length])
    runner.run(program, {
      outer: [data.length],
      inner: [],
      operands: [dense('float32', [data.length], data), out],
    })
    return Array.from(out.array, Number)
  }
  const whole = run(values)
  for (let from = 0; from < 23; from++) expect(run(values.subarray(from))).toEqual(whole.slice(from))
})
