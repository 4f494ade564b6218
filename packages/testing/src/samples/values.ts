import { fromRaw } from '@gradus/core/internal'
import { requireGrad, type Shape, type Tensor } from 'gradus'

/**
 * A float64 leaf whose elements spread over (lo, hi) without repeating: away from the kinks that sit at round numbers.
 *
 * @param salt - another number gives other values
 */
export function leaf(shape: Shape, lo = -2, hi = 2, salt = 0): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  // multiples of one irrational number modulo 1 keep apart; the salt is of another, so that two leaves share no value
  const data = Float64Array.from({ length: n }, (_, i) => {
    const u = ((i + 1) * 0.6180339887498949 + salt * 0.7548776662466927 + 0.05) % 1
    return lo + (hi - lo) * (0.02 + 0.96 * u)
  })
  return requireGrad(fromRaw(data, shape, 'float64'))
}

/** Inputs of one differentiable use of an op. */
export interface Sample {
  /** What is special about it. */
  readonly name: string
  readonly fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[]
  readonly inputs: () => Tensor[]
  /** Whether gradients of gradients exist; true by default. */
  readonly twice?: boolean
  /** Step of the differences; that of gradcheck by default. */
  readonly eps?: number
}

export const sample = (
  name: string,
  fn: Sample['fn'],
  ...inputs: readonly (readonly [Shape, number?, number?])[]
): Sample => ({ name, fn, inputs: () => inputs.map(([shape, lo, hi], i) => leaf(shape, lo, hi, i)) })
