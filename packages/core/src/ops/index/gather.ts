import { takeTensor, takeOperand } from '../../tensor/kind.ts'
import type { View } from '../../backend/types.ts'
import { defineOp } from '../../op/define-op.ts'
import { isInteger } from '../../base/dtype.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { attributes, saving, type Meta } from '../../op/declaration.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { fillView, filledAs } from '../../op/fill.ts'
import { inPlace } from '../../op/in-place.ts'
import { place } from '../../op/place.ts'
import { under } from '../../op/row-program.ts'

/** Positions as the routines take them: int32 or int64. */
export function asIndex(index: Tensor, name: string): Tensor {
  if (!isInteger(index.dtype)) {
    throw new DTypeError(`${name}(): Expected dtype int32/int64 for index`, {
      hint: `it is ${index.dtype}; make positions with { dtype: 'int32' }`,
    })
  }
  return index.dtype === 'int32' || index.dtype === 'int64' ? index : index.to('int32')
}

interface Along {
  axis: number
}
interface Zeros extends Along {
  shape: Shape
}

function checkIndex(x: Meta, index: Meta, axis: number): void {
  if (index.shape.includes(0)) return
  if (index.shape.length !== x.shape.length) {
    throw new ShapeError('Index tensor must have the same number of dimensions as input tensor')
  }
  const wrong = index.shape.findIndex((n, a) => a !== axis && n > x.shape[a])
  if (wrong >= 0) {
    throw new ShapeError(
      `Size does not match at dimension ${wrong} expected index [${index.shape.join(', ')}] to be no larger than self [${x.shape.join(', ')}] apart from dimension ${axis}`,
    )
  }
}

const gatherOp = /* @__PURE__ */ defineOp({
  name: 'gather',
  inputs: ['x', 'index'],
  attrs: attributes<Along>(),
  infer({ x, index }, { axis }) {
    checkIndex(x, index, axis)
    return { shape: index.shape, dtype: x.dtype }
  },
  kernel: (on, { x, index }, { out }, { axis }) => on.gather(x, index, axis, out),
  vjp: {
    x: saving(['index'], (g, { index }, { axis }: Along, { x }) => scatterToZeros(g, axis, index, x.shape)),
    index: null,
  },
})

// positions that fit already, in a form that may name itself
const gatherAlong = (x: Tensor, axis: number, index: Tensor): Tensor => gatherOp({ x, index }, { axis })

// zeros with each gradient added where its value came from
const gatherBackwardOp = /* @__PURE__ */ defineOp({
  name: 'gatherBackward',
  inputs: ['g', 'index'],
  attrs: attributes<Zeros>(),
  infer: ({ g }, { shape }) => ({ shape, dtype: g.dtype }),
  kernel(on, { g, index }, { out }, { axis }) {
    fillView(on, out, 0)
    on.scatter('sum', g, index, axis, out)
  },
  vjp: {
    g: saving(['index'], (g, { index }, { axis }: Zeros) => gatherAlong(g, axis, index)),
    index: null,
  },
})

interface Scattered extends Along {
  kind: 'set' | 'sum'
}

/** @throws DTypeError, ShapeError unless index and source fit the tensor they are written to */
export function checkScatter(name: string, x: Meta, index: Meta, src: Meta, axis: number): void {
  if (src.dtype !== x.dtype) throw new DTypeError(`${name}(): Expected self.dtype to be equal to src.dtype`)
  checkIndex(x, index, axis)
  if (src.shape.length !== index.shape.length) {
    throw new ShapeError('Index tensor must have the same number of dimensions as src tensor')
  }
  const wrong = index.shape.findIndex((n, a) => n > src.shape[a])
  if (wrong >= 0) {
    throw new ShapeError(
      `Expected index [${index.shape.join(', ')}] to be no larger than self [${x.shape.join(', ')}] apart from dimension ${axis} and to be no larger size than src [${src.shape.join(', ')}]`,
    )
  }
}

/** The part of a source that an index covers. */
const covered = (src: View, shape: Shape): View =>
  under(
    src,
    shape.reduce((layout, n, axis) => layout.slice(axis, 0, n), src.layout),
  )

const scatterOp = /* @__PURE__ */ defineOp({
  name: 'scatter',
  inputs: ['x', 'index', 'src'],
  attrs: attributes<Scattered>(),
  autocast: 'promote',
  infer({ x, index, src }, { axis }) {
    checkScatter('scatter', x, index, src, axis)
    return x.layout
      ? { shape: x.shape, dtype: x.dtype, layout: x.layout }
      : { shape: x.shape, dtype: x.dtype }
  },
  kernel(on, { x, index, src }, { out }, { axis, kind }) {
    on.copy(x, out)
    on.scatter(kind, covered(src, index.layout.shape), index, axis, out)
  },
  vjp: {
    x: saving(['index'], (g, { index }, { axis, kind }: Scattered) =>
      kind === 'sum' ? g : scattered(kind, g, axis, index, 0),
    ),
    index: null,
    src: saving(['index'], (g, { index }, { axis }: Scattered, { src }) => {
      const part = gatherAlong(g, axis, index)
      const { shape } = src
      if (shape.every((n, a) => n === index.shape[a])) return part
      return place(part, {
        shape,
        layout: (l) => index.shape.reduce((layout, n, a) => layout.slice(a, 0, n), l),
        view: (base) => index.shape.reduce((view, n, a) => view.narrow(a, 0, n), base),
      })
    }),
  },
})

