import { i32, minU, select } from '../../assembler/index.ts'
import type { ModuleBuilder } from '../../assembler/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'
import { field } from './descriptor.ts'
import { emitTiles, narrowTileRows, tileRowBytes } from './micro-kernel.ts'
import { blockParams, emitMacroKernel, rowsPacked } from './packed.ts'
import type { BlockKernel } from './packed.ts'
import { emitPack } from './packing.ts'

/**
 * The path of small products: A and B are read where they lie. The columns of B are adjacent, all types are equal and
 * computed as stored. Columns that do not fill a tile are packed first.
 */
export function emitDirectBlock(module: ModuleBuilder, x: Arithmetic, type: ElementType): BlockKernel {
  const width = tileRowBytes / x.laneBytes
  const packB = emitPack(module, x, type, width)
  // each row of A has an address of its own in a register
  const macro = emitMacroKernel(module, x, emitTiles(module, x, narrowTileRows, 'inPlace'))
  return module.func({ params: blockParams }, (f, { descriptor, a, b, c, bias, rows, columns, base }) => {
    const k = f.let(field(descriptor, 'k'))
    const aRow = f.let(field(descriptor, 'aRow'))
    const aStep = f.let(field(descriptor, 'aColumn'))
    const bRow = f.let(field(descriptor, 'bRow'))
    const cRow = f.let(field(descriptor, 'cRow'))
    const load = f.let(field(descriptor, 'accumulate'))
    const panel = f.let(i32.add(base, field(descriptor, 'panelB')))
    const whole = f.let(i32.and(columns, -width))
    const count = f.let(i32.sub(columns, whole))
    const bytes = f.let(i32.mul(whole, x.laneBytes))
    const columnsLeft = { to: panel, from: i32.add(b, bytes), k, across: x.laneBytes, along: bRow, count }
    f.if(count, () => f.do(packB.call({ ...columnsLeft, panelBytes: 0 })))
    const biasLeft = select(bias, i32.add(bias, bytes), i32.const(0))
    const now = f.local('i32')
    f.while(rows, () => {
      f.set(now, minU(rows, i32.const(rowsPacked)))
      const shared = {
        rows: now,
        k,
        a,
        panelBytes: aRow,
        aStep,
        bTile: tileRowBytes,
        cRow,
        load,
        scratch: base,
      }
      f.do(macro.call({ ...shared, columns: whole, b, bRow, c, bias }))
      const left = { columns: count, b: panel, bRow: tileRowBytes, c: i32.add(c, bytes), bias: biasLeft }
      f.do(macro.call({ ...shared, ...left }))
      f.add(a, i32.mul(now, aRow))
      f.add(c, i32.mul(now, cRow))
      f.set(rows, i32.sub(rows, now))
    })
  })
}
