import { takeTensor, takeTensors } from '../../tensor/kind.ts'
import { defineListOp } from '../../op/define-list-op.ts'
import { resultType } from '../../base/dtype.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape } from '../../base/layout.ts'
import type { Meta } from '../../op/declaration.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { under } from '../../op/row-program.ts'

// PyTorch skips empty vectors, whatever the shape of the others
const skipped = (x: Meta): boolean => x.shape.length === 1 && x.shape[0] === 0

const startOf = (list: readonly Meta[], i: number, axis: number): number =>
  list.slice(0, i).reduce((n, x) => (skipped(x) ? n : n + x.shape[axis]), 0)

const catOp = /* @__PURE__ */ defineListOp<number>({
  name: 'cat',
  infer(list, axis) {
    const first = list.find((x) => !skipped(x)) ?? list[0]
    list.forEach((x, i) => {
      if (skipped(x)) return
      if (x.shape.length !== first.shape.length) {
        throw new ShapeError(
          `Tensors must have same number of dimensions: got ${first.shape.length} and ${x.shape.length}`,
        )
      }
      const wrong = x.shape.findIndex((n, a) => a !== axis && n !== first.shape[a])
      if (wrong >= 0) {
        throw new ShapeError(
          `Sizes of tensors must match except in dimension ${axis}. Expected size ${first.shape[wrong]} but got size ${x.shape[wrong]} for tensor number ${i} in the list.`,
        )
      }
    })
    const dtype = resultType(list.map((x) => ({ dtype: x.dtype, priority: 2 })))
    const length = startOf(list, list.length, axis)
    return { shape: first.shape.map((n, a) => (a === axis ? length : n)), dtype }
  },
  kernel(on, list, out, axis) {
    list.forEach((x, i) => {
      if (skipped(x)) return
      on.copy(x, under(out, out.layout.slice(axis, startOf(list, i, axis), x.shape[axis])))
    })
  },
  vjp(g, i, metas, axis) {
    const x = metas[i]
    if (skipped(x)) return g.narrow(axis, 0, 0).reshape([0])
    return g.narrow(axis, startOf(metas, i, axis), x.shape[axis])
  },
})

/**
 * Tensors joined along an existing axis, promoted to a common dtype. Empty vectors are skipped.
 *
 * @param axis - 0 by default
 * @throws ShapeError where other axes differ; ValueError for an empty list
 * @see https://pytorch.org/docs/stable/generated/torch.cat.html
 * @example
 * g.cat([g.ones(1, 2), g.zeros(2, 2)]).shape // => [3, 2]
 */
export function cat(tensors: readonly Tensor[], axis = 0): Tensor {
  takeTensors('cat', 'tensors', tensors)

  if (tensors.length === 0) throw new ValueError('cat(): expected a non-empty list of Tensors')
  tensors.forEach((x, i) => {
    if (x.ndim === 0)
      throw new ShapeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`)
  })
  const rank = (tensors.find((x) => !skipped(x)) ?? tensors[0]).ndim
  return catOp(tensors, normalizeAxis(axis, rank))
}

/** {@link cat} under its other name. */
export const concat = cat

/**
 * Tensors of one shape joined along a new axis.
 *
 * @param axis - where the new axis goes; 0 by default
 * @throws ShapeError where shapes differ; ValueError for an empty list
 * @see https://pytorch.org/docs/stable/generated/torch.stack.html
 * @example
 * g.stack([g.ones(2), g.zeros(2)]).tolist() // => [[1, 1], [0, 0]]
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  takeTensors('stack', 'tensors', tensors)

  const first = tensors[0]
  if (!first) throw new ValueError('stack expects a non-empty TensorList')
  tensors.forEach((x, i) => {
    if (!sameShape(x.shape, first.shape)) {
      throw new ShapeError(
        `stack expects each tensor to be equal size, but got [${first.shape.join(', ')}] at entry 0 and [${x.shape.join(', ')}] at entry ${i}`,
      )
    }
  })
  const at = normalizeAxis(axis, first.ndim + 1)
  return catOp(
    tensors.map((x) => x.unsqueeze(at)),
    at,
  )
}

const nonEmpty = (name: string, tensors: readonly Tensor[]): void => {
  if (tensors.length === 0) throw new ValueError(`${name} expects a non-empty TensorList`)
}

/** Tensors with at least one axis: scalars become vectors. */
export const atleast1d = (x: Tensor): Tensor => {
  takeTensor('atleast1d', 'x', x)
  return x.ndim === 0 ? x.reshape([1]) : x
}
/** Tensors with at least two axes: new ones come first. */
export const atleast2d = (x: Tensor): Tensor => {
  takeTensor('atleast2d', 'x', x)
  return x.ndim < 2 ? atleast1d(x).unsqueeze(0) : x
}
/** Tensors with at least three axes: a vector becomes `[1, n, 1]`, a matrix `[m, n, 1]`. */
export const atleast3d = (x: Tensor): Tensor => {
  takeTensor('atleast3d', 'x', x)
  return x.ndim < 3 ? atleast2d(x).unsqueeze(-1) : x
}

/** Tensors side by side: along axis 1, vectors along their only axis. */
export function hstack(tensors: readonly Tensor[]): Tensor {
  takeTensors('hstack', 'tensors', tensors)

  nonEmpty('hstack', tensors)
  const list = tensors.map(atleast1d)
  return cat(list, list[0].ndim === 1 ? 0 : 1)
}

/** Tensors on top of each other: along axis 0, vectors as rows. */
export function vstack(tensors: readonly Tensor[]): Tensor {
  takeTensors('vstack', 'tensors', tensors)

  nonEmpty('vstack', tensors)
  return cat(tensors.map(atleast2d), 0)
}

/** Tensors behind each other: along axis 2. */
export function dstack(tensors: readonly Tensor[]): Tensor {
  takeTensors('dstack', 'tensors', tensors)

  nonEmpty('dstack', tensors)
  return cat(tensors.map(atleast3d), 2)
}

/** Tensors side by side, vectors as columns. */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  takeTensors('columnStack', 'tensors', tensors)

  nonEmpty('column_stack', tensors)
  return cat(
    tensors.map((x) => (x.ndim < 2 ? x.reshape([x.numel(), 1]) : x)),
    1,
  )
}
