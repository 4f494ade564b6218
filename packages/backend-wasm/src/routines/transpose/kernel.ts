import { argumentBlock, type NameOf } from '../../argument-block.ts'
import { i32, i8x16, minU, ModuleBuilder, v128 } from '../../assembler/index.ts'
import type { Func, Local, Value } from '../../assembler/index.ts'

/**
 * Words of an argument block. x is contiguous along `rows`, out along `columns`. Steps are in bytes: of x from column to
 * column, of out from row to row, of both from matrix to matrix. A chunk is a band of 64 bytes of rows of one matrix of a
 * batch; a matrix has `bands` of them.
 */
export const transposeBlock = argumentBlock([
  'x',
  'out',
  'rows',
  'columns',
  'xStep',
  'outStep',
  'xBatch',
  'outBatch',
  'bands',
])

export type ElementBytes = 1 | 2 | 4 | 8

/** Rows of a band: a line of the cache of x. */
export const bandRows = (bytes: ElementBytes): number => 64 / bytes

type I32 = Local<'i32'>

const load = { 1: v128.load8Splat, 2: v128.load16Splat, 4: v128.load32Splat, 8: v128.load64Splat } as const
const store = { 1: v128.store8Lane, 2: v128.store16Lane, 4: v128.store32Lane, 8: v128.store64Lane } as const

/** The bytes of a module whose `run(block, from, to)` transposes bands. */
export function transposeModule(bytes: ElementBytes, shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared })
  module.func({ name: 'run', params: { block: 'i32', from: 'i32', to: 'i32' } }, (f, { block, from, to }) => {
    const word = (name: NameOf<typeof transposeBlock>): I32 => f.let(transposeBlock.read(block, name))
    const [x, out, rows, columns] = [word('x'), word('out'), word('rows'), word('columns')]
    const [xStep, outStep, xBatch, outBatch] = [
      word('xStep'),
      word('outStep'),
      word('xBatch'),
      word('outBatch'),
    ]
    const bands = word('bands')
    const [matrix, band, count, source, target, blocked] = f.localArray('i32', 6)
    f.while(i32.ltU(from, to), () => {
      f.set(matrix, i32.divU(from, bands))
      f.set(band, i32.remU(from, bands))
      f.set(source, i32.add(i32.add(x, i32.mul(matrix, xBatch)), i32.mul(band, 64)))
      f.set(
        target,
        i32.add(i32.add(out, i32.mul(matrix, outBatch)), i32.mul(i32.mul(band, bandRows(bytes)), outStep)),
      )
      f.set(count, minU(i32.sub(rows, i32.mul(band, bandRows(bytes))), i32.const(bandRows(bytes))))
      const place = { source, target, xStep, outStep }
      if (bytes === 4) {
        f.set(blocked, i32.and(columns, -4))
        blocksOfFour(f, place, count, blocked)
        // the remaining rows, then the remaining columns
        scalars(f, bytes, place, i32.and(count, -4), count, i32.const(0), blocked)
        scalars(f, bytes, place, i32.const(0), count, blocked, columns)
      } else scalars(f, bytes, place, i32.const(0), count, i32.const(0), columns)
      f.add(from, 1)
    })
  })
  return module.bytes()
}

interface Place {
  readonly source: I32
  readonly target: I32
  readonly xStep: I32
  readonly outStep: I32
}

function scalars(
  f: Func,
  bytes: ElementBytes,
  { source, target, xStep, outStep }: Place,
  firstRow: Value<'i32'>,
  rows: Value<'i32'>,
  firstColumn: Value<'i32'>,
  columns: Value<'i32'>,
): void {
  const [row, column, from, to] = f.localArray('i32', 4)
  f.for(column, firstColumn, columns, 1, () => {
    f.set(row, firstRow)
    f.set(from, i32.add(i32.add(source, i32.mul(column, xStep)), i32.mul(row, bytes)))
    f.set(to, i32.add(i32.add(target, i32.mul(row, outStep)), i32.mul(column, bytes)))
    f.while(i32.ltU(row, rows), () => {
      f.do(store[bytes](to, load[bytes](from), 0))
      f.add(from, bytes)
      f.add(to, outStep)
      f.add(row, 1)
    })
  })
}

const pick = (a: Value<'v128'>, b: Value<'v128'>, lanes: readonly number[]): Value<'v128'> =>
  i8x16.shuffle(a, b, lanes.flatMap((lane) => [0, 1, 2, 3].map((i) => 4 * lane + i))) // prettier-ignore

// four by four: pairs of lines are interleaved, then halves are put together
function blocksOfFour(f: Func, { source, target, xStep, outStep }: Place, rows: I32, columns: I32): void {
  const [row, column, from, to] = f.localArray('i32', 4)
  const lines = f.localArray('v128', 4)
  const pairs = f.localArray('v128', 4)
  f.for(column, 0, columns, 4, () => {
    f.set(from, i32.add(source, i32.mul(column, xStep)))
    f.set(to, i32.add(target, i32.mul(column, 4)))
    f.set(row, 4)
    f.while(i32.leU(row, rows), () => {
      let at: Value<'i32'> = from
      lines.forEach((line, k) => {
        f.set(line, v128.load(at))
        if (k < 3) at = f.let(i32.add(at, xStep))
      })
      f.set(pairs[0], pick(lines[0], lines[1], [0, 4, 1, 5]))
      f.set(pairs[1], pick(lines[2], lines[3], [0, 4, 1, 5]))
      f.set(pairs[2], pick(lines[0], lines[1], [2, 6, 3, 7]))
      f.set(pairs[3], pick(lines[2], lines[3], [2, 6, 3, 7]))
      const results = [
        pick(pairs[0], pairs[1], [0, 1, 4, 5]),
        pick(pairs[0], pairs[1], [2, 3, 6, 7]),
        pick(pairs[2], pairs[3], [0, 1, 4, 5]),
        pick(pairs[2], pairs[3], [2, 3, 6, 7]),
      ]
      for (const result of results) {
        f.do(v128.store(to, result))
        f.add(to, outStep)
      }
      f.add(from, 16)
      f.add(row, 4)
    })
  })
}
