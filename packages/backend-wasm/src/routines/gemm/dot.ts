import { i32, i8x16 } from '../../assembler/index.ts'
import type { Func, Local, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementsOf } from '../../elements/index.ts'
import type { Arithmetic, Elements } from '../../elements/index.ts'
import { field } from './descriptor.ts'
import { blockParams } from './packed.ts'
import type { BlockKernel, ProductTypes } from './packed.ts'

// rows × columns of dot products that run side by side: eight sums, as in the other kernels
const tallTile = { rows: 4, columns: 2 }
const flatTile = { rows: 1, columns: 4 }

/**
 * Dot products along k, which is adjacent in A and in B; C may have any strides. For few rows or columns, where packing
 * would cost as much as the product.
 */
export function emitDotBlock(module: ModuleBuilder, x: Arithmetic, types: ProductTypes): BlockKernel {
  const tall = emitDots(module, x, types, tallTile)
  const flat = emitDots(module, x, types, flatTile)
  const thin = emitDots(module, x, types, { rows: 4, columns: 1 })
  const single = emitDots(module, x, types, { rows: 1, columns: 1 })
  return module.func({ params: blockParams }, (f, { descriptor, a, b, c, bias, rows, columns }) => {
    const aRow = f.let(field(descriptor, 'aRow'))
    const bColumn = f.let(field(descriptor, 'bColumn'))
    const cRow = f.let(field(descriptor, 'cRow'))
    const cColumn = f.let(field(descriptor, 'cColumn'))
    const biasStep = f.let(field(descriptor, 'biasStep'))
    const left = f.local('i32')
    const at = { b: f.local('i32'), c: f.local('i32'), bias: f.local('i32') }
    const strip = (height: number, wide: typeof tall, widthOfWide: number, narrow: typeof tall): void => {
      f.set(left, columns)
      f.set(at.b, b)
      f.set(at.c, c)
      f.set(at.bias, bias)
      const step = (kernel: typeof tall, count: number): void => {
        f.do(kernel.call({ descriptor, a, ...at }))
        f.add(at.b, i32.mul(bColumn, count))
        f.add(at.c, i32.mul(cColumn, count))
        f.if(bias, () => f.add(at.bias, i32.mul(biasStep, count)))
        f.add(left, -count)
      }
      f.while(i32.geU(left, widthOfWide), () => step(wide, widthOfWide))
      f.while(left, () => step(narrow, 1))
      f.add(a, i32.mul(aRow, height))
      f.add(c, i32.mul(cRow, height))
      f.add(rows, -height)
    }
    f.while(i32.geU(rows, tallTile.rows), () => strip(tallTile.rows, tall, tallTile.columns, thin))
    f.while(rows, () => strip(1, flat, flatTile.columns, single))
  })
}

interface DotTile {
  rows: number
  columns: number
}

const dotParams = { descriptor: 'i32', a: 'i32', b: 'i32', c: 'i32', bias: 'i32' } as const

function emitDots(module: ModuleBuilder, x: Arithmetic, types: ProductTypes, tile: DotTile) {
  return module.func({ params: dotParams }, (f, { descriptor, a, b, c, bias }) => {
    const input = elementsOf(types.input, f)
    const output = elementsOf(types.output, f)
    const sums = Array.from({ length: tile.rows }, () => f.localArray('v128', tile.columns))
    const lefts = pointers(f, a, field(descriptor, 'aRow'), tile.rows)
    const rights = pointers(f, b, field(descriptor, 'bColumn'), tile.columns)
    const left = f.local('v128')
    const right = f.localArray('v128', tile.columns)
    const k = f.let(field(descriptor, 'k'))
    const turn = (read: Elements['load'], count: number): void => {
      right.forEach((vector, j) => f.set(vector, read(rights[j])))
      sums.forEach((row, i) => {
        f.set(left, read(lefts[i]))
        row.forEach((sum, j) => f.set(sum, x.multiplyAdd(left, right[j], sum)))
      })
      for (const pointer of [...lefts, ...rights]) f.add(pointer, count * input.bytes)
      f.add(k, -count)
    }
    f.while(i32.geU(k, x.lanes), () => turn(input.load, x.lanes))
    for (const row of sums) for (const sum of row) f.set(sum, sumOfLanes(f, x, sum))
    f.while(k, () => turn(input.splat, 1))

    const accumulate = f.let(field(descriptor, 'accumulate'))
    const cColumn = f.let(field(descriptor, 'cColumn'))
    const cRow = f.let(field(descriptor, 'cRow'))
    const biasStep = f.let(field(descriptor, 'biasStep'))
    const at = f.local('i32')
    const addend = f.local('i32')
    for (const row of sums) {
      f.set(at, c)
      f.set(addend, bias)
      for (const sum of row) {
        f.if(accumulate, () => f.set(sum, x.add(sum, output.splat(at))))
        f.if(bias, () => f.set(sum, x.add(sum, output.splat(addend))))
        f.do(output.storeFirst(at, sum))
        f.add(at, cColumn)
        f.add(addend, biasStep)
      }
      f.add(c, cRow)
    }
  })
}

function pointers(f: Func, first: Value<'i32'>, step: Value<'i32'>, count: number): Local<'i32'>[] {
  const list = f.localArray('i32', count)
  list.forEach((pointer, i) => f.set(pointer, i === 0 ? first : i32.add(list[i - 1], step)))
  return list
}

/** The sum of all lanes in lane 0, halves first. */
function sumOfLanes(f: Func, x: Arithmetic, vector: Local<'v128'>): Value<'v128'> {
  const rotate = (bytes: number) => Array.from({ length: 16 }, (_, i) => (i + bytes) % 16)
  const half = x.add(vector, i8x16.shuffle(vector, vector, rotate(8)))
  if (x.lanes === 2) return half
  const pairs = f.let(half)
  return x.add(pairs, i8x16.shuffle(pairs, pairs, rotate(4)))
}
