import { i32, minU, v128 } from '../assembler/index.ts'
import type { Func, FuncRef, Local, ModuleBuilder, Value } from '../assembler/index.ts'
import { vectorBytes, zero } from '../elements/index.ts'
import type { Arithmetic } from '../elements/index.ts'

/** Vectors in a row of a tile. */
export const tileVectors = 2
/** Bytes of a row of a tile, whatever the type. */
export const tileRowBytes = tileVectors * vectorBytes
/** Rows of a tile that leaves registers on every engine: 8 sums, 2 of B, 1 to 4 of A. */
export const narrowTileRows = 4
/**
 * Rows of a tile whose 12 sums keep two multiply-add units busy over their latency of four cycles; 8 sums reach 94 % on
 * processors that do not schedule them perfectly. Fits 15 registers only if the engine keeps loads in place.
 */
export const tallTileRows = 6
/** A multiple of the rows of any tile. */
export const anyTileRows = 12

/** Rows of sums, each of `tileVectors` vectors. */
export type Sums = readonly (readonly Local<'v128'>[])[]

export const newSums = (f: Func, rows: number): Sums =>
  Array.from({ length: rows }, () => f.localArray('v128', tileVectors))

export function clearSums(f: Func, sums: Sums): void {
  for (const row of sums) for (const sum of row) f.set(sum, zero)
}

/** What happens to a tile of C when its sums are written. */
export interface WriteBack {
  /** Its first row; it is left at the last. */
  c: Local<'i32'>
  /** Bytes from row to row. */
  cRow: Value<'i32'>
  /** Not 0: what is there is added. */
  load: Value<'i32'>
  /** Address of one number per column that is added to every row, or 0. */
  bias: Value<'i32'>
}

/** Writes sums to C. */
export function writeSums(f: Func, x: Arithmetic, sums: Sums, { c, cRow, load, bias }: WriteBack): void {
  const start = f.let(c)
  const eachRow = (body: (row: readonly Local<'v128'>[]) => void): void => {
    f.set(c, start)
    sums.forEach((row, i) => {
      if (i > 0) f.add(c, cRow)
      body(row)
    })
  }
  f.if(load, () => {
    eachRow((row) => row.forEach((sum, j) => f.set(sum, x.add(sum, v128.load(c, j * vectorBytes)))))
  })
  f.if(bias, () => {
    for (let j = 0; j < tileVectors; j++) {
      const value = f.let(v128.load(bias, j * vectorBytes))
      for (const row of sums) f.set(row[j], x.add(row[j], value))
    }
  })
  eachRow((row) => row.forEach((sum, j) => f.do(v128.store(c, sum, j * vectorBytes))))
}

const tileParams = {
  rows: 'i32',
  k: 'i32',
  a: 'i32',
  b: 'i32',
  c: 'i32',
  cRow: 'i32',
  load: 'i32',
  bias: 'i32', // prettier-ignore
} as const
/** Computes the first `rows` rows of a tile, which must not be 0; more than a tile has are a whole tile. */
export type TileKernel = FuncRef<typeof tileParams, 'void'>

/**
 * A tile of C from a panel of A, `[k][tileRows]`, and a panel of B, `[k][tileVectors vectors]`. Each number is the sum
 * over k in order, however many rows a tile has.
 */
export function emitTileKernel(module: ModuleBuilder, x: Arithmetic, tileRows: number): TileKernel {
  const whole = emitMicroKernel(module, x, tileRows, tileRows)
  const parts = Array.from({ length: tileRows - 1 }, (_, i) => emitMicroKernel(module, x, i + 1, tileRows))
  return module.func({ params: tileParams }, (f, { rows, ...rest }) => {
    f.if(i32.geU(rows, tileRows), () => {
      f.do(whole.call(rest))
      f.return()
    })
    parts.forEach((part, i) => f.if(i32.eq(rows, i + 1), () => f.do(part.call(rest))))
  })
}

// one k a turn: engines that move loads to the beginning of a turn run out of registers in longer ones
function emitMicroKernel(module: ModuleBuilder, x: Arithmetic, rows: number, panelRows: number) {
  const { rows: _, ...params } = tileParams
  return module.func({ params }, (f, { k, a, b, c, cRow, load, bias }) => {
    const sums = newSums(f, rows)
    const right = f.localArray('v128', tileVectors)
    const left = f.local('v128')
    const end = f.let(i32.add(a, i32.mul(k, panelRows * x.laneBytes)))
    clearSums(f, sums)
    f.while(i32.ltU(a, end), () => {
      right.forEach((vector, j) => f.set(vector, v128.load(b, j * vectorBytes)))
      sums.forEach((row, i) => {
        f.set(left, x.splat(a, i * x.laneBytes))
        row.forEach((sum, j) => f.set(sum, x.multiplyAdd(left, right[j], sum)))
      })
      f.add(a, panelRows * x.laneBytes)
      f.add(b, tileRowBytes)
    })
    writeSums(f, x, sums, { c, cRow, load, bias })
  })
}

const mergeParams = {
  tile: 'i32',
  c: 'i32',
  cRow: 'i32',
  rows: 'i32',
  columns: 'i32',
  load: 'i32',
  bias: 'i32', // prettier-ignore
} as const
export type MergeTile = FuncRef<typeof mergeParams, 'void'>

/** Moves the part of a scratch tile that lies inside C there, number by number. */
export function emitMergeTile(module: ModuleBuilder, x: Arithmetic, tileRows: number): MergeTile {
  return module.func({ params: mergeParams }, (f, { tile, c, cRow, rows, columns, load, bias }) => {
    const sum = f.local('v128')
    const i = f.local('i32')
    const j = f.local('i32')
    const width = f.let(i32.mul(minU(columns, i32.const(tileRowBytes / x.laneBytes)), x.laneBytes))
    f.for(i, 0, minU(rows, i32.const(tileRows)), 1, () => {
      f.for(j, 0, width, x.laneBytes, () => {
        f.set(sum, x.splat(i32.add(tile, j)))
        f.if(load, () => f.set(sum, x.add(sum, x.splat(i32.add(c, j)))))
        f.if(bias, () => f.set(sum, x.add(sum, x.splat(i32.add(bias, j)))))
        f.do(x.storeFirst(i32.add(c, j), sum))
      })
      f.add(tile, tileRowBytes)
      f.add(c, cRow)
    })
  })
}
