import { takeTensor } from '../../tensor/kind.ts'
import { defineOp } from '../../op/define-op.ts'
import type { DType } from '../../base/dtype.ts'
import { Layout } from '../../base/layout.ts'
import { attributes, plain } from '../../op/declaration.ts'
import { definePointwise, type Operand } from '../../op/pointwise.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const toOp = /* @__PURE__ */ defineOp({
  name: 'to',
  inputs: ['x'],
  attrs: attributes<DType>(),
  infer: ({ x }, dtype) => ({ ...like(x), dtype }),
  kernel: (on, { x }, { out }) => on.copy(x, out),
  vjp: { x: plain((g) => g) },
})

const cloneOp = /* @__PURE__ */ defineOp({
  name: 'clone',
  inputs: ['x'],
  attrs: attributes<{ contiguous: boolean }>(),
  infer: ({ x }, { contiguous }) =>
    contiguous ? { shape: x.shape, dtype: x.dtype, layout: Layout.of(x.shape) } : like(x),
  kernel: (on, { x }, { out }) => on.copy(x, out),
  vjp: { x: plain((g) => g) },
})

// the target is written, never read: its old value gets no gradient
const copyOp = /* @__PURE__ */ definePointwise(
  'copy',
  { result: 'first', inputs: ['x', 'source'] },
  (_, source) => source,
)

const like = ({ shape, dtype, layout }: { shape: Layout['shape']; dtype: DType; layout?: Layout }) =>
  layout ? { shape, dtype, layout } : { shape, dtype }

/** `x` as `dtype`; `x` itself where it is already. Floats are cut towards zero to integers, halves round to nearest even. */
export const to = (x: Tensor, dtype: DType): Tensor => {
  takeTensor('to', 'x', x)
  return x.dtype === dtype ? x : toOp({ x }, dtype)
}

/** A copy with memory of its own, in the same memory order where that is dense. Gradients flow through. */
export const clone = (x: Tensor): Tensor => cloneOp({ x }, { contiguous: false })

/** `x` itself if it lies in row-major order, else a copy that does. */
export const contiguous = (x: Tensor): Tensor => {
  takeTensor('contiguous', 'x', x)
  return x.layout.contiguous ? x : cloneOp({ x }, { contiguous: true })
}

/** Writes `source`, broadcast and converted, into `x`. */
export const copy_ = (x: Tensor, source: Operand): Tensor => copyOp.into(x, source)

/** A result that is a view of the operand for some arguments, as a tensor of its own: for ops that copy, whatever these are. */
export const apart = (out: Tensor, x: Tensor): Tensor => (out.storage === x.storage ? clone(out) : out)
