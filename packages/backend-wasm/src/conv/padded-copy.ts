import { i32, memory, select, v128 } from '../assembler/index.ts'
import type { FuncRef, Local, ModuleBuilder, Value } from '../assembler/index.ts'
import { elementsOf } from '../elements/index.ts'
import type { Arithmetic, ElementType } from '../elements/index.ts'
import { layout, phaseBytes, phaseLayout } from './descriptor.ts'
import { eachVector } from './each-vector.ts'

const copyParams = { descriptor: 'i32', from: 'i32', to: 'i32', channels: 'i32', slab: 'i32' } as const
/** Copies one slab of the channels that begin at `from`, with zeros around, widened to the type of the arithmetic. */
export type CopySource = FuncRef<typeof copyParams, 'void'>

// beyond any position
const unlimited = 0x7fffffff

export function emitCopySource(module: ModuleBuilder, x: Arithmetic, dtype: ElementType): CopySource {
  const copyRows = emitCopyRows(module, x, dtype)
  return module.func({ params: copyParams }, (f, { descriptor, from, to, channels, slab }) => {
    const read = (name: (typeof layout.names)[number]): Local<'i32'> => f.let(layout.read(descriptor, name))
    const phaseStep = read('phaseBytes')
    const pitchX = read('pitchX')
    const pitchY = read('pitchY')
    const slabAxis = read('slabAxis')
    const slabStart = f.let(
      i32.add(layout.read(descriptor, 'slabStart'), i32.mul(slab, layout.read(descriptor, 'slabSize'))),
    )
    const slabEnd = f.let(i32.sub(i32.add(slabStart, layout.read(descriptor, 'slabExtent')), 1))
    const channelBytes = f.let(i32.mul(phaseStep, layout.read(descriptor, 'phaseCount')))
    f.do(memory.fill(to, 0, i32.mul(channels, channelBytes)))

    const range = (axis: number): { from: Local<'i32'>; to: Local<'i32'> } => ({
      from: f.let(select(i32.eq(slabAxis, axis), slabStart, i32.const(0))),
      to: f.let(select(i32.eq(slabAxis, axis), slabEnd, i32.const(unlimited))),
    })
    const [rangeZ, rangeY, rangeX] = [range(0), range(1), range(2)]
    const [z, y] = [f.local('i32'), f.local('i32')]
    const [lastZ, rows] = f.localArray('i32', 2)
    const [phaseZ, phaseY, phaseX] = f.localArray('i32', 3)
    const [endZ, endY, endX] = f.localArray('i32', 3)
    const firstX = f.local('i32')
    const count = f.local('i32')
    const word = phaseLayout.read

    f.while(channels, () => {
      f.set(phaseZ, i32.add(descriptor, layout.read(descriptor, 'phaseTable')))
      f.set(endZ, i32.add(phaseZ, i32.mul(layout.read(descriptor, 'phasesZ'), phaseBytes)))
      f.while(i32.ltU(phaseZ, endZ), () => {
        f.set(phaseY, endZ)
        f.set(endY, i32.add(phaseY, i32.mul(layout.read(descriptor, 'phasesY'), phaseBytes)))
        f.while(i32.ltU(phaseY, endY), () => {
          f.set(phaseX, endY)
          f.set(endX, i32.add(phaseX, i32.mul(layout.read(descriptor, 'phasesX'), phaseBytes)))
          f.while(i32.ltU(phaseX, endX), () => {
            f.set(firstX, larger(word(phaseX, 'first'), rangeX.from))
            f.set(count, i32.add(i32.sub(smaller(word(phaseX, 'last'), rangeX.to), firstX), 1))
            f.if(i32.gtS(count, 0), () => copyPlanes())
            f.add(to, phaseStep)
            f.add(phaseX, phaseBytes)
          })
          f.add(phaseY, phaseBytes)
        })
        f.add(phaseZ, phaseBytes)
      })
      f.add(from, layout.read(descriptor, 'sourceChannel'))
      f.add(channels, -1)
    })

    function copyPlanes(): void {
      f.set(z, larger(word(phaseZ, 'first'), rangeZ.from))
      f.set(lastZ, smaller(word(phaseZ, 'last'), rangeZ.to))
      f.set(y, larger(word(phaseY, 'first'), rangeY.from))
      f.set(rows, i32.add(i32.sub(smaller(word(phaseY, 'last'), rangeY.to), y), 1))
      f.if(i32.leS(rows, 0), () => f.set(lastZ, -1))
      const inPlane = i32.add(
        i32.mul(i32.sub(y, rangeY.from), pitchX),
        i32.mul(i32.sub(firstX, rangeX.from), x.laneBytes),
      )
      f.while(i32.leS(z, lastZ), () => {
        const target = i32.add(i32.add(to, i32.mul(i32.sub(z, rangeZ.from), pitchY)), inPlane)
        const source = i32.add(from, i32.add(i32.add(at(phaseZ, z), at(phaseY, y)), at(phaseX, firstX)))
        const steps = { step: word(phaseX, 'step'), toRow: pitchX, fromRow: word(phaseY, 'step') }
        f.do(copyRows.call({ to: target, from: source, count, rows, ...steps }))
        f.add(z, 1)
      })
    }
  })
}

const at = (phase: Value<'i32'>, position: Value<'i32'>): Value<'i32'> =>
  i32.add(phaseLayout.read(phase, 'offset'), i32.mul(position, phaseLayout.read(phase, 'step')))

const larger = (x: Value<'i32'>, y: Value<'i32'>): Value<'i32'> => select(i32.gtS(x, y), x, y)
const smaller = (x: Value<'i32'>, y: Value<'i32'>): Value<'i32'> => select(i32.ltS(x, y), x, y)

const rowsParams = {
  to: 'i32',
  from: 'i32',
  count: 'i32',
  step: 'i32',
  rows: 'i32',
  toRow: 'i32',
  fromRow: 'i32',
} as const

function emitCopyRows(module: ModuleBuilder, x: Arithmetic, dtype: ElementType) {
  return module.func({ params: rowsParams }, (f, { to, from, count, step, rows, toRow, fromRow }) => {
    const elements = elementsOf(dtype, f)
    const [at, source, left] = f.localArray('i32', 3)
    f.while(rows, () => {
      f.set(at, to)
      f.set(source, from)
      f.set(left, count)
      f.if(i32.eq(step, elements.bytes), () => {
        eachVector(f, x, left, { at: [at, source], bytes: [x.laneBytes, elements.bytes] }, () => {
          f.do(v128.store(at, elements.load(source)))
        })
      })
      f.while(left, () => {
        f.do(x.storeFirst(at, elements.splat(source)))
        f.add(at, x.laneBytes)
        f.add(source, step)
        f.add(left, -1)
      })
      f.add(to, toRow)
      f.add(from, fromRow)
      f.add(rows, -1)
    })
  })
}
