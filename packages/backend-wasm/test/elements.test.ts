import { describe, expect, test } from 'vitest'
import { i32, ModuleBuilder, v128 } from '../src/assembler/index.ts'
import { elementsOf, vectorBytes } from '../src/elements/index.ts'
import type { ElementType } from '../src/elements/index.ts'
import { fromHalf, toHalf } from './half-bits.ts'

const memory = new WebAssembly.Memory({ initial: 32 })

type Convert = (from: number, to: number, count: number) => void

/** Kernels that widen and narrow `count` elements, four at a time and one at a time. */
function conversions(
  dtype: ElementType,
): Record<'widen' | 'widenOne' | 'widenPair' | 'narrow' | 'narrowOne', Convert> {
  const module = new ModuleBuilder()
  const params = { from: 'i32', to: 'i32', count: 'i32' } as const
  const kernel = (name: string, step: number, isWidening: boolean) =>
    module.func({ name, params }, (f, { from, to, count }) => {
      const elements = elementsOf(dtype, f)
      const narrow = step * elements.bytes
      const wide = step * 4
      f.while(count, () => {
        if (isWidening) {
          const load = step === 1 ? elements.splat : step === 2 ? elements.loadPair : elements.load
          f.do(v128.store(to, load(from)))
        } else {
          f.do((step === 1 ? elements.storeFirst : elements.store)(to, v128.load(from)))
        }
        f.add(from, isWidening ? narrow : wide)
        f.add(to, isWidening ? wide : narrow)
        f.set(count, i32.sub(count, step))
      })
    })
  kernel('widen', 4, true)
  kernel('widenPair', 2, true)
  kernel('widenOne', 1, true)
  kernel('narrow', 4, false)
  kernel('narrowOne', 1, false)
  // these are its exports
  return new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } })
    .exports as never
}

const at = { halves: 0, floats: 1 << 18 }
const halves = new Uint16Array(memory.buffer, at.halves, 65536)
const floats = new Float32Array(memory.buffer, at.floats, 65536 + vectorBytes)

describe.each(['float16', 'bfloat16'] as const)('%s', (dtype) => {
  const kernels = conversions(dtype)
  const isNaNHalf = (bits: number) => Number.isNaN(fromHalf(dtype, bits))

  test.each(['widen', 'widenPair', 'widenOne'] as const)('%s is exact for all 65,536 patterns', (name) => {
    for (let bits = 0; bits < 65536; bits++) halves[bits] = bits
    kernels[name](at.halves, at.floats, 65536)
    let wrong = 0
    for (let bits = 0; bits < 65536; bits++) if (!Object.is(floats[bits], fromHalf(dtype, bits))) wrong++
    expect(wrong).toBe(0)
  })

  test.each(['narrow', 'narrowOne'] as const)('%s returns every pattern to itself', (name) => {
    for (let bits = 0; bits < 65536; bits++) floats[bits] = isNaNHalf(bits) ? 0 : fromHalf(dtype, bits)
    kernels[name](at.floats, at.halves, 65536)
    let wrong = 0
    for (let bits = 0; bits < 65536; bits++) if (!isNaNHalf(bits) && halves[bits] !== bits) wrong++
    expect(wrong).toBe(0)
  })

  test('numbers between two patterns round to the nearest, ties to even', () => {
    const inputs: number[] = []
    for (let bits = 0; bits < 0x7c00; bits += 7) {
      const [low, high] = [fromHalf(dtype, bits), fromHalf(dtype, bits + 1)]
      const middle = (low + high) / 2
      if (!Number.isFinite(middle)) continue
      inputs.push(middle, -middle, (low + middle) / 2, -(high + middle) / 2)
    }
    inputs.push(
      65519,
      65520,
      -65536,
      1e38,
      3.4e38,
      -3.4e38,
      1e-45,
      -1e-40,
      2 ** -25,
      2 ** -24 * 1.5,
      0,
      -0,
      Infinity,
    )
    inputs.forEach((value, i) => (floats[i] = value))
    kernels.narrow(at.floats, at.halves, Math.ceil(inputs.length / 4) * 4)
    let wrong = 0
    inputs.forEach((_, i) => (wrong += halves[i] === toHalf(dtype, floats[i]) ? 0 : 1))
    expect(wrong).toBe(0)
  })

  test('NaN stays NaN', () => {
    floats.set([Number.NaN, -Number.NaN, Infinity, -Infinity])
    new Uint32Array(memory.buffer, at.floats, 2).set([0x7f800001, 0xffffffff])
    kernels.narrow(at.floats, at.halves, 4)
    expect([...halves.slice(0, 4)].map((bits) => fromHalf(dtype, bits))).toEqual([
      NaN,
      NaN,
      Infinity,
      -Infinity,
    ])
  })
})

describe.each([
  ['int8', Int8Array],
  ['uint8', Uint8Array],
  ['int16', Int16Array],
] as const)('%s', (dtype, View) => {
  const kernels = conversions(dtype)
  const list = [0, 1, -1, 127, 128, 255, 256, -32768, 32767, 40000, -129, 7]

  test.each(['narrow', 'narrowOne'] as const)('%s wraps', (name) => {
    new Int32Array(memory.buffer, at.floats, 12).set(list)
    kernels[name](at.floats, at.halves, 12)
    expect([...new View(memory.buffer, at.halves, 12)]).toEqual([...new View(list)])
  })

  test.each(['widen', 'widenPair', 'widenOne'] as const)('%s keeps the sign', (name) => {
    new View(memory.buffer, at.halves, 12).set(list)
    kernels[name](at.halves, at.floats, 12)
    expect([...new Int32Array(memory.buffer, at.floats, 12)]).toEqual([...new View(list)])
  })
})
