import { i32, memory, v128 } from '../../assembler/index.ts'
import type { ModuleBuilder } from '../../assembler/index.ts'
import { elementsOf, vectorBytes } from '../../elements/index.ts'
import type { Arithmetic } from '../../elements/index.ts'
import { field } from './descriptor.ts'
import { blockParams } from './packed.ts'
import type { BlockKernel, ProductTypes } from './packed.ts'

// rows of B that are added at once: the sums are loaded and stored once for all of them
const rowsAtOnce = 4

/**
 * One row times a matrix whose columns are adjacent: the rows of B are read one after the other and added, scaled, to
 * sums in the workspace. C may have any stride.
 */
export function emitAxpyBlock(module: ModuleBuilder, x: Arithmetic, types: ProductTypes): BlockKernel {
  const addRows = emitAddRows(module, x, types, rowsAtOnce)
  const addRow = emitAddRows(module, x, types, 1)
  return module.func({ params: blockParams }, (f, { descriptor, a, b, c, bias, columns, base }) => {
    const output = elementsOf(types.output, f)
    const sums = f.let(i32.add(base, field(descriptor, 'sums')))
    const k = f.let(field(descriptor, 'k'))
    const aColumn = f.let(field(descriptor, 'aColumn'))
    const bRow = f.let(field(descriptor, 'bRow'))
    f.do(memory.fill(sums, 0, i32.mul(columns, x.laneBytes)))
    const advance = (count: number): void => {
      f.add(a, i32.mul(aColumn, count))
      f.add(b, i32.mul(bRow, count))
      f.add(k, -count)
    }
    f.while(i32.geU(k, rowsAtOnce), () => {
      f.do(addRows.call({ sums, a, aColumn, b, bRow, columns }))
      advance(rowsAtOnce)
    })
    f.while(k, () => {
      f.do(addRow.call({ sums, a, aColumn, b, bRow, columns }))
      advance(1)
    })
    const accumulate = f.let(field(descriptor, 'accumulate'))
    const cColumn = f.let(field(descriptor, 'cColumn'))
    const biasStep = f.let(field(descriptor, 'biasStep'))
    const sum = f.local('v128')
    const addend = f.let(bias)
    f.while(columns, () => {
      f.set(sum, x.splat(sums))
      f.if(accumulate, () => f.set(sum, x.add(sum, output.splat(c))))
      f.if(bias, () => f.set(sum, x.add(sum, output.splat(addend))))
      f.do(output.storeFirst(c, sum))
      f.add(sums, x.laneBytes)
      f.add(c, cColumn)
      f.add(addend, biasStep)
      f.add(columns, -1)
    })
  })
}

function emitAddRows(module: ModuleBuilder, x: Arithmetic, types: ProductTypes, count: number) {
  const params = { sums: 'i32', a: 'i32', aColumn: 'i32', b: 'i32', bRow: 'i32', columns: 'i32' } as const
  return module.func({ params }, (f, { sums, a, aColumn, b, bRow, columns }) => {
    const input = elementsOf(types.input, f)
    const factors = f.localArray('v128', count)
    const rows = f.localArray('i32', count)
    for (let i = 0; i < count; i++) {
      f.set(factors[i], input.splat(a))
      f.set(rows[i], b)
      f.add(a, aColumn)
      f.add(b, bRow)
    }
    const total = f.localArray('v128', 2)
    const vectorInMemory = x.lanes * input.bytes
    const advance = (elements: number): void => {
      f.add(sums, elements * x.laneBytes)
      for (const row of rows) f.add(row, elements * input.bytes)
      f.add(columns, -elements)
    }
    f.while(i32.geU(columns, 2 * x.lanes), () => {
      total.forEach((sum, j) => f.set(sum, v128.load(sums, j * vectorBytes)))
      rows.forEach((row, i) => {
        total.forEach((sum, j) =>
          f.set(sum, x.multiplyAdd(factors[i], input.load(row, j * vectorInMemory), sum)),
        )
      })
      total.forEach((sum, j) => f.do(v128.store(sums, sum, j * vectorBytes)))
      advance(2 * x.lanes)
    })
    const last = total[0]
    f.while(columns, () => {
      f.set(last, x.splat(sums))
      rows.forEach((row, i) => f.set(last, x.multiplyAdd(factors[i], input.splat(row), last)))
      f.do(x.storeFirst(sums, last))
      advance(1)
    })
  })
}
