import type { View } from '../src/backend/types.ts'
import { allocateTyped, bytesOf, type DType, type TypedArray } from '../src/base/dtype.ts'
import { numberToFloat16 } from '../src/base/half.ts'
import { Layout, type Shape } from '../src/base/layout.ts'
import type { Expr } from '../src/program/expr.ts'
import { Program, type ProgramSpec } from '../src/program/program.ts'
import { referenceBackend } from '../src/reference/index.ts'

export const backend = referenceBackend()

export function view(
  dtype: DType,
  shape: Shape,
  values: readonly number[] = [],
  layout = Layout.of(shape),
): View {
  const data = allocateTyped(dtype, Math.max(values.length, layout.size))
  values.forEach((v, i) => {
    if (data instanceof BigInt64Array) data[i] = BigInt(v)
    else data[i] = dtype === 'float16' ? numberToFloat16(v) : v
  })
  const block = backend.alloc(data.length * bytesOf(dtype))
  backend.write(block, data)
  return { storage: { block }, dtype, layout }
}

export const f32 = (shape: Shape, values?: readonly number[]): View => view('float32', shape, values)
export const as = (x: View, layout: Layout): View => ({ ...x, layout })
export const read = (x: View): TypedArray => backend.readSync!(x)
export const list = (x: View): number[] => Array.from(read(x), Number)

export function mapOf(
  dtypes: readonly DType[],
  out: DType,
  value: Expr,
  extra: Partial<ProgramSpec> = {},
): Program {
  return new Program({
    inputs: dtypes.map((dtype) => ({ dtype, over: 'all' })),
    outputs: [{ dtype: out, value, over: 'all' }],
    ...extra,
  })
}

export function apply(
  program: Program,
  inputs: readonly View[],
  out: View,
  params: readonly number[] = [],
): number[] {
  backend.run(program, [{ outer: out.layout.shape, inner: [], operands: [...inputs, out], params }])
  return list(out)
}
