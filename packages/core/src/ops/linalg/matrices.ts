import type { Backend, View } from '../../backend/types.ts'
import { isFloat, isHalf } from '../../base/dtype.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { broadcastShapes, sizeOf } from '../../base/shape.ts'
import type { Meta } from '../../op/declaration.ts'
import { filledAs } from '../../op/fill.ts'
import { writeView } from '../../op/host-kernel.ts'
import { hostValues, type HostReader } from '../../op/host-values.ts'
import { under } from '../../op/row-program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { diagonal } from '../view/view.ts'
import { diagEmbed } from '../shape/triangle.ts'

/*
 * Checks of matrices in PyTorch's words, and kernels of plain numbers over batches of them. Kernels compute in double, so that
 * float32 results are rounded once.
 */

/** The axes before the last two. */
export const batchOf = (x: Meta): number[] => x.shape.slice(0, -2)

/** The batch axes of two operands, broadcast. */
export const sharedBatch = (x: Meta, y: Meta): Shape => broadcastShapes(batchOf(x), batchOf(y))

/** @throws ShapeError for fewer than two axes */
export function checkMatrix(call: string, name: string, x: Meta): void {
  if (x.shape.length < 2)
    throw new ShapeError(`${call}: The input tensor ${name} must have at least 2 dimensions.`)
}

/** @throws ShapeError unless the last two axes are equal */
export function checkSquare(call: string, name: string, x: Meta): void {
  checkMatrix(call, name, x)
  const [m, n] = x.shape.slice(-2)
  if (m !== n) {
    throw new ShapeError(
      `${call}: ${name} must be batches of square matrices, but they are ${m} by ${n} matrices`,
    )
  }
}

/** @throws DTypeError unless the dtype is float32 or float64 */
export function checkDouble(call: string, x: Meta): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(`${call}: Expected a floating point or complex tensor as input. Got ${x.dtype}`)
  if (isHalf(x.dtype)) {
    throw new DTypeError(`${call}: Low precision dtypes not supported. Got ${x.dtype}`, {
      hint: "convert it with .to('float32')",
    })
  }
}

/** Where an error of a batch was found, as PyTorch says it. */
export const batchElement = (batch: Shape, b: number): string =>
  batch.length > 0 ? `(Batch element ${b}): ` : ''

/** An operand whose axes before the last `kept` are broadcast to `batch`. */
export const spread = (x: View, batch: Shape, kept = 2): View =>
  under(x, x.layout.expand([...batch, ...x.layout.shape.slice(x.layout.rank - kept)]))

/** The kernel of one matrix of a batch: its operands are copies, its results zeros to be written. */
export type MatrixKernel = (
  inputs: readonly Float64Array[],
  results: readonly Float64Array[],
  b: number,
) => void

/** Runs a kernel of plain numbers for each matrix of a batch; operands and results have the batch axes in front. */
export function eachMatrix(
  on: Backend,
  reader: HostReader,
  batch: Shape,
  inputs: readonly View[],
  results: readonly View[],
  kernel: MatrixKernel,
): void {
  const count = sizeOf(batch)
  const from = inputs.map((x) => {
    const data = hostValues(reader, x, on)
    // what was read is a copy already
    return data instanceof Float64Array ? data : Float64Array.from<number | bigint>(data, Number)
  })
  const to = results.map((out) => new Float64Array(out.layout.size))
  const part = (data: Float64Array, b: number): Float64Array => {
    const size = data.length / count
    return data.subarray(b * size, (b + 1) * size)
  }
  for (let b = 0; b < count; b++) {
    kernel(
      from.map((data) => part(data, b)),
      to.map((data) => part(data, b)),
      b,
    )
  }
  results.forEach((out, i) => {
    if (out.dtype === 'float64') on.write(out.storage.block, to[i])
    else if (out.dtype === 'float32') on.write(out.storage.block, Float32Array.from(to[i]))
    else writeView(on, out, to[i])
  })
}

/** The identity of the size of `x`, for constants inside gradients. */
export const identityLike = (x: Tensor, n: number): Tensor => diagEmbed(filledAs(x, [n], 1))

/** Matrices with rows and columns exchanged: a view. */
export const mT = (x: Tensor): Tensor => x.transpose(-2, -1)

/** `x - xᵀ`. */
export const skew = (x: Tensor): Tensor => x.sub(mT(x))

/** Rows scaled: `diag(d) · x`. */
export const scaleRows = (x: Tensor, d: Tensor): Tensor => x.mul(d.unsqueeze(-1))

/** Columns scaled: `x · diag(d)`. */
export const scaleColumns = (x: Tensor, d: Tensor): Tensor => x.mul(d.unsqueeze(-2))

/**
 * Diagonals of matrices as a view: as the flat `diagonal`, of the last two axes by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.diagonal.html
 * @example
 * g.linalg.diagonal(g.ones(4, 2, 3)).shape // => [4, 2]
 */
export const diagonalOfMatrices = (A: Tensor, offset = 0, axis1 = -2, axis2 = -1): Tensor =>
  diagonal(A, offset, axis1, axis2)
