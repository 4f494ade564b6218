import { defineOp } from './define-op.ts'
import type { Shape } from '../base/layout.ts'
import { attributes, plain } from './declaration.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { filledAs } from './fill.ts'

interface Sample {
  shape: Shape
  /** Draws into a fresh result. */
  draw(out: Tensor): Tensor
}
// a draw does not vary with its parameters: their gradient is zero, not absent
const sampleOp = /* @__PURE__ */ defineOp({
  name: 'sample',
  inputs: ['x', 'y?'],
  attrs: attributes<Sample>(),
  infer: ({ x }, { shape }) => ({ shape, dtype: x.dtype }),
  // a fresh result is a tensor: kernels are given views of it
  kernel: (_on, _inputs, { out }, { draw }) => void draw(out as Tensor),
  vjp: {
    x: plain((g, _attrs: Sample, { x }) => filledAs(g, x.shape, 0)),
    y: plain((g, _attrs: Sample, { y }) => filledAs(g, y.shape, 0)),
  },
})

/** A random function of one or two tensors. */
export const sampled = (x: Tensor, y: Tensor | null, shape: Shape, draw: Sample['draw']): Tensor =>
  sampleOp({ x, y }, { shape, draw })
