import { i32, memory, minU, v128 } from '../../assembler/index.ts'
import type { Func, Local, ModuleBuilder, Value } from '../../assembler/index.ts'
import { elementsOf, vectorBytes } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'
import { emitTiles, panelRowsOf, tileRowBytes } from '../gemm/micro-kernel.ts'
import { emitMacroKernel, rowsPacked, type MacroKernel } from '../gemm/packed.ts'
import { emitPack, type Pack } from '../gemm/packing.ts'
import { convBlock, type Field } from './descriptor.ts'
import { emitPackColumns } from './pack-columns.ts'
import { stageParams } from './pack-weight.ts'
import { emitCopySource } from './padded-copy.ts'
import type { CopySource } from './padded-copy.ts'
import { slabOf, slabParams, type SlabSums } from './slab.ts'
import { emitSlabDots, mostDotRows } from './weight-dots.ts'

/**
 * The stages of the gradient of the weight: the gradient of the output, a row per channel, times the transpose of x, a
 * column per tap of each channel; k runs over the positions of all images. It is split by images, so that the sums do
 * not depend on the threads: a block of `weightPartials` is one block of columns for one split of one group, and
 * `sumPartials` adds the splits up, a block per row.
 */
export function emitWeightGradient(
  module: ModuleBuilder,
  thread: Value<'i32'>,
  x: Arithmetic,
  dtype: ElementType,
  tileRows: number,
): void {
  const slabSums = emitSlabSums(module, x, dtype, tileRows)
  const slabDots = emitSlabDots(module, x, dtype)
  const copySource = emitCopySource(module, x, dtype)
  emitPartials(module, thread, copySource, slabSums, slabDots)
  emitSumPartials(module, x, dtype)
}

function emitPartials(
  module: ModuleBuilder,
  thread: Value<'i32'>,
  copySource: CopySource,
  slabSums: SlabSums,
  slabDots: SlabSums,
): void {
  module.func({ name: 'weightPartials', params: stageParams }, (f, { descriptor, from, to }) => {
    const read = (name: Field): Value<'i32'> => convBlock.read(descriptor, name)
    const base = f.let(i32.add(read('workspace'), i32.mul(thread, read('workspaceBytes'))))
    const [columnBlock, split, group, channel, channels, sums, image, end, source, target] = f.localArray(
      'i32',
      10,
    )
    const [slab, row] = f.localArray('i32', 2)
    f.for(from, from, to, 1, () => {
      f.set(columnBlock, i32.remU(from, read('columnBlocks')))
      f.set(split, i32.remU(i32.divU(from, read('columnBlocks')), read('splits')))
      f.set(group, i32.divU(from, i32.mul(read('columnBlocks'), read('splits'))))
      f.set(channel, i32.mul(columnBlock, read('channelBlock')))
      f.set(channels, minU(i32.sub(read('channels'), channel), read('channelBlock')))
      f.set(sums, i32.add(read('shared'), i32.mul(split, read('splitBytes'))))
      f.add(sums, i32.mul(group, read('sharedGroup')))
      f.add(sums, i32.mul(columnBlock, read('blockBytes')))
      f.for(row, 0, read('rows'), 1, () => {
        f.do(memory.fill(i32.add(sums, i32.mul(row, read('sumsRow'))), 0, read('blockBytes')))
      })
      f.set(image, i32.mul(split, read('splitImages')))
      f.set(end, minU(i32.add(image, read('splitImages')), read('images')))
      f.while(i32.ltU(image, end), () => {
        const channelOfImage = i32.add(i32.mul(group, read('channels')), channel)
        f.set(source, i32.add(read('source'), i32.mul(image, read('sourceImage'))))
        f.add(source, i32.mul(channelOfImage, read('sourceChannel')))
        f.set(target, i32.add(read('target'), i32.mul(image, read('targetImage'))))
        f.add(target, i32.mul(i32.mul(group, read('rows')), read('targetChannel')))
        f.for(slab, 0, read('slabs'), 1, () => {
          const copy = i32.add(base, read('copy'))
          f.do(copySource.call({ descriptor, from: source, to: copy, channels, slab }))
          const columns = i32.mul(channels, read('taps'))
          const operands = { descriptor, base, slab, target, columns, sums }
          f.if(
            i32.leU(read('rows'), mostDotRows),
            () => f.do(slabDots.call(operands)),
            () => f.do(slabSums.call(operands)),
          )
        })
        f.add(image, 1)
      })
    })
  })
}

