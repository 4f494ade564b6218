import { grad, vmap } from '@gradus/autograd/func'
import { flip, isFloat, setBackend, stack, sum, Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { flat, valueDifference } from '../src/golden/compare.ts'
import { excluded, goldenMissing, opNames, readOp, resolveOp, type OpFile } from '../src/golden/index.ts'
import { Values } from '../src/golden/values.ts'

setBackend(referenceBackend())

/** The tensors of arguments with others in their places. */
function replaced(tree: unknown, next: (x: Tensor) => Tensor): unknown {
  if (tree instanceof Tensor) return next(tree)
  if (Array.isArray(tree)) return tree.map((item) => replaced(item, next))
  return tree
}

const isMapped = (x: Tensor): boolean => isFloat(x.dtype)

/** Two samples of a tensor: itself, and its elements in reverse, which keeps domains and positive definite matrices. */
const two = (x: Tensor): Tensor =>
  stack([
    x.detach(),
    flip(
      x.detach(),
      x.shape.map((_, a) => a),
    ),
  ])

/** What vmap and a loop make of one sample: null where they agree. */
function compare(op: string, fn: (...xs: Tensor[]) => unknown, samples: readonly Tensor[]): string | null {
  const loop = [0, 1].map((b) => flat(fn(...samples.map((x) => x.select(0, b).clone()))))
  const mapped = flat(vmap((...xs: Tensor[]) => flat(fn(...xs)))(...samples))
  for (const [i, y] of mapped.entries()) {
    const wanted = stack([loop[0][i] as Tensor, loop[1][i] as Tensor])
    const got = y as Tensor
    if (got.dtype !== wanted.dtype) return `result ${i}: ${got.dtype} instead of ${wanted.dtype}`
    const problem = valueDifference(op, got, wanted)
    if (problem !== null) return `result ${i}: ${problem}`
  }
  return null
}

const message = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0] : String(error)

/** Whether the loop itself has no answer: elements in reverse need not be arguments of the op, and results no tensors. */
function loopFails(fn: (...xs: Tensor[]) => unknown, samples: readonly Tensor[]): boolean {
  try {
    const results = [0, 1].map((b) => flat(fn(...samples.map((x) => x.select(0, b).clone()))))
    return results.some(
      (list) =>
        list.length === 0 ||
        list.some(
          (y, i) => !(y instanceof Tensor) || String((results[0][i] as Tensor).shape) !== String(y.shape),
        ),
    )
  } catch {
    return true
  }
}

function runOp(file: OpFile): { equal: number; gradients: number; refused: Set<string>; failures: string[] } {
  const call = resolveOp(file)!
  const outcome = { equal: 0, gradients: 0, refused: new Set<string>(), failures: [] as string[] }
  for (const [n, sample] of file.samples.slice(0, 4).entries()) {
    const read = (): { args: unknown[]; kwargs: Record<string, unknown> } => {
      const values = new Values(file.bytes)
      // a dict of keyword arguments
      return {
        args: sample.args.map((a) => values.read(a)),
        kwargs: values.read(sample.kwargs) as Record<string, unknown>,
      }
    }
    const { args, kwargs } = read()
    const tensors: Tensor[] = []
    replaced(args, (x) => {
      if (isMapped(x)) tensors.push(x)
      return x
    })
    if (tensors.length === 0) continue
    for (const mapped of tensors.length > 1 ? [tensors, tensors.slice(0, 1), tensors.slice(1)] : [tensors]) {
      const fn = (...xs: Tensor[]): unknown =>
        call(replaced(args, (x) => (mapped.includes(x) ? xs[mapped.indexOf(x)] : x)) as unknown[], kwargs)
      const samples = mapped.map(two)
      if (loopFails(fn, samples)) continue
      const attempt = (what: string, of: (...xs: Tensor[]) => unknown): boolean => {
        try {
          const problem = compare(file.op, of, samples)
          if (problem !== null)
            outcome.failures.push(`sample ${n}, ${mapped.length} mapped${what}: ${problem}`)
          return problem === null
        } catch (error) {
          if (/^vmap: |random operation/.test(message(error)))
            outcome.refused.add(message(error).slice(0, 60))
          else outcome.failures.push(`sample ${n}, ${mapped.length} mapped${what}: ${message(error)}`)
          return false
        }
      }
      if (attempt('', fn)) outcome.equal++
      if (!sample.grads) continue
      const scalar = (...xs: Tensor[]): Tensor =>
        flat(fn(...xs))
          .filter((y): y is Tensor => y instanceof Tensor && isFloat(y.dtype))
          .map((y, i) => sum(y.mul(y)).mul(i + 1))
          .reduce((a, b) => a.add(b))
      const gradient = (...xs: Tensor[]): unknown => grad(scalar, { argnums: xs.map((_, i) => i) })(...xs)
      if (loopFails(gradient, samples)) continue
      if (attempt(', gradient', gradient)) outcome.gradients++
    }
  }
  return outcome
}

describe('vmap equals a loop', () => {
  if (goldenMissing !== null) {
    test.skip(`640 operators: ${goldenMissing}`, () => {})
    return
  }
  const files = opNames()
    .map(readOp)
    .filter((file) => !(file.name in excluded) && resolveOp(file) !== null)
  const totals = { ops: 0, calls: 0, gradients: 0 }
  const refused: string[] = []
  for (const file of files) {
    test(file.name, () => {
      const outcome = runOp(file)
      if (outcome.equal > 0) totals.ops++
      totals.calls += outcome.equal
      totals.gradients += outcome.gradients
      if (outcome.refused.size > 0) refused.push(`${file.name} (${[...outcome.refused].join('; ')})`)
      expect(outcome.failures).toEqual([])
    })
  }
  test('over 550 operators agree in some sample, and 2,400 gradients', () => {
    expect(totals.ops).toBeGreaterThanOrEqual(553)
    expect(totals.calls).toBeGreaterThanOrEqual(2925)
    expect(totals.gradients).toBeGreaterThanOrEqual(2403)
    console.log(`${JSON.stringify(totals)}; ${refused.length} operators refuse a sample`)
  })
})
