import { i32, memory, select, v128 } from '../../assembler/index.ts'
import type { Func, FuncRef, Local, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementsOf } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'
import { convBlock, phaseBlock, type Field } from './descriptor.ts'
import { eachVector } from './each-vector.ts'

const copyParams = { descriptor: 'i32', from: 'i32', to: 'i32', channels: 'i32', slab: 'i32' } as const
/** Copies one slab of the channels that begin at `from`, with zeros around, widened to the type of the arithmetic. */
export type CopySource = FuncRef<typeof copyParams, 'void'>

// beyond any position
const unlimited = 0x7fffffff

export function emitCopySource(module: ModuleBuilder, x: Arithmetic, dtype: ElementType): CopySource {
  const copyRows = emitCopyRows(module, x, dtype)
  return module.func({ params: copyParams }, (f, { descriptor, from, to, channels, slab }) => {
    const read = (name: Field): Value<'i32'> => convBlock.read(descriptor, name)
    const phaseStep = f.let(read('phaseBytes'))
    const [pitchX, pitchY] = [f.let(read('pitchX')), f.let(read('pitchY'))]
    const ranges = rangesOf(f, descriptor, slab)
    const channelBytes = f.let(i32.mul(phaseStep, read('phaseCount')))
    f.do(memory.fill(to, 0, i32.mul(channels, channelBytes)))

    const [rangeZ, rangeY, rangeX] = ranges()
    const [z, y, lastZ, rows] = f.localArray('i32', 4)
    const [phaseZ, phaseY, phaseX] = f.localArray('i32', 3)
    const [endZ, endY, endX] = f.localArray('i32', 3)
    const [firstX, count] = f.localArray('i32', 2)
    const word = phaseBlock.read
    const copyPlanes = (): void => {
      f.set(z, larger(word(phaseZ, 'first'), rangeZ.from))
      f.set(lastZ, smaller(word(phaseZ, 'last'), rangeZ.to))
      f.set(y, larger(word(phaseY, 'first'), rangeY.from))
      f.set(rows, i32.add(i32.sub(smaller(word(phaseY, 'last'), rangeY.to), y), 1))
      f.if(i32.leS(rows, 0), () => f.set(lastZ, -1))
      const inRow = i32.mul(i32.sub(firstX, rangeX.from), x.laneBytes)
      const inPlane = i32.add(i32.mul(i32.sub(y, rangeY.from), pitchX), inRow)
      f.while(i32.leS(z, lastZ), () => {
        const target = i32.add(i32.add(to, i32.mul(i32.sub(z, rangeZ.from), pitchY)), inPlane)
        const source = i32.add(from, i32.add(i32.add(at(phaseZ, z), at(phaseY, y)), at(phaseX, firstX)))
        const steps = { step: word(phaseX, 'step'), toRow: pitchX, fromRow: word(phaseY, 'step') }
        f.do(copyRows.call({ to: target, from: source, count, rows, ...steps }))
        f.add(z, 1)
      })
    }

    f.while(channels, () => {
      eachPhase(f, phaseZ, endZ, i32.add(descriptor, read('phaseTable')), read('phasesZ'), () => {
        eachPhase(f, phaseY, endY, endZ, read('phasesY'), () => {
          eachPhase(f, phaseX, endX, endY, read('phasesX'), () => {
            f.set(firstX, larger(word(phaseX, 'first'), rangeX.from))
            f.set(count, i32.add(i32.sub(smaller(word(phaseX, 'last'), rangeX.to), firstX), 1))
            f.if(i32.gtS(count, 0), copyPlanes)
            f.add(to, phaseStep)
          })
        })
      })
      f.add(from, read('sourceChannel'))
      f.add(channels, -1)
    })
  })
}

interface Range {
  readonly from: Local<'i32'>
  readonly to: Local<'i32'>
}

/** The positions that a slab reads: all of them but along its axis. They are written when the result is called. */
function rangesOf(f: Func, descriptor: Value<'i32'>, slab: Value<'i32'>): () => Range[] {
  const read = (name: Field): Value<'i32'> => convBlock.read(descriptor, name)
  const slabAxis = f.let(read('slabAxis'))
  const start = f.let(i32.add(read('slabStart'), i32.mul(slab, read('slabSize'))))
  const end = f.let(i32.sub(i32.add(start, read('slabExtent')), 1))
  return () =>
    [0, 1, 2].map((axis) => ({
      from: f.let(select(i32.eq(slabAxis, axis), start, i32.const(0))),
      to: f.let(select(i32.eq(slabAxis, axis), end, i32.const(unlimited))),
    }))
}

/** Visits the phases of an axis, whose words begin at `first`; those of the next axis begin at `end`. */
function eachPhase(
  f: Func,
  phase: Local<'i32'>,
  end: Local<'i32'>,
  first: Value<'i32'>,
  count: Value<'i32'>,
  body: () => void,
): void {
  f.set(phase, first)
  f.set(end, i32.add(phase, i32.mul(count, phaseBlock.bytes)))
  f.while(i32.ltU(phase, end), () => {
    body()
    f.add(phase, phaseBlock.bytes)
  })
}

const at = (phase: Value<'i32'>, position: Value<'i32'>): Value<'i32'> =>
  i32.add(phaseBlock.read(phase, 'offset'), i32.mul(position, phaseBlock.read(phase, 'step')))

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
