import { i32, v128 } from '../../assembler/index.ts'
import type { FuncRef, ModuleBuilder } from '../../assembler/index.ts'
import { vectorBytes, zero } from '../../elements/index.ts'
import type { Arithmetic } from '../../elements/index.ts'
import { emitTiles, panelRowsOf, tileRowBytes } from '../gemm/micro-kernel.ts'

// vectors of a tile of one row: with two its sums would wait for one another
const singleRowVectors = 6
/** Rows of sums are a multiple of this long: whole tiles of any shape. */
export const sumsRowMultiple = singleRowVectors * vectorBytes

const rowParams = {
  positions: 'i32',
  k: 'i32',
  a: 'i32',
  b: 'i32',
  table: 'i32',
  c: 'i32',
  load: 'i32',
} as const

// of one row of A, all tiles in one call: they are short where a filter sees one channel
function emitRowKernel(module: ModuleBuilder, x: Arithmetic, panelRows: number) {
  return module.func({ params: rowParams }, (f, { positions, k, a, b, table, c, load }) => {
    const sums = f.localArray('v128', singleRowVectors)
    const factor = f.local('v128')
    const [step, left, from] = f.localArray('i32', 3)
    const end = f.let(i32.add(table, i32.shl(k, 2)))
    f.while(i32.gtS(positions, 0), () => {
      f.set(step, table)
      f.set(left, a)
      for (const sum of sums) f.set(sum, zero)
      f.if(load, () => sums.forEach((sum, j) => f.set(sum, v128.load(c, j * vectorBytes))))
      f.while(i32.ltU(step, end), () => {
        f.set(from, i32.add(b, i32.load(step)))
        f.set(factor, x.splat(left))
        sums.forEach((sum, j) => f.set(sum, x.multiplyAdd(factor, v128.load(from, j * vectorBytes), sum)))
        f.add(left, panelRows * x.laneBytes)
        f.add(step, 4)
      })
      sums.forEach((sum, j) => f.do(v128.store(c, sum, j * vectorBytes)))
      f.add(b, sumsRowMultiple)
      f.add(c, sumsRowMultiple)
      f.add(positions, -singleRowVectors * x.lanes)
    })
  })
}

const tilesParams = {
  rows: 'i32',
  positions: 'i32',
  k: 'i32',
  a: 'i32',
  panelBytes: 'i32',
  b: 'i32',
  table: 'i32',
  c: 'i32',
  cRow: 'i32',
  load: 'i32',
} as const
/** All tiles of packed panels of A against consecutive positions of a padded copy. */
export type TableTiles = FuncRef<typeof tilesParams, 'void'>

/** C receives whole tiles: up to a tile's width less one number beyond `positions`. */
export function emitTableTiles(module: ModuleBuilder, x: Arithmetic, tileRows: number): TableTiles {
  const tiles = emitTiles(module, x, tileRows, 'table')
  const singleRow = emitRowKernel(module, x, panelRowsOf(tileRows))
  const width = tileRowBytes / x.laneBytes
  return module.func({ params: tilesParams }, (f, p) => {
    const { rows, positions, k, a, panelBytes, b, table, c, cRow, load } = p
    f.if(i32.eq(rows, 1), () => {
      f.do(singleRow.call({ positions, k, a, b, table, c, load }))
      f.return()
    })
    f.while(i32.gtS(positions, 0), () => {
      tiles(f, { rows, k, a, panelBytes, aStep: 0, b, bRow: table, c, cRow, load, bias: 0 })
      f.add(b, tileRowBytes)
      f.add(c, tileRowBytes)
      f.add(positions, -width)
    })
  })
}