/** Scalars take part as vectors of one element, here and in the functions below. */
const lifted = (x: Tensor): Tensor => (x.ndim === 0 ? x.reshape([1]) : x)

/**
 * Values picked along an axis: `out[i][j] = x[index[i][j]][j]` for axis 0.
 *
 * @param index - integers, not negative, with as many axes as `x` and no longer than it along the others
 * @returns the shape of `index`
 * @throws IndexError for an index beyond the axis; ShapeError for shapes that do not fit; DTypeError unless integer
 * @see https://pytorch.org/docs/stable/generated/torch.gather.html
 * @example
 * g.gather(g.tensor([[1, 2], [3, 4]]), 1, g.tensor([[1], [0]], { dtype: 'int32' })).tolist() // => [[2], [3]]
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  takeTensor('gather', 'x', x)

  takeTensor('gather', 'index', index)

  const a = normalizeAxis(axis, x.ndim)
  const at = asIndex(index, 'gather')
  if (x.ndim === 0 && index.ndim <= 1)
    return gatherOp({ x: lifted(x), index: lifted(at) }, { axis: 0 }).reshape(index.shape)
  if (index.ndim === 0 && x.ndim === 1) return gatherOp({ x, index: lifted(at) }, { axis: 0 }).reshape([])
  return gatherOp({ x, index: at }, { axis: a })
}

/** The transpose of {@link gather}: zeros of `shape` with each element of `g` added at its index. */
export const scatterToZeros = (g: Tensor, axis: number, index: Tensor, shape: Shape): Tensor =>
  gatherBackwardOp({ g, index }, { axis, shape })

interface Source {
  index: Tensor
  src: Tensor
}
function sourceOf(x: Tensor, index: Tensor, src: Tensor | number): Source {
  const at = lifted(asIndex(index, 'scatter'))
  if (typeof src === 'object') return { index: at, src: lifted(src) }
  // one element read at every position
  return { index: at, src: filledAs(x, [], src).expand(at.shape) }
}

function scattered(
  kind: Scattered['kind'],
  x: Tensor,
  axis: number,
  index: Tensor,
  src: Tensor | number,
): Tensor {
  const a = normalizeAxis(axis, x.ndim)
  return scatterOp({ x: lifted(x), ...sourceOf(x, index, src) }, { axis: a, kind }).reshape(x.shape)
}

function scattered_(
  kind: Scattered['kind'],
  x: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor | number,
): Tensor {
  const a = normalizeAxis(axis, x.ndim)
  return inPlace(x, typeof source === 'object' ? [source] : [], {
    direct() {
      const { index: at, src } = sourceOf(x, index, source)
      const target = x.ndim === 0 ? under(x, x.layout.unsqueeze(0)) : x
      checkScatter('scatter', { shape: target.layout.shape, dtype: x.dtype }, at, src, a)
      const values = src.storage === x.storage ? src.detach().clone() : src
      x.backend.scatter(kind, covered(values, at.shape), at, a, target)
    },
    recorded: () => scattered(kind, x, axis, index, source),
  })
}

/**
 * `x` with values written along an axis: `out[index[i][j]][j] = src[i][j]` for axis 0. Of several values for one place
 * the last stays, and all get its gradient, as in PyTorch.
 *
 * @param src - of the dtype of `x`, at least as large as `index`; or one number
 * @throws IndexError for an index beyond the axis; ShapeError, DTypeError as PyTorch
 * @see https://pytorch.org/docs/stable/generated/torch.scatter.html
 */
export const scatter = (x: Tensor, axis: number, index: Tensor, src: Tensor | number): Tensor => {
  takeTensor('scatter', 'x', x)
  takeTensor('scatter', 'index', index)
  takeOperand('scatter', 'src', src)
  return scattered('set', x, axis, index, src)
}

/** {@link scatter} written into `x`. */
export const scatter_ = (x: Tensor, axis: number, index: Tensor, src: Tensor | number): Tensor => {
  takeTensor('scatter_', 'x', x)

  takeTensor('scatter_', 'index', index)
  takeOperand('scatter_', 'src', src)
  return scattered_('set', x, axis, index, src)
}

/**
 * `x` with values added along an axis: `out[index[i][j]][j] += src[i][j]` for axis 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.scatter_add.html
 * @example
 * g.scatterAdd(g.zeros(3), 0, g.tensor([0, 0, 2], { dtype: 'int32' }), g.ones(3)).tolist() // => [2, 0, 1]
 */
export const scatterAdd = (x: Tensor, axis: number, index: Tensor, src: Tensor): Tensor => {
  takeTensor('scatterAdd', 'x', x)

  takeTensor('scatterAdd', 'index', index)
  takeTensor('scatterAdd', 'src', src)
  return scattered('sum', x, axis, index, src)
}

/** {@link scatterAdd} written into `x`. */
export const scatterAdd_ = (x: Tensor, axis: number, index: Tensor, src: Tensor): Tensor => {
  takeTensor('scatterAdd_', 'x', x)
  takeTensor('scatterAdd_', 'index', index)
  takeTensor('scatterAdd_', 'src', src)
  return scattered_('sum', x, axis, index, src)
}
