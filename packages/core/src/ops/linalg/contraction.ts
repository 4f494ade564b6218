import { takeTensor } from '../../tensor/kind.ts'
import { count, either, kind, wholes } from '../../base/kinds.ts'
import { takeArgument } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { ShapeError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { normalizeAxis, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cat } from '../shape/join.ts'
import { matmul } from './matmul.ts'
import { dot } from './matrix-products.ts'

/**
 * The cross product of vectors of three along an axis, broadcast together.
 *
 * @param axis - the last by default
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cross.html
 */
export function cross(x: Tensor, y: Tensor, axis = -1): Tensor {
  takeTensor('cross', 'y', y)

  takeTensor('cross', 'x', x)

  if (x.ndim !== y.ndim) throw new ShapeError('linalg.cross: inputs must have the same number of dimensions.')
  const a = normalizeAxis(axis, x.ndim)
  if (x.shape[a] !== 3 || y.shape[a] !== 3) {
    throw new ShapeError(
      `linalg.cross: inputs dimension ${axis} must have length 3. Got ${x.shape[a]} and ${y.shape[a]}`,
    )
  }
  const turned = (t: Tensor, by: number): Tensor => cat([t.narrow(a, by, 3 - by), t.narrow(a, 0, by)], a)
  return turned(x, 1)
    .mul(turned(y, 2))
    .sub(turned(x, 2).mul(turned(y, 1)))
}

/**
 * Products summed over several axes at once: the last `dims` axes of x with the first of y, or the axes listed for each.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tensordot.html
 */
export const tensordot = (x: Tensor, y: Tensor, dims: Dims = 2): Tensor =>
  tensordotOp({ x, y }, takeArgument('tensordot', 'dims', contractedAxes, dims))

type Dims = number | readonly [readonly number[], readonly number[]]
const contractedAxes = /* @__PURE__ */ either<number, readonly [readonly number[], readonly number[]]>(
  count,
  /* @__PURE__ */ kind(
    'two arrays of axes',
    (x) => Array.isArray(x) && x.length === 2 && x.every(wholes.accepts),
  ),
)

const tensordotOp = /* @__PURE__ */ defineOp({
  name: 'tensordot',
  inputs: ['x', 'y'],
  attrs: attributes<Dims>(),
  autocast: 'promote',
  decompose: ({ x, y }, dims) => contracted(x, y, dims),
})

function checkedCount(dims: number, x: Tensor, y: Tensor): number {
  if (dims > x.ndim || dims > y.ndim)
    throw new ShapeError(
      `tensordot expects dims to be at most the axes of both tensors, got ${dims} for ${x.ndim} and ${y.ndim}`,
    )
  return dims
}

function contracted(left: Tensor, right: Tensor, dims: Dims): Tensor {
  let [x, y] = [left, right]
  const [a, b] =
    typeof dims === 'number'
      ? [
          Array.from({ length: checkedCount(dims, x, y) }, (_, i) => x.ndim - dims + i),
          Array.from({ length: dims }, (_, i) => i),
        ]
      : [dims[0].map((d) => normalizeAxis(d, x.ndim)), dims[1].map((d) => normalizeAxis(d, y.ndim))]
  if (a.length !== b.length) throw new ShapeError('both dimension lists should have same length')
  a.forEach((d, i) => {
    // a length of 1 broadcasts
    if (x.shape[d] === 1) y = y.sum(b[i], { keepdim: true })
    else if (y.shape[b[i]] === 1) x = x.sum(d, { keepdim: true })
    if (x.shape[d] !== y.shape[b[i]]) {
      throw new ShapeError(
        `contracted dimensions need to match, but first has size ${x.shape[d]} in dim ${d} and second has size ${y.shape[b[i]]} in dim ${b[i]}`,
      )
    }
  })
  const free = (t: Tensor, taken: readonly number[]): number[] =>
    t.shape.map((_, i) => i).filter((i) => !taken.includes(i))
  const [freeX, freeY] = [free(x, a), free(y, b)]
  const summed = sizeOf(a.map((d) => x.shape[d]))
  const rows = x.permute([...freeX, ...a]).reshape([sizeOf(freeX.map((d) => x.shape[d])), summed])
  const columns = y.permute([...b, ...freeY]).reshape([summed, sizeOf(freeY.map((d) => y.shape[d]))])
  return matmul(rows, columns).reshape([...freeX.map((d) => x.shape[d]), ...freeY.map((d) => y.shape[d])])
}

/** The inner product of two vectors: `dot`, by its name for complex numbers. */
export const vdot = (x: Tensor, y: Tensor): Tensor => dot(x, y)

const vecdotOp = /* @__PURE__ */ defineOp({
  name: 'vecdot',
  inputs: ['x', 'y'],
  attrs: attributes<number>(),
  autocast: 'lower',
  decompose: ({ x, y }, axis) => x.mul(y).sum(axis),
})

/** Inner products along an axis, broadcast together. */
export const vecdot = (x: Tensor, y: Tensor, axis = -1): Tensor => vecdotOp({ x, y }, axis)
