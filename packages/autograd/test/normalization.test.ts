import { batchNorm, layerNorm, rmsNorm, setBackend, setTape, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { grad, tape } from '../src/index.ts'

setBackend(referenceBackend())
setTape(tape)

const rows = 3
const columns = 5
const numbers = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(seed + 1.7 * i))
const matrix = (seed: number, scale = 1): Tensor =>
  tensor(numbers(rows * columns, seed).map((v) => scale * v)).reshape(rows, columns)
const vector = (seed: number): Tensor => tensor(numbers(columns, seed))
const close = (got: Tensor | null | undefined, wanted: readonly number[]): void => {
  const values = [got?.reshape(-1).tolist()].flat(2)
  expect(values.length).toBe(wanted.length)
  wanted.forEach((w, i) =>
    expect(Math.abs(Number(values[i]) - w)).toBeLessThan(2e-5 * Math.max(1, Math.abs(w))),
  )
}

describe('the gradients of a weight and a bias', () => {
  const g = matrix(3)
  const sums = Array.from({ length: columns }, (_, c) =>
    numbers(rows * columns, 3).reduce((sum, v, i) => (i % columns === c ? sum + v : sum), 0),
  )
  const normalised = (): number[][] =>
    Array.from({ length: rows }, (_, r) => {
      const row = numbers(rows * columns, 1).slice(r * columns, (r + 1) * columns)
      const mean = row.reduce((a, b) => a + b) / columns
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / columns
      return row.map((v) => (v - mean) / Math.sqrt(variance + 1e-5))
    })
  const products = Array.from({ length: columns }, (_, c) =>
    normalised().reduce((sum, row, r) => sum + row[c] * numbers(rows * columns, 3)[r * columns + c], 0),
  )

  test('are the same whichever of them is wanted', () => {
    for (const [x, weight, bias] of [
      [true, true, true],
      [false, true, true],
      [true, true, false],
      [true, false, true],
      [false, false, true],
      [false, true, false],
    ] as const) {
      const operands = [matrix(1), vector(5), vector(6)] as const
      const wanted = [x, weight, bias].flatMap((is, i) => (is ? [operands[i].requiresGrad_()] : []))
      const y = layerNorm(operands[0], columns, operands[1], operands[2])
      const grads = new Map(
        wanted.map((t, i) => [t, grad([y], wanted, { gradOutputs: [g], retainGraph: true })[i]]),
      )
      if (weight) close(grads.get(operands[1]), products)
      if (bias) close(grads.get(operands[2]), sums)
    }
  })

  test('have the dtype and shape of their operands', () => {
    const weight = vector(5).to('float64').requiresGrad_()
    const bias = vector(6).requiresGrad_()
    const [dw, db] = grad([layerNorm(matrix(1), columns, weight, bias)], [weight, bias], { gradOutputs: [g] })
    expect([dw?.dtype, db?.dtype]).toEqual(['float64', 'float32'])
    close(dw, products)
    close(db, sums)
  })

  test('come without a bias, and per channel', () => {
    const weight = vector(5).requiresGrad_()
    const [alone] = grad([rmsNorm(matrix(1), columns, weight)], [weight], { gradOutputs: [g] })
    expect(alone?.shape).toEqual([columns])
    const bias = vector(6).requiresGrad_()
    const y = batchNorm(matrix(1), null, null, weight, bias, { training: true })
    const [dw, db] = grad([y], [weight, bias], { gradOutputs: [g] })
    expect([dw?.shape, db?.shape]).toEqual([[columns], [columns]])
    close(db, sums)
  })
})

test('the gradient of layerNorm keeps its digits for rows of any size', () => {
  const g = matrix(3)
  const gradientAt = (scale: number): number[] => {
    const x = matrix(1, scale).requiresGrad_()
    const [dx] = grad([layerNorm(x, columns, vector(5), null, { eps: 0 })], [x], { gradOutputs: [g] })
    return [dx?.reshape(-1).tolist() ?? []].flat().map((v) => Number(v) * scale)
  }
  const wanted = gradientAt(1)
  for (const scale of [1e-15, 1e-6, 1e6, 1e15])
    gradientAt(scale).forEach((v, i) => expect(Math.abs(v - wanted[i])).toBeLessThan(1e-5))
})
