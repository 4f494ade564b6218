import { i32 } from '../../assembler/index.ts'
import type { Func, FuncRef, Local, Value } from '../../assembler/index.ts'
import { convBlock, partBlock } from './descriptor.ts'

export const slabParams = {
  descriptor: 'i32',
  base: 'i32',
  slab: 'i32',
  target: 'i32',
  columns: 'i32',
  sums: 'i32',
} as const
/** Adds what one slab of one image contributes to the sums of all columns. */
export type SlabSums = FuncRef<typeof slabParams, 'void'>

/** Positions of a slab along the axes z, y and x, and where the first lies from the first of all, in bytes. */
export function slabOf(
  f: Func,
  descriptor: Value<'i32'>,
  part: Value<'i32'>,
  slab: Value<'i32'>,
  steps: readonly Value<'i32'>[],
): { counts: Local<'i32'>[]; start: Local<'i32'> } {
  const counts = (['countZ', 'countY', 'countX'] as const).map((name) => f.let(partBlock.read(part, name)))
  const size = f.let(convBlock.read(descriptor, 'slabSize'))
  const first = f.let(i32.mul(slab, size))
  const start = f.local('i32')
  counts.forEach((count, axis) => {
    f.if(i32.eq(convBlock.read(descriptor, 'slabAxis'), axis), () => {
      f.set(count, i32.sub(count, first))
      f.if(i32.gtU(count, size), () => f.set(count, size))
      f.set(start, i32.mul(first, steps[axis]))
    })
  })
  return { counts, start }
}
