import {
  bfloat16ToNumber,
  float16ToNumber,
  IndexError,
  isFloat,
  type Program,
  type TypedArray,
} from '@gradus/core/backend'
import { referenceBackend } from '@gradus/core/reference'
import { expect } from 'vitest'
import type { Data, KernelRunner, Run } from './kernel-runner.ts'

/** Random numbers that are the same in every run. */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Runs a program compiled and by the reference, on copies of the same operands, and expects equal results. */
export function expectReference(runner: KernelRunner, program: Program, run: Run, tolerance = 0): void {
  const [ours, theirs] = [copied(run), copied(run)]
  const failed = runner.run(program, ours)
  const backend = referenceBackend()
  const blocks = new Map<TypedArray, ReturnType<typeof backend.alloc>>()
  for (const { array } of theirs.operands) {
    if (blocks.has(array)) continue
    const block = backend.alloc(array.byteLength)
    backend.write(block, array)
    blocks.set(array, block)
  }
  const operands = theirs.operands.map(({ array, dtype, layout }) => {
    const block = blocks.get(array) ?? backend.alloc(0)
    return { storage: { block }, dtype, layout }
  })
  let threw = ''
  try {
    backend.run(program, [{ outer: run.outer, inner: run.inner, operands, params: run.params ?? [] }])
  } catch (error) {
    if (!(error instanceof IndexError)) throw error
    threw = error.what
  }
  expect(failed.length > 0 ? program.checks[failed[0]].error : '').toBe(threw)
  if (threw !== '') return
  operands.slice(program.inputs.length).forEach((view, k) => {
    const wanted = backend.readSync?.(view)
    if (!wanted) throw new Error('the reference reads at once')
    const got = elementsOf(ours.operands[program.inputs.length + k])
    const { dtype } = view
    for (let i = 0; i < wanted.length; i++) {
      const [a, b] = [numberOf(dtype, got[i]), numberOf(dtype, wanted[i])]
      if (same(a, b, isFloat(dtype) ? tolerance : 0)) continue
      expect(`${a} at ${i} of output ${k}: ${describe(run)}`).toBe(b)
    }
  })
}

function same(a: number | bigint, b: number | bigint, tolerance: number): boolean {
  if (Object.is(a, b) || a === b) return true
  if (typeof a === 'bigint' || typeof b === 'bigint') return false
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b))
}

function numberOf(dtype: string, bits: number | bigint): number | bigint {
  if (dtype === 'float16') return float16ToNumber(Number(bits))
  if (dtype === 'bfloat16') return bfloat16ToNumber(Number(bits))
  return bits
}

/** The elements of an operand in row-major order. */
export function elementsOf({ array, layout }: Data): (number | bigint)[] {
  const result: (number | bigint)[] = []
  const walk = (axis: number, at: number): void => {
    if (axis === layout.rank) result.push(array[at])
    else for (let i = 0; i < layout.shape[axis]; i++) walk(axis + 1, at + i * layout.strides[axis])
  }
  walk(0, layout.offset)
  return result
}

function copied(run: Run): Run {
  const copies = new Map<TypedArray, TypedArray>()
  const operands = run.operands.map((operand) => {
    const array = copies.get(operand.array) ?? operand.array.slice()
    copies.set(operand.array, array)
    return { ...operand, array }
  })
  return { ...run, operands }
}

const describe = ({ outer, inner, operands }: Run): string =>
  JSON.stringify({ outer, inner, strides: operands.map((o) => [o.dtype, o.layout.strides, o.layout.offset]) })
