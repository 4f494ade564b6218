import { i32, v128 } from '../assembler/index.ts'
import type { FuncRef, ModuleBuilder } from '../assembler/index.ts'
import { elementsOf, vectorBytes } from '../elements/index.ts'
import type { Arithmetic, ElementType } from '../elements/index.ts'

const writeOutParams = {
  sums: 'i32',
  sumsRow: 'i32',
  pitchY: 'i32',
  pitchX: 'i32',
  to: 'i32',
  channel: 'i32',
  stepZ: 'i32',
  stepY: 'i32',
  stepX: 'i32',
  rows: 'i32',
  countZ: 'i32',
  countY: 'i32',
  countX: 'i32',
} as const
/** Writes sums, one row per channel, to their places in the output, and leaves out what lies between its rows. */
export type WriteOut = FuncRef<typeof writeOutParams, 'void'>

export function emitWriteOut(module: ModuleBuilder, x: Arithmetic, dtype: ElementType): WriteOut {
  return module.func({ params: writeOutParams }, (f, p) => {
    const { sums, sumsRow, pitchY, pitchX, to, channel, stepZ, stepY, stepX, rows, countZ, countY, countX } =
      p
    const elements = elementsOf(dtype, f)
    const [z, y, left, plane, row, from, planeTo, rowTo, at] = f.localArray('i32', 9)
    f.while(rows, () => {
      f.set(plane, sums)
      f.set(planeTo, to)
      f.for(z, 0, countZ, 1, () => {
        f.set(row, plane)
        f.set(rowTo, planeTo)
        f.for(y, 0, countY, 1, () => {
          f.set(from, row)
          f.set(at, rowTo)
          f.set(left, countX)
          f.if(i32.eq(stepX, elements.bytes), () => {
            f.while(i32.geU(left, x.lanes), () => {
              f.do(elements.store(at, v128.load(from)))
              f.add(from, vectorBytes)
              f.add(at, x.lanes * elements.bytes)
              f.add(left, -x.lanes)
            })
          })
          f.while(left, () => {
            f.do(elements.storeFirst(at, x.splat(from)))
            f.add(from, x.laneBytes)
            f.add(at, stepX)
            f.add(left, -1)
          })
          f.add(row, pitchX)
          f.add(rowTo, stepY)
        })
        f.add(plane, pitchY)
        f.add(planeTo, stepZ)
      })
      f.add(sums, sumsRow)
      f.add(to, channel)
      f.add(rows, -1)
    })
  })
}