// a chunk of positions at a time is packed and multiplied
function emitSlabSums(module: ModuleBuilder, x: Arithmetic, dtype: ElementType, tileRows: number): SlabSums {
  const panelRows = panelRowsOf(tileRows)
  const pack = emitPack(module, x, dtype, panelRows)
  const packColumns = emitPackColumns(module, x)
  const macro = emitMacroKernel(module, x, emitTiles(module, x, tileRows, 'packed'))
  const rowBytes = panelRows * x.laneBytes
  return module.func({ params: slabParams }, (f, { descriptor, base, slab, target, columns, sums }) => {
    const local = (name: Field) => f.let(convBlock.read(descriptor, name))
    const part = f.let(i32.add(descriptor, convBlock.read(descriptor, 'partTable')))
    const steps = [local('targetZ'), local('targetY'), local('targetX')]
    const { counts, start } = slabOf(f, descriptor, part, slab, steps)
    f.add(target, start)
    const [countZ, countY, countX] = counts
    const [stepZ, stepY, stepX] = steps
    const [pitchX, pitchY] = [local('pitchX'), local('pitchY')]
    const [chunkRows, chunkColumns] = [local('chunkRows'), local('chunkColumns')]
    const [across, cRow] = [local('targetChannel'), local('sumsRow')]
    const table = f.let(i32.add(descriptor, convBlock.read(descriptor, 'columnTable')))
    const panelA = f.let(i32.add(base, convBlock.read(descriptor, 'panelA')))
    const panelB = f.let(i32.add(base, convBlock.read(descriptor, 'panelB')))
    const copy = f.let(i32.add(base, convBlock.read(descriptor, 'copy')))
    const [z, y, column, height, length, k, from, source, i] = f.localArray('i32', 9)
    f.for(z, 0, countZ, 1, () => {
      f.for(y, 0, countY, chunkRows, () => {
        f.for(column, 0, countX, chunkColumns, () => {
          f.set(height, minU(i32.sub(countY, y), chunkRows))
          f.set(length, minU(i32.sub(countX, column), chunkColumns))
          f.set(k, i32.mul(height, length))
          const inPlane = i32.add(i32.mul(y, stepY), i32.mul(column, stepX))
          f.set(from, i32.add(target, i32.add(i32.mul(z, stepZ), inPlane)))
          const rows = { descriptor, panelA, from, across, stepX, stepY, height, length, k, i }
          packRows(f, pack, rowBytes, rows)
          const inCopy = i32.add(i32.mul(y, pitchX), i32.mul(column, x.laneBytes))
          f.set(source, i32.add(copy, i32.add(i32.mul(z, pitchY), inCopy)))
          const stretch = { from: source, rows: height, length, pitch: pitchX, table, columns }
          f.do(packColumns.call({ to: panelB, ...stretch, panelBytes: i32.mul(k, tileRowBytes) }))
          const product = { descriptor, base, columns, sums, cRow, panelA, panelB, k }
          multiply(f, macro, x, rowBytes, product)
        })
      })
    })
  })
}

type Locals<N extends string> = Readonly<Record<N, Local<'i32'>>>

