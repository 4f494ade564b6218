import { expect, test } from 'vitest'
import { binary, constant, convert, index, input, param, Program, reduced, unary, select, size, Layout } from '@gradus/core/backend'
import { dense, KernelRunner } from './kernel-runner.ts'
const x = input(0, 'f32'), y = input(1, 'f32')
const r = new KernelRunner()
const rand = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i * 12.9898) * 3))
test('add', () => {
  const p = new Program({ inputs: [{ dtype: 'float32', over: 'all' }, { dtype: 'float32', over: 'all' }], outputs: [{ dtype: 'float32', over: 'all', value: binary('add', x, y) }] })
  for (const n of [0, 1, 3, 4, 5, 7, 8, 9, 17, 1000, 100000]) {
    const a = dense('float32', [n], rand(n)), b = dense('float32', [n], rand(n)), o = dense('float32', [n])
    r.run(p, { outer: [n], inner: [], operands: [a, b, o] })
    expect(Array.from(o.array)).toEqual(Array.from(a.array, (v) => Math.fround(Number(v) * 2)))
  }
})
test('transpose', () => {
  const p = new Program({ inputs: [{ dtype: 'float32', over: 'all' }, { dtype: 'float32', over: 'all' }], outputs: [{ dtype: 'float32', over: 'all', value: binary('add', x, y) }] })
  const a = dense('float32', [5, 7], rand(35)), o = dense('float32', [7, 5])
  r.run(p, { outer: [7, 5], inner: [], operands: [{ ...a, layout: a.layout.permute([1, 0]) }, { dtype: 'float32', array: Float32Array.of(1, 2, 3, 4, 5), layout: new Layout([7, 5], [0, -1], 4) }, o] })
  const w = []
  for (let i = 0; i < 7; i++) for (let j = 0; j < 5; j++) w.push(Math.fround(Number(a.array[j * 7 + i]) + (5 - j)))
  expect(Array.from(o.array)).toEqual(w)
})
test('sum', () => {
  const p = new Program({ inputs: [{ dtype: 'float32', over: 'all' }], reductions: [{ combine: 'sum', value: x }, { combine: 'max', value: x }], outputs: [{ dtype: 'float32', over: 'outer', value: reduced(0, 'f32') }, { dtype: 'float32', over: 'outer', value: reduced(1, 'f32') }] })
  for (const [m, n] of [[1, 0], [3, 1], [5, 7], [40, 33], [2, 100001], [1, 300000], [100, 3]]) {
    const a = dense('float32', [m, n], rand(m * n)), o = dense('float32', [m]), q = dense('float32', [m])
    r.run(p, { outer: [m], inner: [n], operands: [a, o, q] })
    for (let i = 0; i < m; i++) { let s = 0, mx = -Infinity; for (let j = 0; j < n; j++) { s += Number(a.array[i * n + j]); mx = Math.max(mx, Number(a.array[i * n + j])) } expect(Math.abs(Number(o.array[i]) - s), `${m} ${n}`).toBeLessThan(1e-4); expect(q.array[i]).toBe(mx) }
    const at = { ...a, layout: a.layout.permute([1, 0]) }
    const o2 = dense('float32', [n]), q2 = dense('float32', [n])
    r.run(p, { outer: [n], inner: [m], operands: [at, o2, q2] })
    for (let i = 0; i < n; i++) { let s = 0, mx = -Infinity; for (let j = 0; j < m; j++) { s += Number(a.array[j * n + i]); mx = Math.max(mx, Number(a.array[j * n + i])) } if (Math.abs(Number(o2.array[i]) - s) > 1e-4 || q2.array[i] !== mx) expect([m, n, i, o2.array[i]]).toBe(s) }
  }
  const a = dense('float32', [20000, 10], rand(200000)), o2 = dense('float32', [10]), q2 = dense('float32', [10])
  r.run(p, { outer: [10], inner: [20000], operands: [{ ...a, layout: a.layout.permute([1, 0]) }, o2, q2] })
  for (let i = 0; i < 10; i++) { let s = 0; for (let j = 0; j < 20000; j++) s += Number(a.array[j * 10 + i]); expect(Math.abs(Number(o2.array[i]) - s)).toBeLessThan(1e-2) }
})
test('softmax', () => {
  const e = unary('exp', binary('sub', x, reduced(0, 'f32')))
  const p = new Program({ inputs: [{ dtype: 'float32', over: 'all' }], reductions: [{ combine: 'max', value: x }, { combine: 'sum', value: e }], outputs: [{ dtype: 'float32', over: 'all', value: binary('div', e, reduced(1, 'f32')) }] })
  for (const [m, n] of [[1, 1], [5, 7], [40, 33], [4, 1000]]) {
    for (const t of [false, true]) {
    const a = dense('float32', [m, n], rand(m * n)), o = dense('float32', [m, n])
    const L = t ? new Layout([m, n], [1, m]) : a.layout
    r.run(p, { outer: [m], inner: [n], operands: [{ ...a, layout: L }, { ...o, layout: L }] })
    const at = (i: number, j: number) => i * L.strides[0]! + j * L.strides[1]!
    for (let i = 0; i < m; i++) { let s = 0; for (let j = 0; j < n; j++) s += Math.exp(Number(a.array[at(i, j)])); for (let j = 0; j < n; j++) expect(Math.abs(Number(o.array[at(i, j)]) - Math.exp(Number(a.array[at(i, j)])) / s)).toBeLessThan(1e-6) }
    }
  }
})
