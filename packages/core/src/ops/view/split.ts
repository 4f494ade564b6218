import { takeTensor } from '../../tensor/kind.ts'
import { takeArgument } from '../../base/options.ts'
import { integers, whole } from '../../base/kinds.ts'
import { narrow } from './view.ts'
import { defineParts } from '../../op/define-parts.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cat, stack } from '../shape/join.ts'

const unbindOp = /* @__PURE__ */ defineParts<number>({
  name: 'unbind',
  parts: (x, axis) => Array.from({ length: x.shape[axis] }, (_, i) => x.select(axis, i)),
  vjp: (gs, axis) => stack(gs, axis),
})

interface Split {
  axis: number
  sizes: readonly number[]
}
const splitOp = /* @__PURE__ */ defineParts<Split>({
  name: 'split',
  parts(x, { axis, sizes }) {
    let start = 0
    return sizes.map((n) => x.slice(axis, (start += n) - n, n))
  },
  vjp: (gs, { axis }) => cat(gs, axis),
})

/**
 * The parts of a tensor along an axis, which they lose: views that may not be written in place while gradients are recorded.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unbind.html
 * @example
 * g.tensor([[1, 2], [3, 4]]).unbind(1)[0].tolist() // => [1, 3]
 */
export function unbind(x: Tensor, axis = 0): Tensor[] {
  takeTensor('unbind', 'x', x)

  if (x.ndim === 0) throw new ShapeError('Dimension specified as 0 but tensor has no dimensions')
  return unbindOp(x, normalizeAxis(axis, x.ndim))
}

/**
 * A tensor cut along an axis: into pieces of `size` (the last may be shorter), or of the given sizes. Views.
 *
 * @param size - length of each piece, or one length per piece
 * @throws ShapeError unless given sizes add up to the length of the axis
 * @see https://pytorch.org/docs/stable/generated/torch.split.html
 * @example
 * g.arange(5).split(2).map((x) => x.numel()) // => [2, 2, 1]
 */
export function split(x: Tensor, size: number | readonly number[], axis = 0): Tensor[] {
  takeTensor('split', 'x', x)

  takeArgument('split', 'size', integers, size)
  if (x.ndim === 0) throw new ShapeError('split expects at least a 1-dimensional tensor')
  const a = normalizeAxis(axis, x.ndim)
  const n = x.shape[a]
  if (typeof size === 'object') {
    if (size.some((s) => s < 0) || size.reduce((sum, s) => sum + s, 0) !== n) {
      throw new ShapeError(
        `split_with_sizes expects split_sizes to sum exactly to ${n} (input tensor's size at dimension ${axis}), but got split_sizes=[${size.join(', ')}]`,
      )
    }
    return splitOp(x, { axis: a, sizes: size })
  }
  if (size < 0) throw new ValueError(`split expects split_size be non-negative, but got split_size=${size}`)
  if (size === 0 && n !== 0) {
    throw new ValueError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${n}`)
  }
  const count = size === 0 ? 1 : Math.max(1, Math.ceil(n / size))
  return splitOp(x, { axis: a, sizes: Array.from({ length: count }, (_, i) => Math.min(size, n - i * size)) })
}

/**
 * A tensor cut along an axis into at most `chunks` pieces of equal length, the last possibly shorter. Views.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.chunk.html
 */
export function chunk(x: Tensor, chunks: number, axis = 0): Tensor[] {
  takeTensor('chunk', 'x', x)

  takeArgument('chunk', 'chunks', whole, chunks)
  if (x.ndim === 0) throw new ShapeError('chunk expects at least a 1-dimensional tensor')
  if (!(chunks > 0)) throw new ValueError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`)
  const a = normalizeAxis(axis, x.ndim)
  const size = Math.ceil(x.shape[a] / chunks)
  return size === 0 ? splitOp(x, { axis: a, sizes: Array<number>(chunks).fill(0) }) : split(x, size, a)
}

/**
 * A tensor cut along an axis into `parts` pieces whose lengths differ by at most one, or at the given positions. Views.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tensor_split.html
 * @example
 * g.tensorSplit(g.arange(5), [1, 3]).map((x) => x.numel()) // => [1, 2, 2]
 */
export function tensorSplit(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  takeTensor('tensorSplit', 'x', x)

  takeArgument('tensorSplit', 'parts', integers, parts)
  if (x.ndim === 0) {
    throw new ShapeError(
      `tensor_split expected at least a 1-dimensional tensor, but got a tensor with ${x.ndim} dims`,
    )
  }
  const a = normalizeAxis(axis, x.ndim)
  const n = x.shape[a]
  if (typeof parts === 'number') {
    if (!(parts > 0)) throw new ValueError(`number of sections must be larger than 0, got ${parts}`)
    if (parts > mostParts)
      throw new ValueError(`${parts} sections are more than the ${mostParts} that can be made`)
    const [length, longer] = [Math.floor(n / parts), n % parts]
    // slices, as in PyTorch: unlike the results of one op that makes several views they may be written
    const start = (i: number): number => i * length + Math.min(i, longer)
    return Array.from({ length: parts }, (_, i) => narrow(x, a, start(i), start(i + 1) - start(i)))
  }
  const at = (i: number): number => Math.min(n, Math.max(0, i < 0 ? i + n : i))
  return [...parts, n].map((end, i) => {
    const start = i === 0 ? 0 : at(parts[i - 1])
    return x.slice(start, Math.max(start, i === parts.length ? n : at(end)), { axis: a })
  })
}

// sections beyond the length of the axis are empty tensors: a million of them take a second
const mostParts = 2 ** 20

/** {@link tensorSplit} along axis 1, or the only axis of a vector. */
export function hsplit(x: Tensor, parts: number | readonly number[]): Tensor[] {
  takeTensor('hsplit', 'x', x)

  if (x.ndim < 1) {
    throw new ShapeError(
      `hsplit requires a tensor with at least 1 dimension, but got a tensor with ${x.ndim} dimensions!`,
    )
  }
  const axis = x.ndim === 1 ? 0 : 1
  return tensorSplit(x, evenly('hsplit', x, parts, axis), axis)
}

/** {@link tensorSplit} along axis 0. */
export function vsplit(x: Tensor, parts: number | readonly number[]): Tensor[] {
  takeTensor('vsplit', 'x', x)

  if (x.ndim < 2) {
    throw new ShapeError(
      `vsplit requires a tensor with at least 2 dimension, but got a tensor with ${x.ndim} dimensions!`,
    )
  }
  return tensorSplit(x, evenly('vsplit', x, parts, 0), 0)
}

/** {@link tensorSplit} along axis 2. */
export function dsplit(x: Tensor, parts: number | readonly number[]): Tensor[] {
  takeTensor('dsplit', 'x', x)

  if (x.ndim < 3) {
    throw new ShapeError(
      `dsplit requires a tensor with at least 3 dimension, but got a tensor with ${x.ndim} dimensions!`,
    )
  }
  return tensorSplit(x, evenly('dsplit', x, parts, 2), 2)
}

function evenly(
  name: string,
  x: Tensor,
  parts: number | readonly number[],
  axis: number,
): number | readonly number[] {
  if (typeof parts === 'number' && x.shape[axis] % parts !== 0) {
    throw new ShapeError(
      `${name} attempted to split along dimension ${axis}, but the size of the dimension ${x.shape[axis]} is not divisible by the split_size ${parts}!`,
    )
  }
  return parts
}
