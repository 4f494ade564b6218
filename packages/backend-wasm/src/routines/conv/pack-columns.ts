import { i32, v128 } from '../../assembler/index.ts'
import type { FuncRef, ModuleBuilder } from '../../assembler/index.ts'
import { vectorBytes } from '../../elements/index.ts'
import type { Arithmetic } from '../../elements/index.ts'
import { tileRowBytes, tileVectors } from '../gemm/micro-kernel.ts'
import { transposed } from '../gemm/packing.ts'

const columnsParams = {
  to: 'i32',
  from: 'i32',
  rows: 'i32',
  length: 'i32',
  pitch: 'i32',
  table: 'i32',
  columns: 'i32',
  panelBytes: 'i32',
} as const
/**
 * Packs a stretch of a padded copy, `rows` rows of `length` positions, as panels of B: column i is the stretch that
 * begins `table[i]` bytes further on. The table is filled up to whole panels.
 */
export type PackColumns = FuncRef<typeof columnsParams, 'void'>

export function emitPackColumns(module: ModuleBuilder, x: Arithmetic): PackColumns {
  const width = tileRowBytes / x.laneBytes
  const packVector = emitPackVector(module, x)
  return module.func({ params: columnsParams }, (f, p) => {
    const { to, from, rows, length, pitch, table, columns, panelBytes } = p
    f.while(i32.gtS(columns, 0), () => {
      for (let j = 0; j < tileVectors; j++) {
        const place = i32.add(to, j * vectorBytes)
        f.do(
          packVector.call({ to: place, from, rows, length, pitch, table: i32.add(table, 4 * j * x.lanes) }),
        )
      }
      f.add(to, panelBytes)
      f.add(table, 4 * width)
      f.add(columns, -width)
    })
  })
}

// as many columns as a vector has lanes
function emitPackVector(module: ModuleBuilder, x: Arithmetic) {
  const params = { to: 'i32', from: 'i32', rows: 'i32', length: 'i32', pitch: 'i32', table: 'i32' } as const
  return module.func({ params }, (f, { to, from, rows, length, pitch, table }) => {
    const offsets = Array.from({ length: x.lanes }, (_, i) => f.let(i32.load(table, 4 * i)))
    const block = f.localArray('v128', x.lanes)
    const at = f.local('i32')
    const left = f.local('i32')
    f.while(rows, () => {
      f.set(at, from)
      f.set(left, length)
      f.while(i32.geU(left, x.lanes), () => {
        block.forEach((vector, i) => f.set(vector, v128.load(i32.add(at, offsets[i]))))
        transposed(f, block).forEach((vector, i) => f.do(v128.store(to, vector, i * tileRowBytes)))
        f.add(to, x.lanes * tileRowBytes)
        f.add(at, vectorBytes)
        f.add(left, -x.lanes)
      })
      // the rest is read together with the elements after it in the copy, and only the rest is written
      f.if(left, () => {
        block.forEach((vector, i) => f.set(vector, v128.load(i32.add(at, offsets[i]))))
        const steps = transposed(f, block)
        for (let i = 0; i < x.lanes - 1; i++) {
          f.if(i32.gtU(left, i), () => f.do(v128.store(to, steps[i], i * tileRowBytes)))
        }
        f.add(to, i32.mul(left, tileRowBytes))
      })
      f.add(from, pitch)
      f.add(rows, -1)
    })
  })
}
