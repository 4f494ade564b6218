import { defineOp } from '../../op/define-op.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, TensorError } from '../../base/errors.ts'
import { saving } from '../../op/declaration.ts'
import type { HostArray } from '../../tensor/elements.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { writeView } from '../../op/host-kernel.ts'
import { hostValues, readsValues } from '../../op/host-values.ts'
import { matmul } from './matmul.ts'

/** The length of the sides of square matrices. */
export function sideOf(name: string, x: { shape: readonly number[]; dtype: Tensor['dtype'] }): number {
  const [m, n] = x.shape.slice(-2)
  if (x.shape.length < 2) {
    throw new ShapeError(`${name}: The input tensor A must have at least 2 dimensions.`)
  }
  if (m !== n) {
    throw new ShapeError(`${name}: A must be batches of square matrices, but they are ${m} by ${n} matrices`)
  }
  if (!isFloat(x.dtype))
    throw new DTypeError(`${name}: Expected a floating point or complex tensor as input. Got ${x.dtype}`)
  return n
}

/** A matrix as P·L·U: rows exchanged, the two triangles in one array. Partial pivoting, in double. */
export interface Factors {
  lu: Float64Array
  rows: Int32Array
  sign: number
}
export function factorize(data: HostArray, from: number, n: number): Factors {
  const lu = Float64Array.from({ length: n * n }, (_, i) => Number(data[from + i]))
  const rows = Int32Array.from({ length: n }, (_, i) => i)
  let sign = 1
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k]) > Math.abs(lu[pivot * n + k])) pivot = i
    if (pivot !== k) {
      sign = -sign
      ;[rows[k], rows[pivot]] = [rows[pivot], rows[k]]
      for (let j = 0; j < n; j++) [lu[k * n + j], lu[pivot * n + j]] = [lu[pivot * n + j], lu[k * n + j]]
    }
    const top = lu[k * n + k]
    if (top === 0) continue
    for (let i = k + 1; i < n; i++) {
      const factor = (lu[i * n + k] /= top)
      for (let j = k + 1; j < n; j++) lu[i * n + j] -= factor * lu[k * n + j]
    }
  }
  return { lu, rows, sign }
}

function invert(data: HostArray, from: number, n: number, out: Float64Array): void {
  const { lu, rows } = factorize(data, from, n)
  for (let k = 0; k < n; k++) {
    if (lu[k * n + k] === 0) {
      throw new TensorError(
        `linalg.inv: The diagonal element ${k + 1} is zero, the inversion could not be completed because the input matrix is singular.`,
      )
    }
  }
  for (let column = 0; column < n; column++) {
    const x = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      let sum = rows[i] === column ? 1 : 0
      for (let j = 0; j < i; j++) sum -= lu[i * n + j] * x[j]
      x[i] = sum
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i]
      for (let j = i + 1; j < n; j++) sum -= lu[i * n + j] * x[j]
      x[i] = sum / lu[i * n + i]
    }
    for (let i = 0; i < n; i++) out[from + i * n + column] = x[i]!
  }
}

const invValues = /* @__PURE__ */ readsValues('inv')
const invOp = /* @__PURE__ */ defineOp({
  name: 'inv',
  inputs: ['x'],
  infer({ x }) {
    sideOf('linalg.inv', x)
    return { shape: x.shape, dtype: x.dtype }
  },
  kernel(on, { x }, { out }) {
    const n = x.layout.shape.at(-1)!
    const data = hostValues(invValues, x, on)
    const result = new Float64Array(data.length)
    for (let from = 0; from < data.length; from += n * n) invert(data, from, n, result)
    writeView(on, out, result)
  },
  vjp: {
    x: saving(['out'], (g, { out }) =>
      matmul(matmul(out.transpose(-2, -1), g), out.transpose(-2, -1)).mul(-1),
    ),
  },
})

/**
 * The inverse of a square matrix or batch of them, computed in double.
 *
 * @param x - [..., n, n]
 * @throws TensorError for a singular matrix; ShapeError unless square
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.inv.html
 * @example
 * g.inv(g.tensor([[2, 0], [0, 4]])).tolist() // => [[0.5, 0], [0, 0.25]]
 */
export const inv = (x: Tensor): Tensor => invOp({ x }, undefined)
