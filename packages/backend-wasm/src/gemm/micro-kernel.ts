import { i32, minU, v128 } from '../assembler/index.ts'
import type { Func, FuncRef, Local, ModuleBuilder, Value } from '../assembler/index.ts'
import { vectorBytes, zero } from '../elements/index.ts'
import type { Arithmetic } from '../elements/index.ts'

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
 * Rows of a panel of A. Tall tiles read panels of two rows, so that rows which are no multiple of six can be cut into
 * tiles of six and four: one of two rows takes as long as one of four.
 */
export const panelRowsOf = (tileRows: number): number => (tileRows === tallTileRows ? 2 : tileRows)

/** Rows of sums, all of as many vectors. */
export type Sums = readonly (readonly Local<'v128'>[])[]

export const newSums = (f: Func, rows: number, vectors = tileVectors): Sums =>
  Array.from({ length: rows }, () => f.localArray('v128', vectors))

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
    sums[0].forEach((_, j) => {
      const value = f.let(v128.load(bias, j * vectorBytes))
      for (const row of sums) f.set(row[j], x.add(row[j], value))
    })
  })
  eachRow((row) => row.forEach((sum, j) => f.do(v128.store(c, sum, j * vectorBytes))))
}

const tileParams = {
  rows: 'i32',
  k: 'i32',
  a: 'i32',
  panelBytes: 'i32',
  b: 'i32',
  c: 'i32',
  cRow: 'i32',
  load: 'i32',
  bias: 'i32',
} as const
/** Computes a tile of 1 to `tileRows` rows. */
export type TileKernel = FuncRef<typeof tileParams, 'void'>

/**
 * A tile of C from panels of A, `[k][panelRows]` and `panelBytes` apart, and a panel of B, `[k][tileVectors vectors]`.
 * Each number is the sum over k in order, however many rows a tile has.
 */
export function emitTileKernel(module: ModuleBuilder, x: Arithmetic, tileRows: number): TileKernel {
  const { rows: _, ...params } = tileParams
  const kernels = Array.from({ length: tileRows }, (_, i) => {
    return module.func({ params }, (f, { k, a, panelBytes, b, c, cRow, load, bias }) => {
      const sums = newSums(f, i + 1)
      const factors = newFactors(f, { rows: i + 1, panelRows: panelRowsOf(tileRows), a, panelBytes })
      clearSums(f, sums)
      eachStep(f, x, factors, k, {
        step: (i) => {
          factors.right.forEach((vector, j) =>
            f.set(vector, v128.load(b, i * tileRowBytes + j * vectorBytes)),
          )
          multiplyStep(f, x, sums, factors)
        },
        afterRound: () => f.add(b, stepsOfRound * tileRowBytes),
      })
      writeSums(f, x, sums, { c, cRow, load, bias })
    })
  })
  return module.func({ params: tileParams }, (f, { rows, ...rest }) => {
    // whole tiles first: they are the most
    for (let count = tileRows; count > 0; count--) {
      f.if(i32.eq(rows, count), () => {
        f.do(kernels[count - 1].call(rest))
        f.return()
      })
    }
  })
}

/** How many of the `rows` that are left the next tile has. */
export function nextTileRows(f: Func, rows: Local<'i32'>, tileRows: number): Local<'i32'> {
  const count = f.let(minU(rows, i32.const(tileRows)))
  if (tileRows === tallTileRows) {
    const leavesFew = i32.leU(i32.sub(rows, tallTileRows + 1), 1)
    f.if(leavesFew, () => f.set(count, narrowTileRows))
  }
  return count
}

/** Panels of A that a tile reads, and the registers of one step: a number of A, a row of B, their products. */
export interface Factors {
  panels: readonly Local<'i32'>[]
  panelRows: number
  left: Local<'v128'>
  right: readonly Local<'v128'>[]
  products: readonly Local<'v128'>[]
}

export function newFactors(
  f: Func,
  from: { rows: number; panelRows: number; a: Value<'i32'>; panelBytes: Value<'i32'> },
): Factors {
  const panels = f.localArray('i32', Math.ceil(from.rows / from.panelRows))
  panels.forEach((panel, i) => f.set(panel, i === 0 ? from.a : i32.add(panels[i - 1], from.panelBytes)))
  const [right, products] = [f.localArray('v128', tileVectors), f.localArray('v128', tileVectors)]
  return { panels, panelRows: from.panelRows, left: f.local('v128'), right, products }
}

/**
 * Steps of k in one round of their loop: a round costs V8 up to five instructions besides its steps, which are 24 where
 * multiplication and addition are two.
 */
export const stepsOfRound = 8

/**
 * The steps of k, by rounds in which they are numbered from 0. Each ends in a branch, because engines that move all loads
 * of a basic block to its beginning would spill registers in a longer one.
 */
export function eachStep(
  f: Func,
  x: Arithmetic,
  { panels: [panel], panelRows }: Factors,
  k: Value<'i32'>,
  { step, afterRound }: { step: (i: number) => void; afterRound: () => void },
): void {
  const end = f.let(i32.add(panel, i32.mul(k, panelRows * x.laneBytes)))
  f.block((done) => {
    f.while(i32.ltU(panel, end), () => {
      for (let i = 0; i < stepsOfRound; i++) {
        if (i > 0) f.brIf(done, i32.geU(panel, end))
        step(i)
      }
      afterRound()
    })
  })
}

/** Adds one step of k to the sums. */
export function multiplyStep(f: Func, x: Arithmetic, sums: Sums, factors: Factors): void {
  const { panels, panelRows, left, right, products } = factors
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
  for (const panel of panels) f.add(panel, panelRows * x.laneBytes)
}

const mergeParams = {
  tile: 'i32',
  c: 'i32',
  cRow: 'i32',
  rows: 'i32',
  columns: 'i32',
  load: 'i32',
  bias: 'i32',
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
