import { i32, minU, select } from '../../assembler/index.ts'
import type { FuncRef, Local, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementBytes, isComputedAsStored } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'
import { field, type Field } from './descriptor.ts'
import { anyTileRows, emitMergeTiles, emitTiles, panelRowsOf, tileRowBytes } from './micro-kernel.ts'
import type { Tiles } from './micro-kernel.ts'
import { emitPack } from './packing.ts'
import type { Pack } from './packing.ts'
import { emitRoundSums } from './round-sums.ts'

/** Rows of A that are packed at once: they stay in the second-level cache. Whole tiles of any height. */
export const rowsPacked = 6 * anyTileRows
/** Bytes at the beginning of a workspace for a column of tiles. */
export const scratchBytes = rowsPacked * tileRowBytes
/** Columns of B that are packed at once. */
export const columnsPacked = 1024

/** The parameters of every path: the part of one product that is one block. `base` is the thread's workspace. */
export const blockParams = {
  descriptor: 'i32',
  a: 'i32',
  b: 'i32',
  c: 'i32',
  bias: 'i32',
  rows: 'i32',
  columns: 'i32',
  base: 'i32',
} as const
/** One way to compute a block. */
export type BlockKernel = FuncRef<typeof blockParams, 'void'>

const macroParams = {
  rows: 'i32',
  columns: 'i32',
  k: 'i32',
  a: 'i32',
  panelBytes: 'i32',
  aStep: 'i32',
  b: 'i32',
  bRow: 'i32',
  bTile: 'i32',
  c: 'i32',
  cRow: 'i32',
  load: 'i32',
  bias: 'i32',
  scratch: 'i32',
} as const
export type MacroKernel = FuncRef<typeof macroParams, 'void'>

/**
 * All tiles of some rows and columns; tiles of B are `bTile` bytes apart. Those that reach over the right edge go through
 * `scratch`, which has room for {@link scratchBytes}.
 */
export function emitMacroKernel(module: ModuleBuilder, x: Arithmetic, tiles: Tiles): MacroKernel {
  const merge = emitMergeTiles(module, x)
  const width = tileRowBytes / x.laneBytes
  return module.func({ params: macroParams }, (f, { columns, b, bTile, c, bias, scratch, ...rest }) => {
    const { rows, cRow, load } = rest
    const isWhole = f.local('i32')
    const inC = (value: Value<'i32'>, otherwise: Value<'i32'>) => f.let(select(isWhole, value, otherwise))
    f.while(i32.gtS(columns, 0), () => {
      f.set(isWhole, i32.geS(columns, width))
      const target = {
        c: inC(c, scratch),
        cRow: inC(cRow, i32.const(tileRowBytes)),
        load: inC(load, i32.const(0)),
        bias: inC(bias, i32.const(0)),
      }
      tiles(f, { ...rest, b, ...target })
      f.if(i32.eqz(isWhole), () => f.do(merge.call({ scratch, c, cRow, rows, columns, load, bias })))
      f.add(b, bTile)
      f.add(c, tileRowBytes)
      f.if(bias, () => f.add(bias, tileRowBytes))
      f.add(columns, -width)
    })
  })
}

const rowBlocksParams = {
  descriptor: 'i32',
  a: 'i32',
  c: 'i32',
  cRow: 'i32',
  rows: 'i32',
  columns: 'i32',
  k: 'i32',
  load: 'i32',
  bias: 'i32',
  base: 'i32',
} as const

// all rows against packed columns; A is packed a block of rows at a time
function emitRowBlocks(
  module: ModuleBuilder,
  x: Arithmetic,
  panelRows: number,
  packA: Pack,
  macro: MacroKernel,
) {
  return module.func({ params: rowBlocksParams }, (f, p) => {
    const { descriptor, a, c, cRow, rows, columns, k, load, bias, base } = p
    const aRow = f.let(field(descriptor, 'aRow'))
    const aColumn = f.let(field(descriptor, 'aColumn'))
    const panelA = f.let(i32.add(base, field(descriptor, 'panelA')))
    const panelB = f.let(i32.add(base, field(descriptor, 'panelB')))
    const panelBytes = f.let(i32.mul(k, panelRows * x.laneBytes))
    const now = f.local('i32')
    f.while(rows, () => {
      f.set(now, minU(rows, i32.const(rowsPacked)))
      f.do(
        packA.call({
          to: panelA,
          from: a,
          k,
          across: aRow,
          along: aColumn,
          count: now,
          panelBytes,
        }),
      )
      f.do(
        macro.call({
          rows: now,
          columns,
          k,
          a: panelA,
          panelBytes,
          aStep: 0,
          b: panelB,
          bRow: 0,
          bTile: i32.mul(k, tileRowBytes),
          c,
          cRow,
          load,
          bias,
          scratch: base,
        }),
      )
      f.add(a, i32.mul(now, aRow))
      f.add(c, i32.mul(now, cRow))
      f.set(rows, i32.sub(rows, now))
    })
  })
}

