import { defineOp } from './define-op.ts'
import { Layout, type Shape } from '../base/layout.ts'
import { attributes, plain } from './declaration.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { fillView } from './fill.ts'
import { under } from './row-program.ts'

/** The transpose of a view that picks elements: zeros of the base's shape with `g` written through the view. */
export interface Placement {
  shape: Shape
  layout(base: Layout): Layout
  view(base: Tensor): Tensor
}
const placeOp = /* @__PURE__ */ defineOp({
  name: 'viewBackward',
  inputs: ['g'],
  attrs: attributes<Placement>(),
  infer: ({ g }, { shape }) => ({ shape, dtype: g.dtype }),
  kernel(on, { g }, { out }, { layout }) {
    fillView(on, out, 0)
    on.copy(g, under(out, layout(out.layout)))
  },
  vjp: { g: plain((g, { view }: Placement) => view(g)) },
})

/** Zeros of a shape with `g` written through a view of them. The view must not reach an element twice. */
export const place = (g: Tensor, at: Placement): Tensor => placeOp({ g }, at)

/** Which diagonal: of two axes, `offset` above (positive) or below. */
export interface Diagonal {
  offset: number
  axis1: number
  axis2: number
}
/** The diagonal of two axes as the last axis. */
export const diagonalLayout = (x: Layout, { offset, axis1, axis2 }: Diagonal): Layout => {
  const [m, n] = [x.shape[axis1], x.shape[axis2]]
  const length = Math.max(0, offset >= 0 ? Math.min(m, n - offset) : Math.min(m + offset, n))
  const start = offset >= 0 ? offset * x.strides[axis2] : -offset * x.strides[axis1]
  const keep = (_: number, i: number): boolean => i !== axis1 && i !== axis2
  return new Layout(
    [...x.shape.filter(keep), length],
    [...x.strides.filter(keep), x.strides[axis1] + x.strides[axis2]],
    x.offset + (length > 0 ? start : 0),
  )
}
