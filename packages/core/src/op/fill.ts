import type { Backend, View } from '../backend/types.ts'
import { internals } from './internals.ts'
import { numOf, type DType } from '../base/dtype.ts'
import type { Shape } from '../base/layout.ts'
import { param } from '../program/expr.ts'
import { Program } from '../program/program.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { memo } from './row-program.ts'

const fillProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  return new Program({ inputs: [], params: [num], outputs: [{ dtype, value: param(0, num), over: 'all' }] })
})

/** Writes one value everywhere. */
export function fillView(on: Backend, out: View, value: number): void {
  on.run(fillProgram(out.dtype), [{ outer: out.layout.shape, inner: [], operands: [out], params: [value] }])
}

/** A tensor of one value on the backend of another: {@link zerosLike} and its kin, and constants inside gradients. */
export function filledAs(like: Tensor, shape: Shape, value: number, dtype: DType = like.dtype): Tensor {
  const x = internals(like).make(shape, dtype)
  fillView(x.storage.backend, x, value)
  return x
}
