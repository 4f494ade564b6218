import { i32, minU, select } from '../../assembler/index.ts'
import type { Func, Local, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementBytes } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'
import { panelRowsOf } from '../gemm/micro-kernel.ts'
import { rowsPacked } from '../gemm/packed.ts'
import type { NameOf } from '../../argument-block.ts'
import { convBlock, partBlock, type Field } from './descriptor.ts'
import { emitPackWeight, stageParams } from './pack-weight.ts'
import { emitCopySource } from './padded-copy.ts'
import { emitTableTiles } from './table-kernel.ts'
import { emitWriteOut } from './write-out.ts'

/**
 * The stages of the output and of the gradient of x. A block of `correlate` is one slab of one group of one image: it
 * is copied with its padding, and each part is the product of the packed weight and that copy, whose rows are found
 * through a table instead of being packed.
 */
export function emitCorrelate(
  module: ModuleBuilder,
  thread: Value<'i32'>,
  x: Arithmetic,
  dtype: ElementType,
  tileRows: number,
): void {
  emitPackWeight(module, x, dtype, tileRows)
  const copySource = emitCopySource(module, x, dtype)
  const part = emitPart(module, x, dtype, tileRows)
  module.func({ name: 'correlate', params: stageParams }, (f, { descriptor, from, to }) => {
    const read = (name: Field): Value<'i32'> => convBlock.read(descriptor, name)
    const base = f.let(i32.add(read('workspace'), i32.mul(thread, read('workspaceBytes'))))
    const copy = f.let(i32.add(base, read('copy')))
    const slabs = f.let(read('slabs'))
    const groups = f.let(read('groups'))
    const [slab, group, image, source, target, packed, bias, at, end] = f.localArray('i32', 9)
    f.for(from, from, to, 1, () => {
      f.set(slab, i32.remU(from, slabs))
      f.set(group, i32.remU(i32.divU(from, slabs), groups))
      f.set(image, i32.divU(from, i32.mul(slabs, groups)))
      f.set(source, i32.add(read('source'), i32.mul(image, read('sourceImage'))))
      f.add(source, i32.mul(i32.mul(group, read('channels')), read('sourceChannel')))
      f.set(target, i32.add(read('target'), i32.mul(image, read('targetImage'))))
      f.add(target, i32.mul(i32.mul(group, read('rows')), read('targetChannel')))
      f.set(packed, i32.add(read('shared'), i32.mul(group, read('sharedGroup'))))
      f.set(bias, read('bias'))
      f.if(bias, () => f.add(bias, i32.mul(i32.mul(group, read('rows')), elementBytes(dtype))))
      f.do(copySource.call({ descriptor, from: source, to: copy, channels: read('channels'), slab }))
      f.set(at, i32.add(descriptor, read('partTable')))
      f.set(end, i32.add(at, i32.mul(read('parts'), partBlock.bytes)))
      f.while(i32.ltU(at, end), () => {
        f.do(part.call({ descriptor, part: at, base, slab, packed, bias, target }))
        f.add(at, partBlock.bytes)
      })
    })
  })
}

const partParams = {
  descriptor: 'i32',
  part: 'i32',
  base: 'i32',
  slab: 'i32',
  packed: 'i32',
  bias: 'i32',
  target: 'i32',
} as const

// one part of a slab: all channels that are written, a block of them at a time
function emitPart(module: ModuleBuilder, x: Arithmetic, dtype: ElementType, tileRows: number) {
  const panelRows = panelRowsOf(tileRows)
  const tiles = emitTableTiles(module, x, tileRows)
  const writeOut = emitWriteOut(module, x, dtype)
  return module.func({ params: partParams }, (f, { descriptor, part, base, slab, packed, bias, target }) => {
    const read = (name: Field): Local<'i32'> => f.let(convBlock.read(descriptor, name))
    const own = (name: NameOf<typeof partBlock>): Local<'i32'> => f.let(partBlock.read(part, name))
    const [pitchX, pitchY] = [read('pitchX'), read('pitchY')]
    const counts = [own('countZ'), own('countY'), own('countX')]
    const steps = [own('outZ'), own('outY'), own('outX')]
    const to = f.let(i32.add(target, own('out')))
    enterSlab(f, descriptor, slab, { counts, steps, to })
    const [countZ, countY, countX] = counts
    const [stepZ, stepY, stepX] = steps
    const lastRow = i32.add(i32.mul(i32.sub(countZ, 1), pitchY), i32.mul(i32.sub(countY, 1), pitchX))
    const positions = f.let(i32.add(i32.divU(lastRow, x.laneBytes), countX))

    const [k, kBlock] = [own('k'), own('kBlock')]
    const panelBytes = f.let(i32.mul(k, panelRows * x.laneBytes))
    const table = f.let(i32.add(descriptor, own('table')))
    const from = f.let(i32.add(i32.add(base, convBlock.read(descriptor, 'copy')), own('start')))
    const sums = f.let(i32.add(base, convBlock.read(descriptor, 'sums')))
    const [sumsRow, channel, rows] = [read('sumsRow'), read('targetChannel'), read('rows')]
    const panels = f.let(i32.add(packed, own('packed')))
    const [now, step] = f.localArray('i32', 2)
    const addUp = (): void => {
      const rest = i32.sub(k, step)
      const kNow = select(i32.ltU(rest, kBlock), rest, kBlock)
      const a = i32.add(panels, i32.mul(step, panelRows * x.laneBytes))
      const own = { positions, panelBytes, b: from, c: sums, cRow: sumsRow }
      f.do(tiles.call({ rows: now, k: kNow, a, table: i32.add(table, i32.shl(step, 2)), load: step, ...own }))
      f.add(step, kBlock)
    }
    f.while(rows, () => {
      f.set(now, minU(rows, i32.const(rowsPacked)))
      f.set(step, 0)
      f.doWhile(addUp, i32.ltU(step, k))
      const places = { to, channel, stepZ, stepY, stepX, countZ, countY, countX }
      f.do(writeOut.call({ sums, sumsRow, pitchY, pitchX, rows: now, bias, ...places }))
      f.if(bias, () => f.add(bias, i32.mul(now, elementBytes(dtype))))
      f.add(panels, i32.mul(panelBytes, rowsPacked / panelRows))
      f.add(to, i32.mul(now, channel))
      f.set(rows, i32.sub(rows, now))
    })
  })
}

/** Counts of a part become those of one slab of it, and `to` the place of its first output; returns where there is none. */
function enterSlab(
  f: Func,
  descriptor: Value<'i32'>,
  slab: Value<'i32'>,
  part: { counts: readonly Local<'i32'>[]; steps: readonly Local<'i32'>[]; to: Local<'i32'> },
): void {
  const slabAxis = f.let(convBlock.read(descriptor, 'slabAxis'))
  const slabSize = f.let(convBlock.read(descriptor, 'slabSize'))
  const slabStart = f.let(i32.mul(slab, slabSize))
  part.counts.forEach((count, axis) => {
    f.if(i32.eq(slabAxis, axis), () => {
      f.set(count, i32.sub(count, slabStart))
      // the part may end before this slab does, or before it begins
      f.if(i32.leS(count, 0), () => f.return())
      f.set(count, minU(count, slabSize))
      f.add(part.to, i32.mul(slabStart, part.steps[axis]))
    })
  })
}
