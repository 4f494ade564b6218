import { BackendError } from '@gradus/core/backend'
import { conv2d, Generator, maxPool2d, rand, setBackend, tensor } from '@gradus/core'
import { describe, expect, test } from 'vitest'
import * as entry from '../src/parts/index.ts'
import type { Part } from '../src/parts/index.ts'
import { everyPart } from '../src/parts/every-part.ts'

const { wasmBackendOf, ...named } = entry

/** Runs with a backend of these parts. */
function using<T>(parts: readonly Part[], run: () => T): T {
  setBackend(wasmBackendOf(parts, { memoryBudget: 2 ** 24 }))
  return run()
}

test('the entry exports every part under its name, and wasmBackend() has them all', () => {
  expect(Object.entries(named).map(([name, part]) => [name, part.name])).toEqual(
    Object.keys(named).map((name) => [name, name]),
  )
  expect(
    everyPart()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(Object.keys(named).sort())
})

test('without parts formulas, reductions and copies run, in every kind of number', () => {
  using([], () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(x.add(1).mul(x).t().contiguous().tolist()).toEqual([
      [2, 20],
      [6, 30],
      [12, 42],
    ])
    expect(x.to('float64').sum().div(3).item()).toBe(7)
    expect(x.to('int64').fmod(4).amax().item()).toBe(3)
    expect(x.to('float16').sqrt().narrow(0, 1, 1).to('int32').tolist()).toEqual([[2, 2, 2]])
  })
})

test('random numbers are the same without their part', () => {
  const draw = (parts: readonly Part[]): number[] =>
    using(parts, () => {
      const generator = new Generator().manualSeed(3)
      // one axis gives a list of numbers
      return rand(100, { generator }).tolist() as number[]
    })
  expect(draw([])).toEqual(draw([named.randomNumbers]))
})

describe('what a part has', () => {
  const x = (): ReturnType<typeof tensor> =>
    tensor([
      [0.5, 0.25],
      [0.125, 0.75],
    ])
  const positions = (): ReturnType<typeof tensor> =>
    tensor(
      [
        [1, 0],
        [0, 0],
      ],
      { dtype: 'int64' },
    )
  const calls: readonly (readonly [Part, () => { tolist(): unknown }])[] = [
    [named.matrixProducts, () => x().matmul(x())],
    [named.convolutions, () => conv2d(x().reshape(1, 1, 2, 2), x().reshape(1, 1, 2, 2))],
    [named.pools, () => maxPool2d(x().reshape(1, 1, 2, 2), 2)],
    [named.indexing, () => x().gather(1, positions())],
    [named.indexing, () => x().scatterAdd(1, positions(), x())],
    [named.scans, () => x().cumsum(1)],
    [named.sorts, () => x().sort(1).values],
    [named.exponentials, () => x().tanh()],
    [named.exponentials, () => x().sigmoid()],
    [named.logarithms, () => x().log1p()],
    [named.logarithms, () => x().atanh()],
    [named.trigonometry, () => x().tan()],
    [named.trigonometry, () => x().atan2(x())],
    [named.errorFunctions, () => x().erfc()],
    [named.gammaFunctions, () => x().lgamma()],
    [named.powers, () => x().pow(x())],
    [named.doubleFunctions, () => x().to('float64').exp()],
  ]

  test.each(calls.map(([part, call], i) => ({ name: `${part.name} ${i}`, part, call })))(
    '$name: the same numbers with it, and an error that names it without',
    ({ part, call }) => {
      const expected = using(everyPart(), () => call().tolist())
      expect(using([part], () => call().tolist())).toEqual(expected)
      let error: unknown
      try {
        using(
          everyPart().filter((other) => other !== part),
          () => call(),
        )
      } catch (caught) {
        error = caught
      }
      expect(error).toBeInstanceOf(BackendError)
      expect(String(error)).toContain(`part ${part.name} of '@gradus/backend-wasm/parts'`)
    },
  )

  test('threads: refused where they are asked for, and one thread otherwise', () => {
    expect(() => using([], () => wasmBackendOf([], { threads: 2 }).alloc(4))).toThrow(/part threads of/)
    expect(wasmBackendOf([], { threads: 1 }).alloc(4).bytes).toBe(4)
  })
})
