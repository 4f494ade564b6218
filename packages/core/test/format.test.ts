import { readFileSync } from 'node:fs'
import { afterEach, describe as group, expect, test } from 'vitest'
import type { DType } from '../src/base/dtype.ts'
import { describe, formatTensor, getPrintOptions, setPrintOptions } from '../src/tensor/format.ts'
import { formatExponent, formatFixed } from '../src/tensor/format-number.ts'

interface Case {
  shape: number[]
  dtype: DType
  values?: (number | boolean | string)[]
  ramp?: { start: number; step: number }
  gradFn?: string
  requiresGrad?: boolean
  options: Parameters<typeof setPrintOptions>[0]
  text: string
}

// the file is written by fixtures/make-format.py in this form
const cases = JSON.parse(readFileSync(new URL('./fixtures/format.json', import.meta.url), 'utf8')) as Case[]

const named: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity }

afterEach(() => setPrintOptions({ profile: 'default' }))

group('prints as PyTorch', () => {
  cases.forEach(({ shape, dtype, values, ramp, options, text, ...rest }, i) => {
    const title = `${dtype}[${shape.join(', ')}] ${JSON.stringify(ramp ?? values?.slice(0, 4))} ${JSON.stringify(options)}`
    test(`${i}: ${title}`, () => {
      const at = (index: number): number | boolean => {
        if (ramp) return ramp.start + ramp.step * index
        const value = values?.[index] ?? NaN
        return typeof value === 'string' ? named[value] : value
      }
      setPrintOptions(options)
      // gradus names dtypes without the module; no fixture is so long that this moves a line break
      expect(formatTensor({ shape, dtype, at, ...rest })).toBe(text.replace('dtype=torch.', 'dtype='))
    })
  })
})

test('a device is printed before everything else', () => {
  const x = { shape: [0, 2], dtype: 'int64', at: () => 0, device: 'webgpu:0', requiresGrad: false } as const
  expect(formatTensor(x)).toBe("tensor([], device='webgpu:0', size=(0, 2), dtype=int64)")
})

test('int64 prints all digits of a bigint', () => {
  const x = { shape: [2], dtype: 'int64', at: (i: number) => [2n ** 63n - 1n, -1n][i] } as const
  expect(formatTensor(x)).toBe('tensor([9223372036854775807,                  -1])')
})

test('describe names dtype and shape', () => {
  expect(describe('float32', [2, 3])).toBe('float32[2, 3]')
  expect(describe('int64', [])).toBe('int64[]')
})

group('print options', () => {
  test('start as in PyTorch', () => {
    expect(getPrintOptions()).toEqual({
      precision: 4,
      threshold: 1000,
      edgeitems: 3,
      linewidth: 80,
      sciMode: null,
    })
  })

  test('keep what is not named, but sciMode', () => {
    setPrintOptions({ precision: 2, sciMode: true })
    setPrintOptions({ linewidth: 100 })
    expect(getPrintOptions()).toMatchObject({ precision: 2, linewidth: 100, sciMode: null })
  })

  test('come as a copy', () => {
    getPrintOptions().precision = 9
    expect(getPrintOptions().precision).toBe(4)
  })
})

group('numbers round ties of the binary value to even, as Python', () => {
  test.each([
    [0.03125, 4, '0.0312'],
    [0.09375, 4, '0.0938'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [2.5, 0, '2'],
    [3.5, 0, '4'],
    [0.5, 0, '0'],
    [-0.5, 0, '-0'],
    [1.005, 2, '1.00'],
    [0.00005, 4, '0.0001'],
    [-0.00001, 4, '-0.0000'],
    [2 ** 70, 2, '1180591620717411303424.00'],
  ])('%d to %d decimals is %s', (x, precision, text) => {
    expect(formatFixed(x, precision)).toBe(text)
  })

  test.each([
    [100005, 4, '1.0000e+05'],
    [100015, 4, '1.0002e+05'],
    [2.5, 0, '2e+00'],
    [1e-8, 4, '1.0000e-08'],
    [5e-324, 4, '4.9407e-324'],
    [0, 4, '0.0000e+00'],
    [-0, 1, '-0.0e+00'],
    [9.99995e10, 4, '1.0000e+11'],
  ])('%d with %d decimals is %s', (x, precision, text) => {
    expect(formatExponent(x, precision)).toBe(text)
  })
})
