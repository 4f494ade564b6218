import { i32, v128 } from '../assembler/index.ts'
import type { FuncRef, ModuleBuilder } from '../assembler/index.ts'
import { vectorBytes } from '../elements/index.ts'
import type { Arithmetic } from '../elements/index.ts'
import { clearSums, newSums, tileRowBytes, tileVectors, writeSums } from '../gemm/micro-kernel.ts'

const rowsParams = {
  k: 'i32',
  a: 'i32',
  b: 'i32',
  table: 'i32',
  c: 'i32',
  cRow: 'i32',
  load: 'i32', // prettier-ignore
} as const

// as the micro-kernel of matrix products, but row k of B begins at b + table[k]
function emitTableKernel(module: ModuleBuilder, x: Arithmetic, rows: number, panelRows: number) {
  return module.func({ params: rowsParams }, (f, { k, a, b, table, c, cRow, load }) => {
    const sums = newSums(f, rows)
    const right = f.localArray('v128', tileVectors)
    const left = f.local('v128')
    const from = f.local('i32')
    const end = f.let(i32.add(table, i32.shl(k, 2)))
    clearSums(f, sums)
    f.while(i32.ltU(table, end), () => {
      f.set(from, i32.add(b, i32.load(table)))
      right.forEach((vector, j) => f.set(vector, v128.load(from, j * vectorBytes)))
      sums.forEach((row, i) => {
        f.set(left, x.splat(a, i * x.laneBytes))
        row.forEach((sum, j) => f.set(sum, x.multiplyAdd(left, right[j], sum)))
      })
      f.add(a, panelRows * x.laneBytes)
      f.add(table, 4)
    })
    writeSums(f, x, sums, { c, cRow, load, bias: i32.const(0) })
  })
}

const tilesParams = { ...rowsParams, rows: 'i32', positions: 'i32', panelBytes: 'i32' } as const
/** All tiles of packed panels of A, `panelBytes` apart, against consecutive positions of a padded copy. */
export type TableTiles = FuncRef<typeof tilesParams, 'void'>

/** C receives whole tiles: up to a tile's width less one number beyond `positions`. */
export function emitTableTiles(module: ModuleBuilder, x: Arithmetic, tileRows: number): TableTiles {
  const whole = emitTableKernel(module, x, tileRows, tileRows)
  const parts = Array.from({ length: tileRows - 1 }, (_, i) => emitTableKernel(module, x, i + 1, tileRows))
  const width = tileRowBytes / x.laneBytes
  return module.func({ params: tilesParams }, (f, p) => {
    const { rows, positions, k, a, panelBytes, b, table, c, cRow, load } = p
    const left = f.local('i32')
    const panel = f.local('i32')
    const at = f.local('i32')
    const tileStep = f.let(i32.mul(cRow, tileRows))
    f.while(i32.gtS(positions, 0), () => {
      f.set(left, rows)
      f.set(panel, a)
      f.set(at, c)
      const operands = { k, a: panel, b, table, c: at, cRow, load }
      f.while(i32.geS(left, tileRows), () => {
        f.do(whole.call(operands))
        f.add(panel, panelBytes)
        f.add(at, tileStep)
        f.add(left, -tileRows)
      })
      parts.forEach((part, i) => f.if(i32.eq(left, i + 1), () => f.do(part.call(operands))))
      f.add(b, tileRowBytes)
      f.add(c, tileRowBytes)
      f.add(positions, -width)
    })
  })
}
