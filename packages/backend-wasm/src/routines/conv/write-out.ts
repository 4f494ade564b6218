import { f32, f32x4, f64, f64x2, i32, v128 } from '../../assembler/index.ts'
import type { FuncRef, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementsOf, zero } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'
import { eachVector } from './each-vector.ts'

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
  bias: 'i32',
  countZ: 'i32',
  countY: 'i32',
  countX: 'i32',
} as const
/**
 * Writes sums, one row per channel, to their places in the output, and leaves out the sums between its rows. Each row has
 * its element of the bias added, unless the address of the bias is 0.
 */
export type WriteOut = FuncRef<typeof writeOutParams, 'void'>

const nothing: Record<Arithmetic['type'], Value<'v128'>> = {
  f32: f32x4.splat(f32.const(-0)),
  f64: f64x2.splat(f64.const(-0)),
  i32: zero,
  i64: zero,
}

export function emitWriteOut(module: ModuleBuilder, x: Arithmetic, dtype: ElementType): WriteOut {
  return module.func({ params: writeOutParams }, (f, p) => {
    const {
      sums,
      sumsRow,
      pitchY,
      pitchX,
      to,
      channel,
      stepZ,
      stepY,
      stepX,
      rows,
      bias,
      countZ,
      countY,
      countX,
    } = p
    const elements = elementsOf(dtype, f)
    const [z, y, left, plane, row, from, planeTo, rowTo, at] = f.localArray('i32', 9)
    // nothing added: -0 too stays what it is
    const added = f.let(nothing[x.type])
    f.while(rows, () => {
      f.if(bias, () => {
        f.set(added, elements.splat(bias))
        f.add(bias, elements.bytes)
      })
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
            eachVector(f, x, left, { at: [from, at], bytes: [x.laneBytes, elements.bytes] }, () => {
              f.do(elements.store(at, x.add(v128.load(from), added)))
            })
          })
          f.while(left, () => {
            f.do(elements.storeFirst(at, x.add(x.splat(from), added)))
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
