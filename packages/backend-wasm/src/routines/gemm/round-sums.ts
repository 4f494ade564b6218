import { i32, v128 } from '../../assembler/index.ts'
import type { FuncRef, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementsOf } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'

const roundSumsParams = {
  sums: 'i32',
  sumsRow: 'i32',
  c: 'i32',
  cRow: 'i32',
  rows: 'i32',
  columns: 'i32',
  accumulate: 'i32',
  bias: 'i32',
} as const
export type RoundSums = FuncRef<typeof roundSumsParams, 'void'>

/** Adds the old values of C and the bias to finished sums, and rounds once to the type of C. */
export function emitRoundSums(module: ModuleBuilder, x: Arithmetic, output: ElementType): RoundSums {
  return module.func({ params: roundSumsParams }, (f, p) => {
    const { sums, sumsRow, c, cRow, rows, columns, accumulate, bias } = p
    const elements = elementsOf(output, f)
    const sum = f.local('v128')
    const from = f.local('i32')
    const to = f.local('i32')
    const left = f.local('i32')
    const addend = f.local('i32')
    const collect = (read: (address: Value<'i32'>) => Value<'v128'>): void => {
      f.if(accumulate, () => f.set(sum, x.add(sum, read(to))))
      f.if(bias, () => f.set(sum, x.add(sum, read(addend))))
    }
    const advance = (count: number): void => {
      f.add(from, count * x.laneBytes)
      f.add(to, count * elements.bytes)
      f.add(addend, count * elements.bytes)
      f.add(left, -count)
    }
    f.while(rows, () => {
      f.set(from, sums)
      f.set(to, c)
      f.set(addend, bias)
      f.set(left, columns)
      f.while(i32.geU(left, x.lanes), () => {
        f.set(sum, v128.load(from))
        collect(elements.load)
        f.do(elements.store(to, sum))
        advance(x.lanes)
      })
      f.while(left, () => {
        f.set(sum, x.splat(from))
        collect(elements.splat)
        f.do(elements.storeFirst(to, sum))
        advance(1)
      })
      f.add(sums, sumsRow)
      f.add(c, cRow)
      f.add(rows, -1)
    })
  })
}
