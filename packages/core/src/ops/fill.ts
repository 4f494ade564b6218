import type { Backend, View } from '../backend/types.ts'
import { numOf, type DType } from '../dtype.ts'
import { param } from '../program/expr.ts'
import { Program } from '../program/program.ts'
import { memo } from './programs.ts'

const fillProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  return new Program({ inputs: [], params: [num], outputs: [{ dtype, value: param(0, num), over: 'all' }] })
})

/** Writes one value everywhere. */
export function fillView(on: Backend, out: View, value: number): void {
  on.run(fillProgram(out.dtype), [{ outer: out.layout.shape, inner: [], operands: [out], params: [value] }])
}
