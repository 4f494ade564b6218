import { argumentBlock, type NameOf } from '../../argument-block.ts'
import { f32x4, f64x2, i32, i32x4, i64x2, memory, ModuleBuilder, v128 } from '../../assembler/index.ts'
import type { Func, Local, Value } from '../../assembler/index.ts'
import {
  arithmeticOf,
  computeTypeOf,
  elementsOf,
  vectorBytes,
  type ComputeType,
  type Elements,
  type ElementType,
} from '../../elements/index.ts'

/**
 * Words of an argument block: three loops over `data` (one element per position), `index`, and `table`, which is reached
 * through the index. Chunks are turns of the outermost loop. Strides are in bytes, `step` those of the table from one index
 * to the next. `rows` is 1 where the innermost loop has one index, and neighbours lie side by side.
 */
export const indexingBlock = argumentBlock([
  ['start', 3],
  'step',
  'rows',
  ['outer', 3],
  'middleSize',
  ['middle', 3],
  'innerSize',
  ['inner', 3],
])

type I32 = Local<'i32'>
type Vector = Value<'v128'>

/** The way a scatter combines the old element and the new one; `or` and `and` are for bool. */
export type Merge = 'sum' | 'prod' | 'max' | 'min' | 'or' | 'and'

interface Innermost {
  /** One row of `count` elements, side by side in both. */
  row(data: I32, table: I32, count: I32): void
  element(data: I32, table: I32): void
}

function indexingModule(shared: boolean, innermost: (f: Func) => Innermost): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared })
  module.func({ name: 'run', params: { block: 'i32', from: 'i32', to: 'i32' } }, (f, { block, from, to }) => {
    const word = (name: NameOf<typeof indexingBlock>, k = 0): Value<'i32'> =>
      indexingBlock.read(block, name, k)
    const inside = innermost(f)
    const start = f.localArray('i32', 3)
    const at = f.localArray('i32', 3)
    const left = f.local('i32')
    const count = f.local('i32')
    const table = f.local('i32')
    const step = f.let(word('step'))
    const rows = f.let(word('rows'))
    const stride = [0, 1, 2].map((k) => f.let(word('inner', k)))
    // the table at the index that stands at the current position
    const locate = (): void => f.set(table, i32.add(at[2], i32.mul(i32.load(at[1]), step)))
    f.while(i32.ltU(from, to), () => {
      for (const k of [0, 1, 2]) f.set(start[k], i32.add(word('start', k), i32.mul(from, word('outer', k))))
      f.set(left, word('middleSize'))
      f.while(left, () => {
        for (const k of [0, 1, 2]) f.set(at[k], start[k])
        f.set(count, word('innerSize'))
        f.if(
          rows,
          () => {
            locate()
            inside.row(at[0], table, count)
          },
          () => {
            f.while(count, () => {
              locate()
              inside.element(at[0], table)
              for (const k of [0, 1, 2]) f.add(at[k], stride[k])
              f.add(count, -1)
            })
          },
        )
        for (const k of [0, 1, 2]) f.add(start[k], word('middle', k))
        f.add(left, -1)
      })
      f.add(from, 1)
    })
  })
  return module.bytes()
}

const loads = { 1: v128.load8Splat, 2: v128.load16Splat, 4: v128.load32Splat, 8: v128.load64Splat } as const
const stores = { 1: v128.store8Lane, 2: v128.store16Lane, 4: v128.store32Lane, 8: v128.store64Lane } as const

/** Rows up to so many bytes are copied by vectors: a call for each row keeps the processor from reading several at once. */
const shortRow = 512

/** Moves elements as they are: from the table for gather, to the table for scatter. */
export function moveModule(
  bytes: 1 | 2 | 4 | 8,
  to: 'data' | 'table',
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  return indexingModule(shared, (f) => ({
    row(data, table, count) {
      const [target, source] = to === 'data' ? [data, table] : [table, data]
      const left = f.let(i32.mul(count, bytes))
      const whole = (): void => f.do(memory.copy(target, source, left))
      // a scatter may write into what it reads
      if (to === 'table') return whole()
      f.if(i32.gtU(left, shortRow), whole, () => {
        f.while(i32.geU(left, vectorBytes), () => {
          f.do(v128.store(target, v128.load(source)))
          for (const at of [target, source]) f.add(at, vectorBytes)
          f.add(left, -vectorBytes)
        })
        f.while(left, () => {
          f.do(stores[bytes](target, loads[bytes](source), 0))
          for (const at of [target, source]) f.add(at, bytes)
          f.add(left, -bytes)
        })
      })
    },
    element(data, table) {
      const [target, source] = to === 'data' ? [data, table] : [table, data]
      f.do(stores[bytes](target, loads[bytes](source), 0))
    },
  }))
}

/** Merges elements into the table, one after the other. */
export function mergeModule(dtype: ElementType, merge: Merge, shared: boolean): Uint8Array<ArrayBuffer> {
  return indexingModule(shared, (f) => {
    const elements = elementsOf(dtype, f)
    const { lanes } = arithmeticOf(computeTypeOf(dtype), false)
    const combine = combiner(f, computeTypeOf(dtype), merge)
    const one = (data: I32, table: I32): void =>
      f.do(elements.storeFirst(table, combine(elements.splat(table), elements.splat(data))))
    return {
      row(data, table, count) {
        f.while(i32.geU(count, lanes), () => {
          f.do(elements.store(table, combine(elements.load(table), elements.load(data))))
          bump(f, elements, lanes, data, table)
          f.add(count, -lanes)
        })
        f.while(count, () => {
          one(data, table)
          bump(f, elements, 1, data, table)
          f.add(count, -1)
        })
      },
      element: one,
    }
  })
}

function bump(f: Func, { bytes }: Elements, count: number, ...addresses: I32[]): void {
  for (const address of addresses) f.add(address, bytes * count)
}

function combiner(f: Func, type: ComputeType, merge: Merge): (old: Vector, x: Vector) => Vector {
  if (merge === 'or') return v128.or
  if (merge === 'and') return v128.and
  const x = { f32: f32x4, f64: f64x2, i32: i32x4, i64: i64x2 }[type]
  if (merge === 'sum') return x.add
  if (merge === 'prod') return x.mul
  if (type === 'f32' || type === 'f64') return (type === 'f32' ? f32x4 : f64x2)[merge]
  if (type === 'i32') return merge === 'max' ? i32x4.maxS : i32x4.minS
  const [a, b] = f.localArray('v128', 2)
  const wins = merge === 'max' ? i64x2.gtS : i64x2.ltS
  return (old, value) => {
    f.set(a, old)
    f.set(b, value)
    return v128.bitselect(b, a, wins(b, a))
  }
}
