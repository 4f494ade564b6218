import { defineOp } from '../define.ts'
import type { Layout, Shape } from '../layout.ts'
import { attributes, plain } from '../op.ts'
import type { Tensor } from '../tensor.ts'
import { fillView } from './fill.ts'
import { under } from './programs.ts'

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

/** Zeros of a shape with `g` written where a view of them says. The view must not reach an element twice. */
export const place = (g: Tensor, at: Placement): Tensor => placeOp({ g }, at)
