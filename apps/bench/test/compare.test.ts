import { expect, test } from 'vitest'
import { disagreements } from '../src/agreement.ts'
import { compareReports, confirm, hasRegression, replaceRows, suspects } from '../src/compare.ts'
import type { Row } from '../src/report.ts'
import { ulpError } from '../src/ulp.ts'

const row = (contender: string, ms: number, name = '256³'): Row => ({
  suite: 'gemm',
  case: name,
  contender,
  status: 'ok',
  unit: 'ms',
  samples: Array.from({ length: 21 }, (_, i) => ms * (1 + 0.002 * (i % 5))),
  weak: false,
})

test('a slowed kernel is a regression and its neighbours are not', () => {
  const before = { rows: [row('gradus@node24', 1), row('gradus@node24', 3, '512³')] }
  const after = { rows: [row('gradus@node24', 1.2), row('gradus@node24', 3.03, '512³')] }
  const comparison = compareReports(before, after)
  expect(comparison.changes.map((change) => [change.case, change.verdict])).toEqual([['256³', 'slower']])
  expect(hasRegression(comparison)).toBe(true)
})

test('a change of a peer is reported and is no regression', () => {
  const comparison = compareReports({ rows: [row('torch', 1)] }, { rows: [row('torch', 1.5)] })
  expect(comparison.changes).toHaveLength(1)
  expect(hasRegression(comparison)).toBe(false)
})

test('where all peers became slower, a change of that size says nothing about gradus', () => {
  const names = ['64³', '128³', '256³']
  const at = (factor: number) => ({
    rows: names.flatMap((name) => [row('torch', factor, name), row('gradus@node24', factor, name)]),
  })
  const comparison = compareReports(at(1), at(1.2))
  expect(comparison.drift).toBeCloseTo(1.2)
  expect(hasRegression(comparison)).toBe(false)
})

test('a figure without quiet samples counts as changed only beyond what a busy machine does', () => {
  const busy = { rows: [{ ...row('gradus@node24', 1), weak: true }] }
  expect(compareReports(busy, { rows: [row('gradus@node24', 1.3)] }).changes).toEqual([])
  expect(hasRegression(compareReports(busy, { rows: [row('gradus@node24', 1.6)] }))).toBe(true)
})

test('a figure of two threads counts as changed only beyond what a second core more or less does', () => {
  const before = { rows: [row('gradus-2t@node24', 1)] }
  expect(compareReports(before, { rows: [row('gradus-2t@node24', 1.9)] }).changes).toEqual([])
  expect(hasRegression(compareReports(before, { rows: [row('gradus-2t@node24', 2.3)] }))).toBe(true)
})

test('where peers moved up and down, gradus changed only if it moved further', () => {
  const names = ['64³', '128³', '256³', '512³']
  const peers = (factors: readonly number[]) => names.map((name, i) => row('torch', factors[i], name))
  const before = { rows: [...peers([1, 1, 1, 1]), row('gradus@node24', 1)] }
  const after = (ms: number, moved: readonly number[]) => ({
    rows: [...peers(moved), row('gradus@node24', ms)],
  })
  expect(hasRegression(compareReports(before, after(1.15, [1.01, 0.99, 1.01, 0.99])))).toBe(true)
  expect(hasRegression(compareReports(before, after(1.15, [1.15, 0.87, 1.15, 0.87])))).toBe(false)
  expect(hasRegression(compareReports(before, after(1.4, [1.15, 0.87, 1.15, 0.87])))).toBe(true)
})

test('what a second measurement does not find is no change', () => {
  const before = { rows: [row('gradus@node24', 1), row('gradus@node24', 3, '512³'), row('jax-js@node24', 1)] }
  const rows = [row('gradus@node24', 1.3), row('gradus@node24', 4, '512³'), row('jax-js@node24', 1.5)]
  const first = compareReports(before, { rows })
  expect(suspects(first)).toEqual(new Map([['gemm', new Set(['256³', '512³'])]]))
  const again = replaceRows(rows, [row('gradus@node24', 1.01), row('gradus@node24', 3.9, '512³')])
  const confirmed = confirm(first, compareReports(before, { rows: again }))
  expect(confirmed.changes.map((change) => [change.case, change.contender])).toEqual([
    ['512³', 'gradus@node24'],
    ['256³', 'jax-js@node24'],
  ])
})

test('a row without samples is not compared', () => {
  const failed: Row = { ...row('jax-js@node24', 1), status: 'error', reason: 'no', samples: [] }
  expect(compareReports({ rows: [failed] }, { rows: [row('jax-js@node24', 1)] }).compared).toBe(0)
})

test('the contender whose result others do not have is named', () => {
  const found = disagreements(
    new Map([
      ['a', [1, 2]],
      ['b', [1.00001, 2]],
      ['c', [1, 2.5]],
    ]),
    1e-3,
  )
  expect([...found.keys()]).toEqual(['c'])
})

test('NaN is a disagreement', () => {
  const found = disagreements(
    new Map([
      ['a', [1]],
      ['b', [1]],
      ['c', [NaN]],
    ]),
    1e-3,
  )
  expect([...found.keys()]).toEqual(['c'])
})

test('one contender alone agrees with itself', () => {
  expect(disagreements(new Map([['a', [1]]]), 1e-3).size).toBe(0)
})

test('the next float32 is one unit in the last place away', () => {
  expect(ulpError([1 + 2 ** -23], () => 1)).toBe(1)
})

test('an exact result has no error', () => {
  expect(ulpError([0.5, -2], (i) => [0.5, -2][i])).toBe(0)
})
