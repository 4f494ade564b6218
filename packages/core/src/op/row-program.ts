import type { Binding, View } from '../backend/types.ts'
import type { DType } from '../base/dtype.ts'
import type { Layout } from '../base/layout.ts'
import type { Program } from '../program/program.ts'

/** A program per dtype (or other few words), built when first asked for. */
export function memo<const Keys extends readonly (DType | string | number | boolean)[]>(
  build: (...keys: Keys) => Program,
): (...keys: Keys) => Program {
  const built = new Map<string, Program>()
  return (...keys) => {
    const key = keys.join(' ')
    let program = built.get(key)
    if (!program) built.set(key, (program = build(...keys)))
    return program
  }
}

/** An operand over all axes, with `axes` last, in the order that a program with reductions over them reads. */
export function rows(x: View, axes: readonly number[]): View {
  const lead = x.layout.rank - axes.length
  if (axes.every((a, i) => a === lead + i)) return x
  const kept = x.layout.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  return { storage: x.storage, dtype: x.dtype, layout: x.layout.permute([...kept, ...axes]) }
}

/** An operand over the outer axes, with or without axes of length 1 in place of the reduced axes. */
export function outer(x: View, axes: readonly number[], keepdim: boolean): View {
  return keepdim ? { storage: x.storage, dtype: x.dtype, layout: x.layout.squeeze(axes) } : x
}

/** The binding of a program whose inner axes are `axes` of a tensor of this shape. */
export function rowBinding(
  layout: Layout,
  axes: readonly number[],
  operands: readonly View[],
  params: readonly number[] = [],
): Binding {
  return {
    outer: layout.shape.filter((_, i) => !axes.includes(i)),
    inner: axes.map((a) => layout.shape[a]),
    operands,
    params,
  }
}

/** A view of the same memory under another layout. */
export const under = (x: View, layout: Layout): View => ({ storage: x.storage, dtype: x.dtype, layout })
