import { i32, v128 } from '../../assembler/index.ts'
import type { Func, FuncRef, Local, ModuleBuilder, Operand, Value } from '../../assembler/index.ts'
import { vectorBytes, zero } from '../../elements/index.ts'
import type { Arithmetic } from '../../elements/index.ts'

/** Vectors in a row of a tile. */
export const tileVectors = 2
/** Bytes of a row of a tile, whatever the type. */
export const tileRowBytes = tileVectors * vectorBytes
/** Rows of a tile that leaves registers on every engine: 8 sums, 2 of B, 1 to 4 of A, 1 or 2 products. */
export const narrowTileRows = 4
/**
 * Rows of a tile whose 12 sums keep two multiply-add units busy over their latency of four cycles; 8 sums reach 94 % on
 * processors that do not schedule them perfectly. Fits 15 registers only if the engine keeps loads in place.
 */
export const tallTileRows = 6
/** Rows of tiles that are a multiple of every tile's and every panel's. */
export const anyTileRows = 12

/**
 * Rows of a panel of A. Tall tiles read panels of two rows. So rows that are no multiple of six can be cut into tiles of
 * six and four: a tile of two rows would take as long as a tile of four.
 */
export const panelRowsOf = (tileRows: number): number => (tileRows === tallTileRows ? 2 : tileRows)

// rows of sums, all of as many vectors
type Sums = readonly (readonly Local<'v128'>[])[]

function clearSums(f: Func, sums: Sums): void {
  for (const row of sums) for (const sum of row) f.set(sum, zero)
}

// how the sums of a tile are written to C
interface WriteBack {
  /** Its first row; it is left at the last. */
  c: Local<'i32'>
  /** Bytes from row to row. */
  cRow: Value<'i32'>
  /** Not 0: the old values of C are added. */
  load: Value<'i32'>
  /** Address of one number per column that is added to every row, or 0. */
  bias: Value<'i32'>
}

function writeSums(f: Func, x: Arithmetic, sums: Sums, { c, cRow, load, bias }: WriteBack): void {
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
    sums[0].forEach((_, j) => {
      const value = f.let(v128.load(bias, j * vectorBytes))
      for (const row of sums) f.set(row[j], x.add(row[j], value))
    })
  })
  eachRow((row) => row.forEach((sum, j) => f.do(v128.store(c, sum, j * vectorBytes))))
}

const tilesParams = {
  rows: 'i32',
  k: 'i32',
  a: 'i32',
  panelBytes: 'i32',
  aStep: 'i32',
  b: 'i32',
  bRow: 'i32',
  c: 'i32',
  cRow: 'i32',
  load: 'i32',
  bias: 'i32',
} as const
/** Emits code that computes the tiles of `rows` rows, one below the other. */
export type Tiles = (f: Func, operands: { readonly [N in keyof typeof tilesParams]: Operand<'i32'> }) => void

/**
 * Where tiles find A and B. `packed`: in panels of A, `[k][panelRows]` and `panelBytes` apart, and one of B,
 * `[k][tileVectors vectors]`. `inPlace`: rows of A are `panelBytes` apart, its columns `aStep`, rows of B `bRow`. `table`: A
 * in panels; each row of B as far from `b` as a table says, whose address is `bRow`.
 */
export type Operands = 'packed' | 'inPlace' | 'table'

/** Emits the kernels of tiles. Each number of C is the sum over k in order, however many rows a tile has. */
export function emitTiles(module: ModuleBuilder, x: Arithmetic, tileRows: number, operands: Operands): Tiles {
  const panelRows = operands === 'inPlace' ? 1 : panelRowsOf(tileRows)
  const kernels = Array.from({ length: tileRows }, (_, i) =>
    emitKernel(module, x, i + 1, panelRows, operands),
  )
  return (f, { rows, a, c, ...rest }) => {
    const at = { a: f.local('i32'), c: f.local('i32') }
    const [left, tiles] = f.localArray('i32', 2)
    const run = (count: number): void => {
      f.do(kernels[count - 1].call({ ...rest, ...at, tiles }))
      f.add(at.a, i32.mul(i32.mul(tiles, Math.ceil(count / panelRows)), rest.panelBytes))
      f.add(at.c, i32.mul(i32.mul(tiles, count), rest.cRow))
      f.set(left, i32.sub(left, i32.mul(tiles, count)))
    }
    f.set(at.a, a)
    f.set(at.c, c)
    f.set(left, rows)
    f.set(tiles, i32.divU(left, tileRows))
    if (tileRows === tallTileRows) {
      // rather four and three or four than six and one or two
      const leavesFew = i32.leU(i32.sub(i32.remU(left, tileRows), 1), 1)
      f.set(tiles, i32.sub(tiles, i32.and(leavesFew, i32.gtU(left, tileRows))))
    }
    f.if(tiles, () => run(tileRows))
    f.set(tiles, 1)
    if (tileRows === tallTileRows) f.if(i32.gtU(left, tallTileRows), () => run(narrowTileRows))
    for (let count = tileRows - 1; count > 0; count--) f.if(i32.eq(left, count), () => run(count))
  }
}

