import { binary, index, input, param, Program, reduced, unary } from '@gradus/core/backend'
import { describe, expect, test } from 'vitest'
import { isFlat, writeBlock, writeFlat } from '../src/codegen/compiled-program.ts'
import { chunkElements } from '../src/codegen/plan.ts'
import { dense, KernelRunner } from './kernel-runner.ts'

const all = { dtype: 'float32', over: 'all' } as const
const [x, y] = [input(0, 'f32'), input(1, 'f32')]
// x += p * y
const update = new Program({
  inputs: [all, all],
  params: ['f32'],
  outputs: [{ ...all, value: binary('add', x, binary('mul', param(0, 'f32'), y)) }],
})

/** Runs an update of several lengths by one call of `runMany`, through blocks that `write` makes. */
function updateMany(lengths: readonly number[], flat: boolean, pieces: number): void {
  const runner = new KernelRunner()
  const compiled = runner.compiled(update)
  const fast = compiled.flat
  if (!fast) throw new Error('an update of dense operands is flat')
  const tables = lengths.map((n) => ({
    n,
    at: [runner.alloc(4 * n), runner.alloc(4 * n)],
    block: runner.alloc(256),
  }))
  const { buffer } = runner.memory
  const [words, doubles] = [new Int32Array(buffer), new Float64Array(buffer)]
  const floats = new Float32Array(buffer)
  const table = runner.alloc(8 * (lengths.length + 1))
  let [at, chunks] = [table / 4, 0]
  for (const [
    i,
    {
      n,
      at: [p, q],
      block,
    },
  ] of tables.entries()) {
    for (let k = 0; k < n; k++) {
      floats[p / 4 + k] = k % 100
      floats[q / 4 + k] = i + 1
    }
    const layouts = [0, 1, 2].map(() => dense('float32', [n]).layout)
    words[at++] = chunks
    words[at++] = block
    const params = [0.5 + i]
    chunks += flat
      ? writeFlat(fast, words, doubles, block, n, [p, q, p], params, 0)
      : writeBlock(
          compiled.plan({ outer: [n], inner: [], layouts }),
          words,
          doubles,
          block,
          [p, q, p],
          params,
          0,
        )
  }
  words[at] = chunks
  const { runMany } = runner.functions(fast.kernel)
  const step = Math.max(1, Math.ceil(chunks / pieces))
  for (let from = 0; from < chunks; from += step) runMany(table, from, Math.min(chunks, from + step))
  for (const [
    i,
    {
      n,
      at: [p],
    },
  ] of tables.entries()) {
    for (let k = 0; k < n; k++)
      if (floats[p / 4 + k] !== (k % 100) + (0.5 + i) * (i + 1)) expect([i, k]).toBe('right')
  }
}

describe('argument blocks', () => {
  test('of many tensors run in one call, cut anywhere', () => {
    for (const pieces of [1, 2, 5, 100]) {
      updateMany([5, 1, 100, chunkElements, chunkElements + 1, 3], true, pieces)
      updateMany([5, 200_000, 0, 7], true, pieces)
    }
  })

  test('of dense operands are the same by plan and by the short way', () => {
    updateMany([5, 1, 100, chunkElements + 1], false, 2)
    const compiled = new KernelRunner().compiled(update)
    const words = [0, 1].map(() => new Int32Array(64))
    const flat = compiled.flat
    if (!flat) throw new Error('an update of dense operands is flat')
    for (const n of [1, 9, 70_000]) {
      const layouts = [0, 1, 2].map(() => dense('float32', [n]).layout)
      const plan = compiled.plan({ outer: [n], inner: [], layouts })
      const doubles = words.map((w) => new Float64Array(w.buffer))
      const first = writeFlat(flat, words[0], doubles[0], 0, n, [64, 128, 256], [3], 8)
      const second = writeBlock(plan, words[1], doubles[1], 0, [64, 128, 256], [3], 8)
      expect([first, compiled.kernel(plan.form)]).toEqual([second, flat.kernel])
    }
  })

  test('are flat only if all operands share one dense layout', () => {
    const [a, b] = [dense('float32', [3, 4]), dense('float32', [4, 3])]
    const view = (data: typeof a) => ({
      storage: { block: { bytes: 48 } },
      dtype: data.dtype,
      layout: data.layout,
    })
    expect(isFlat([view(a), view(a)])).toBe(true)
    expect(isFlat([view(a), view(b)])).toBe(false)
    expect(isFlat([view(a), { ...view(b), layout: b.layout.permute([1, 0]) }])).toBe(false)
    expect(isFlat([{ ...view(a), layout: a.layout.slice(0, 1, 2) }])).toBe(false)
  })
})

test('programs that ask for positions or fold are never flat', () => {
  const runner = new KernelRunner()
  const position = index({ of: 'outer', axis: 'flat' })
  const counting = new Program({ inputs: [], outputs: [{ dtype: 'int32', over: 'all', value: position }] })
  const sum = new Program({
    inputs: [all],
    reductions: [{ combine: 'sum', value: x }],
    outputs: [{ dtype: 'float32', over: 'outer', value: reduced(0, 'f32') }],
  })
  expect([runner.compiled(counting).flat, runner.compiled(sum).flat]).toEqual([null, null])
})

test('functions of doubles are imported, and only those that are used', () => {
  const d = input(0, 'f64')
  const program = new Program({
    inputs: [{ dtype: 'float64', over: 'all' }],
    outputs: [{ dtype: 'float64', over: 'all', value: binary('add', unary('exp', d), unary('sqrt', d)) }],
  })
  expect(new KernelRunner().compiled(program).flat?.kernel.imports).toEqual(['exp'])
  expect(new KernelRunner().compiled(update).flat?.kernel.imports).toEqual([])
})
