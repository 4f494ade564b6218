import { i32, i8x16, v128 } from '../../assembler/index.ts'
import type { Func, Local, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementsOf, vectorBytes } from '../../elements/index.ts'
import type { Arithmetic, Elements, ElementType } from '../../elements/index.ts'
import { convBlock, type Field } from './descriptor.ts'
import { slabOf, slabParams, type SlabSums } from './slab.ts'

/** Rows up to which a tile of a product would be mostly empty: those of depthwise convolutions. */
export const mostDotRows = 2

// columns of one pass over a slab; kernels of 3 in one to three axes are whole passes
const columnsOfPass = [9, 3, 1] as const

/** Adds what one slab of one image contributes, as dot products of a row with columns that nobody packs. */
export function emitSlabDots(module: ModuleBuilder, x: Arithmetic, dtype: ElementType): SlabSums {
  return module.func({ params: slabParams }, (f, { descriptor, base, slab, target, columns, sums }) => {
    const elements = elementsOf(dtype, f)
    const local = (name: Field) => f.let(convBlock.read(descriptor, name))
    const part = f.let(i32.add(descriptor, convBlock.read(descriptor, 'partTable')))
    const steps = [local('targetZ'), local('targetY'), local('targetX')]
    const { counts, start } = slabOf(f, descriptor, part, slab, steps)
    f.add(target, start)
    const [pitchX, pitchY, rows] = [local('pitchX'), local('pitchY'), local('rows')]
    const copy = f.let(i32.add(base, convBlock.read(descriptor, 'copy')))
    const offsets = f.localArray('i32', columnsOfPass[0])
    const sumsOfPass = f.localArray('v128', columnsOfPass[0])
    const [table, to, left] = f.localArray('i32', 3)
    const slabLoops = { counts, steps, pitchX, pitchY, target, copy }
    const eachElement = elementLoops(f, x, elements, slabLoops, (factor, copied, number) => {
      for (let k = 0; k < number; k++)
        f.set(sumsOfPass[k], x.multiplyAdd(factor, copied(offsets[k]), sumsOfPass[k]))
    })

    function dots(number: number): void {
      for (let k = 0; k < number; k++) {
        f.set(offsets[k], i32.load(table, 4 * k))
        f.set(sumsOfPass[k], v128.const(new Uint8Array(vectorBytes)))
      }
      eachElement(number)
      for (let k = 0; k < number; k++) {
        const sum = acrossLanes(f, x, sumsOfPass[k])
        f.do(x.storeFirst(to, x.add(x.splat(to, k * x.laneBytes), sum), k * x.laneBytes))
      }
      f.add(table, 4 * number)
      f.add(to, number * x.laneBytes)
      f.add(left, -number)
    }

    f.while(rows, () => {
      f.set(table, i32.add(descriptor, convBlock.read(descriptor, 'columnTable')))
      f.set(to, sums)
      f.set(left, columns)
      for (const number of columnsOfPass) f.while(i32.geU(left, number), () => dots(number))
      f.add(target, convBlock.read(descriptor, 'targetChannel'))
      f.add(sums, convBlock.read(descriptor, 'sumsRow'))
      f.add(rows, -1)
    })
  })
}

interface SlabLoops {
  readonly counts: readonly Local<'i32'>[]
  readonly steps: readonly Local<'i32'>[]
  readonly pitchX: Local<'i32'>
  readonly pitchY: Local<'i32'>
  readonly target: Local<'i32'>
  readonly copy: Local<'i32'>
}

/** Visits a slab's elements, as many at a time as a vector has lanes: `take` has them, and the copy's at an offset. */
function elementLoops(
  f: Func,
  x: Arithmetic,
  elements: Elements,
  { counts, steps, pitchX, pitchY, target, copy }: SlabLoops,
  take: (factor: Local<'v128'>, copied: (offset: Local<'i32'>) => Value<'v128'>, number: number) => void,
): (number: number) => void {
  const [countZ, countY, countX] = counts
  const [stepZ, stepY, stepX] = steps
  const [count, z, y, g, at] = f.localArray('i32', 5)
  const factor = f.local('v128')
  // of a single element the other lanes are 0 in both factors: infinity there would make NaN
  const firstLane = f.let(
    v128.const(Uint8Array.from({ length: vectorBytes }, (_, i) => (i < x.laneBytes ? 255 : 0))),
  )
  const loadFirst = x.laneBytes === 4 ? v128.load32Zero : v128.load64Zero
  const load = (element: Value<'v128'>, other: typeof v128.load, number: number): void => {
    f.set(factor, element)
    take(factor, (offset) => other(i32.add(at, offset)), number)
  }
  return (number) =>
    f.for(z, 0, countZ, 1, () => {
      f.for(y, 0, countY, 1, () => {
        f.set(g, i32.add(target, i32.add(i32.mul(z, stepZ), i32.mul(y, stepY))))
        f.set(at, i32.add(copy, i32.add(i32.mul(z, pitchY), i32.mul(y, pitchX))))
        f.set(count, countX)
        f.if(i32.eq(stepX, elements.bytes), () => {
          f.while(i32.geU(count, x.lanes), () => {
            load(elements.load(g), v128.load, number)
            f.add(g, x.lanes * elements.bytes)
            f.add(at, vectorBytes)
            f.add(count, -x.lanes)
          })
        })
        f.while(count, () => {
          load(v128.and(elements.splat(g), firstLane), loadFirst, number)
          f.add(g, stepX)
          f.add(at, x.laneBytes)
          f.add(count, -1)
        })
      })
    })
}

/** The sum of all lanes, in lane 0. */
function acrossLanes(f: Func, x: Arithmetic, sum: Local<'v128'>): Value<'v128'> {
  for (let bytes = vectorBytes / 2; bytes >= x.laneBytes; bytes /= 2) {
    const moved = Array.from({ length: vectorBytes }, (_, i) => (i + bytes) % vectorBytes)
    f.set(sum, x.add(sum, i8x16.shuffle(sum, sum, moved)))
  }
  return sum
}