/** Types of a product: the type of A and B, and the type of C and the bias. */
export interface ProductTypes {
  input: ElementType
  output: ElementType
}

/**
 * The general path: panels of A and B are packed, whatever their strides; k is cut into blocks of `kBlock`, which add
 * up in C. If C holds a narrower type they add up in the workspace, and C is rounded once.
 */
export function emitPackedBlock(
  module: ModuleBuilder,
  x: Arithmetic,
  types: ProductTypes,
  tileRows: number,
): BlockKernel {
  const panelRows = panelRowsOf(tileRows)
  const packA = emitPack(module, x, types.input, panelRows)
  const packB = emitPack(module, x, types.input, tileRowBytes / x.laneBytes)
  const macro = emitMacroKernel(module, x, emitTiles(module, x, tileRows, 'packed'))
  const rowBlocks = emitRowBlocks(module, x, panelRows, packA, macro)
  const roundSums = isComputedAsStored(types.output) ? undefined : emitRoundSums(module, x, types.output)
  const columnBytes = elementBytes(types.output)
  return module.func({ params: blockParams }, (f, { descriptor, a, b, c, bias, rows, columns, base }) => {
    const local = (name: Field): Local<'i32'> => f.let(field(descriptor, name))
    const [k, kBlock, accumulate] = [local('k'), local('kBlock'), local('accumulate')]
    const [aColumn, bRow, bColumn, cRow] = [local('aColumn'), local('bRow'), local('bColumn'), local('cRow')]
    const panelB = f.let(i32.add(base, field(descriptor, 'panelB')))
    const sums = f.let(i32.add(base, field(descriptor, 'sums')))
    const [now, step, kNow, isLast, sumsRow] = f.localArray('i32', 5)
    const product = (target: Record<'c' | 'cRow' | 'load' | 'bias', Value<'i32'>>) => {
      const from = i32.add(b, i32.mul(step, bRow))
      const panelBytes = i32.mul(kNow, tileRowBytes)
      f.do(packB.call({ to: panelB, from, k: kNow, across: bColumn, along: bRow, count: now, panelBytes }))
      const rowsOfA = i32.add(a, i32.mul(step, aColumn))
      f.do(rowBlocks.call({ descriptor, a: rowsOfA, rows, columns: now, k: kNow, base, ...target }))
    }
    f.while(columns, () => {
      f.set(now, minU(columns, i32.const(columnsPacked)))
      // rows of sums are whole tiles
      f.set(sumsRow, i32.and(i32.add(i32.mul(now, x.laneBytes), tileRowBytes - 1), -tileRowBytes))
      f.set(step, 0)
      f.doWhile(
        () => {
          f.set(kNow, minU(i32.sub(k, step), kBlock))
          f.set(isLast, i32.geU(i32.add(step, kNow), k))
          if (roundSums !== undefined) {
            product({ c: sums, cRow: sumsRow, load: step, bias: i32.const(0) })
          } else {
            product({ c, cRow, load: i32.or(step, accumulate), bias: select(isLast, bias, i32.const(0)) })
          }
          f.add(step, kBlock)
        },
        i32.ltU(step, k),
      )
      if (roundSums !== undefined) {
        f.do(roundSums.call({ sums, sumsRow, c, cRow, rows, columns: now, accumulate, bias }))
      }
      f.add(b, i32.mul(now, bColumn))
      f.add(c, i32.mul(now, columnBytes))
      f.if(bias, () => f.add(bias, i32.mul(now, columnBytes)))
      f.set(columns, i32.sub(columns, now))
    })
  })
}