/** Packs the gradient of the output at a chunk of positions: at once where its rows lie one behind the other. */
function packRows(
  f: Func,
  pack: Pack,
  rowBytes: number,
  p: Locals<
    'descriptor' | 'panelA' | 'from' | 'across' | 'stepX' | 'stepY' | 'height' | 'length' | 'k' | 'i'
  >,
): void {
  const { from, k, height, length, stepX, stepY, i } = p
  const shared = { across: p.across, along: stepX, count: convBlock.read(p.descriptor, 'rows') }
  const panelBytes = f.let(i32.mul(k, rowBytes))
  f.if(
    i32.eq(stepY, i32.mul(length, stepX)),
    () => f.do(pack.call({ to: p.panelA, from, k, panelBytes, ...shared })),
    () => {
      f.for(i, 0, height, 1, () => {
        const to = i32.add(p.panelA, i32.mul(i32.mul(i, length), rowBytes))
        f.do(pack.call({ to, from, k: length, panelBytes, ...shared }))
        f.add(from, stepY)
      })
    },
  )
}

/** Adds the product of packed rows and columns to the sums. */
function multiply(
  f: Func,
  macro: MacroKernel,
  x: Arithmetic,
  rowBytes: number,
  p: Locals<'descriptor' | 'base' | 'columns' | 'sums' | 'cRow' | 'panelA' | 'panelB' | 'k'>,
): void {
  const { k, cRow } = p
  const width = tileRowBytes / x.laneBytes
  const columns = i32.and(i32.add(p.columns, width - 1), -width)
  const left = f.let(convBlock.read(p.descriptor, 'rows'))
  const a = f.let(p.panelA)
  const c = f.let(p.sums)
  const rows = f.local('i32')
  f.while(left, () => {
    f.set(rows, minU(left, i32.const(rowsPacked)))
    const panels = { a, panelBytes: i32.mul(k, rowBytes), b: p.panelB, bTile: i32.mul(k, tileRowBytes) }
    const rest = { aStep: 0, bRow: 0, load: 1, bias: 0, scratch: p.base }
    f.do(macro.call({ rows, columns, k, c, cRow, ...panels, ...rest }))
    f.add(a, i32.mul(k, rowsPacked * x.laneBytes))
    f.add(c, i32.mul(rows, cRow))
    f.set(left, i32.sub(left, rows))
  })
}

function emitSumPartials(module: ModuleBuilder, x: Arithmetic, dtype: ElementType): void {
  module.func({ name: 'sumPartials', params: stageParams }, (f, { descriptor, from, to }) => {
    const elements = elementsOf(dtype, f)
    const read = (name: Field): Value<'i32'> => convBlock.read(descriptor, name)
    const [group, row, block, blocks, channels, left, source, target, sums, split] = f.localArray('i32', 10)
    const splitBytes = f.let(read('splitBytes'))
    const splits = f.let(read('splits'))
    const sum = f.local('v128')
    const addUp = (load: (address: Value<'i32'>) => Value<'v128'>): void => {
      f.set(sum, load(source))
      f.set(sums, source)
      f.for(split, 1, splits, 1, () => {
        f.add(sums, splitBytes)
        f.set(sum, x.add(sum, load(sums)))
      })
    }
    f.for(from, from, to, 1, () => {
      f.set(group, i32.divU(from, read('rows')))
      f.set(row, i32.remU(from, read('rows')))
      f.set(target, i32.add(read('weight'), i32.mul(group, read('weightGroup'))))
      f.add(target, i32.mul(row, read('weightRow')))
      f.set(blocks, i32.add(read('shared'), i32.mul(group, read('sharedGroup'))))
      f.add(blocks, i32.mul(row, read('sumsRow')))
      f.set(channels, read('channels'))
      f.for(block, 0, read('columnBlocks'), 1, () => {
        f.set(source, i32.add(blocks, i32.mul(block, read('blockBytes'))))
        f.set(left, i32.mul(minU(channels, read('channelBlock')), read('taps')))
        f.while(i32.geU(left, x.lanes), () => {
          addUp(v128.load)
          f.do(elements.store(target, sum))
          f.add(source, vectorBytes)
          f.add(target, x.lanes * elements.bytes)
          f.add(left, -x.lanes)
        })
        f.while(left, () => {
          addUp(x.splat)
          f.do(elements.storeFirst(target, sum))
          f.add(source, x.laneBytes)
          f.add(target, elements.bytes)
          f.add(left, -1)
        })
        f.set(channels, i32.sub(channels, read('channelBlock')))
      })
    })
  })
}