// `tiles` tiles of `rows` rows
function emitKernel(
  module: ModuleBuilder,
  x: Arithmetic,
  rows: number,
  panelRows: number,
  operands: Operands,
): FuncRef<Omit<typeof tilesParams, 'rows'> & { tiles: 'i32' }, 'void'> {
  const { rows: _, ...shared } = tilesParams
  const params = { ...shared, tiles: 'i32' } as const
  return module.func({ params }, (f, { tiles, k, a, panelBytes, aStep, b, bRow, c, cRow, load, bias }) => {
    const sums: Sums = Array.from({ length: rows }, () => f.localArray('v128', tileVectors))
    const panels = f.localArray('i32', Math.ceil(rows / panelRows))
    const factors: Factors = {
      panels,
      panelRows,
      step: operands === 'inPlace' ? aStep : i32.const(panelRows * x.laneBytes),
      left: f.local('v128'),
      right: f.localArray('v128', tileVectors),
      products: f.localArray('v128', tileVectors),
    }
    const [row, table] = f.localArray('i32', 2)
    f.doWhile(() => {
      for (const panel of panels) {
        f.set(panel, a)
        f.add(a, panelBytes)
      }
      f.set(row, b)
      f.set(table, bRow)
      clearSums(f, sums)
      eachStep(f, k, {
        step: (i) => {
          if (operands === 'table') f.set(row, i32.add(b, i32.load(table, 4 * i)))
          const offset = operands === 'packed' ? i * tileRowBytes : 0
          factors.right.forEach((vector, j) => f.set(vector, v128.load(row, offset + j * vectorBytes)))
          multiplyStep(f, x, sums, factors)
          if (operands === 'inPlace') f.add(row, bRow)
        },
        afterRound: () => {
          if (operands === 'packed') f.add(row, stepsOfRound * tileRowBytes)
          if (operands === 'table') f.add(table, 4 * stepsOfRound)
        },
      })
      writeSums(f, x, sums, { c, cRow, load, bias })
      f.add(c, cRow)
      f.add(tiles, -1)
    }, tiles)
  })
}

// panels of A that a tile reads, and the registers of one step: a number of A, a row of B, their products
interface Factors {
  panels: readonly Local<'i32'>[]
  panelRows: number
  step: Value<'i32'>
  left: Local<'v128'>
  right: readonly Local<'v128'>[]
  products: readonly Local<'v128'>[]
}

// steps of k in one round of their loop: a round costs V8 up to seven instructions besides its steps, which are 25 where
// multiplication and addition are two
const stepsOfRound = 8

// the steps of k, by rounds in which they are numbered from 0. Each ends in a branch, because engines that move all loads
// of a basic block to its beginning would spill registers in a longer one
function eachStep(
  f: Func,
  k: Value<'i32'>,
  { step, afterRound }: { step: (i: number) => void; afterRound: () => void },
): void {
  const left = f.let(k)
  f.block((done) => {
    f.while(i32.gtS(left, 0), () => {
      for (let i = 0; i < stepsOfRound; i++) {
        if (i > 0) f.brIf(done, i32.eq(left, i))
        step(i)
      }
      afterRound()
      f.add(left, -stepsOfRound)
    })
  })
}

// adds one step of k to the sums
function multiplyStep(f: Func, x: Arithmetic, sums: Sums, factors: Factors): void {
  const { panels, panelRows, step, left, right, products } = factors
  sums.forEach((row, i) => {
    f.set(left, x.splat(panels[Math.floor(i / panelRows)], (i % panelRows) * x.laneBytes))
    const { multiply } = x
    if (multiply === undefined) {
      row.forEach((sum, j) => f.set(sum, x.multiplyAdd(left, right[j], sum)))
    } else {
      // both products first: 54 instead of 47 GFLOP/s in V8 13, which keeps the order, on Zen 4
      row.forEach((_, j) => f.set(products[j], multiply(left, right[j])))
      row.forEach((sum, j) => f.set(sum, x.add(sum, products[j])))
    }
  })
  for (const panel of panels) f.add(panel, step)
}

const mergeParams = {
  scratch: 'i32',
  c: 'i32',
  cRow: 'i32',
  rows: 'i32',
  columns: 'i32',
  load: 'i32',
  bias: 'i32',
} as const
export type MergeTiles = FuncRef<typeof mergeParams, 'void'>

/** Moves the part of scratch tiles that lies inside C there, number by number. */
export function emitMergeTiles(module: ModuleBuilder, x: Arithmetic): MergeTiles {
  return module.func({ params: mergeParams }, (f, { scratch, c, cRow, rows, columns, load, bias }) => {
    const sum = f.local('v128')
    const i = f.local('i32')
    const j = f.local('i32')
    const width = f.let(i32.mul(columns, x.laneBytes))
    f.for(i, 0, rows, 1, () => {
      f.for(j, 0, width, x.laneBytes, () => {
        f.set(sum, x.splat(i32.add(scratch, j)))
        f.if(load, () => f.set(sum, x.add(sum, x.splat(i32.add(c, j)))))
        f.if(bias, () => f.set(sum, x.add(sum, x.splat(i32.add(bias, j)))))
        f.do(x.storeFirst(i32.add(c, j), sum))
      })
      f.add(scratch, tileRowBytes)
      f.add(c, cRow)
    })
  })
}
