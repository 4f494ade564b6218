import { i32, v128 } from '../assembler/index.ts'
import type { Func, Local, ModuleBuilder, Value } from '../assembler/index.ts'
import { vectorBytes } from '../elements/index.ts'
import type { Arithmetic, ElementType } from '../elements/index.ts'
import { field } from './descriptor.ts'
import {
  clearSums,
  emitMergeTile,
  narrowTileRows as tileRows,
  newSums,
  tileRowBytes,
  tileVectors,
  writeSums,
} from './micro-kernel.ts'
import type { Sums } from './micro-kernel.ts'
import { blockParams } from './packed.ts'
import type { BlockKernel } from './packed.ts'
import { emitPack } from './packing.ts'

/**
 * The path of small products: A and B are read where they lie. The columns of B are adjacent, all types are equal and
 * computed as stored. Columns that do not fill a tile are packed first.
 */
export function emitDirectBlock(module: ModuleBuilder, x: Arithmetic, type: ElementType): BlockKernel {
  const merge = emitMergeTile(module, x, tileRows)
  const width = tileRowBytes / x.laneBytes
  const columnOfTiles = emitColumnOfTiles(module, x)
  const packB = emitPack(module, x, type, width)
  return module.func({ params: blockParams }, (f, { descriptor, a, b, c, bias, rows, columns, base }) => {
    const load = f.let(field(descriptor, 'accumulate'))
    const k = f.let(field(descriptor, 'k'))
    const aRow = f.let(field(descriptor, 'aRow'))
    const aColumn = f.let(field(descriptor, 'aColumn'))
    const bRow = f.let(field(descriptor, 'bRow'))
    const cRow = f.let(field(descriptor, 'cRow'))
    const shared = { k, aRow, aColumn }
    f.while(i32.geU(columns, width), () => {
      f.do(columnOfTiles.call({ ...shared, rows, a, b, bRow, c, cRow, load, bias }))
      f.add(b, tileRowBytes)
      f.add(c, tileRowBytes)
      f.if(bias, () => f.add(bias, tileRowBytes))
      f.add(columns, -width)
    })
    f.if(columns, () => {
      const panel = f.let(i32.add(base, field(descriptor, 'panelB')))
      f.do(
        packB.call({
          to: panel,
          from: b,
          k,
          across: x.laneBytes,
          along: bRow,
          count: columns,
          panelBytes: 0,
        }),
      )
      const tile = { bRow: tileRowBytes, c: base, cRow: tileRowBytes, load: 0, bias: 0 }
      f.while(i32.gtS(rows, 0), () => {
        // the rows of a tile are computed even where A ends: those beyond it would be read, so the last tile is cut
        const count = f.let(i32.const(tileRows))
        f.if(i32.ltU(rows, tileRows), () => f.set(count, rows))
        f.do(columnOfTiles.call({ ...shared, ...tile, rows: count, a, b: panel }))
        f.do(merge.call({ tile: base, c, cRow, rows: count, columns, load, bias }))
        f.add(a, i32.mul(aRow, tileRows))
        f.add(c, i32.mul(cRow, tileRows))
        f.add(rows, -tileRows)
      })
    })
  })
}

// the tiles of one column, top to bottom; the last has as many rows as are left
function emitColumnOfTiles(module: ModuleBuilder, x: Arithmetic) {
  const params = {
    rows: 'i32',
    k: 'i32',
    a: 'i32',
    aRow: 'i32',
    aColumn: 'i32',
    b: 'i32',
    bRow: 'i32',
    c: 'i32',
    cRow: 'i32',
    load: 'i32',
    bias: 'i32',
  } as const
  return module.func({ params }, (f, { rows, k, a, aRow, aColumn, b, bRow, c, cRow, load, bias }) => {
    const sums = newSums(f, tileRows)
    const registers = { left: f.local('v128'), right: f.localArray('v128', tileVectors) }
    const lefts = f.localArray('i32', tileRows)
    const right = f.local('i32')
    const turns = f.local('i32')
    const at = f.local('i32')
    const tile = (count: number): void => {
      const own = sums.slice(0, count)
      clearSums(f, own)
      f.set(right, b)
      lefts.slice(0, count).forEach((left, i) => f.set(left, i === 0 ? a : i32.add(lefts[i - 1], aRow)))
      f.set(turns, k)
      f.while(turns, () => {
        multiply(f, x, own, registers, lefts, right)
        for (const left of lefts.slice(0, count)) f.add(left, aColumn)
        f.add(right, bRow)
        f.add(turns, -1)
      })
      f.set(at, c)
      writeSums(f, x, own, { c: at, cRow, load, bias })
    }
    f.while(i32.geU(rows, tileRows), () => {
      tile(tileRows)
      f.add(a, i32.mul(aRow, tileRows))
      f.add(c, i32.mul(cRow, tileRows))
      f.add(rows, -tileRows)
    })
    for (let count = tileRows - 1; count > 0; count--) {
      f.if(i32.eq(rows, count), () => tile(count))
    }
  })
}

interface Registers {
  left: Local<'v128'>
  right: readonly Local<'v128'>[]
}

function multiply(
  f: Func,
  x: Arithmetic,
  sums: Sums,
  registers: Registers,
  lefts: readonly Value<'i32'>[],
  right: Value<'i32'>,
): void {
  registers.right.forEach((vector, j) => f.set(vector, v128.load(right, j * vectorBytes)))
  sums.forEach((row, i) => {
    f.set(registers.left, x.splat(lefts[i]))
    row.forEach((sum, j) => f.set(sum, x.multiplyAdd(registers.left, registers.right[j], sum)))
  })
}
