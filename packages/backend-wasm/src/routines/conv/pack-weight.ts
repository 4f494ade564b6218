import { i32, minU } from '../../assembler/index.ts'
import type { FuncRef, ModuleBuilder } from '../../assembler/index.ts'
import { elementsOf, zero } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'
import { anyTileRows, panelRowsOf } from '../gemm/micro-kernel.ts'
import { convBlock, partBlock } from './descriptor.ts'

/** The parameters of every stage: a descriptor and a range of blocks. */
export const stageParams = { descriptor: 'i32', from: 'i32', to: 'i32' } as const

/**
 * The stage that packs the weight for all parts: a block is `anyTileRows` rows of one group, whole panels whatever the
 * tile. Rows are the channels that are written.
 */
export function emitPackWeight(
  module: ModuleBuilder,
  x: Arithmetic,
  dtype: ElementType,
  tileRows: number,
): void {
  const panelRows = panelRowsOf(tileRows)
  const pack = emitPackPanel(module, x, dtype, panelRows)
  module.func({ name: 'packWeight', params: stageParams }, (f, { descriptor, from, to }) => {
    const rows = f.let(convBlock.read(descriptor, 'rows'))
    const blocks = f.let(i32.divU(i32.add(rows, anyTileRows - 1), anyTileRows))
    const weightRow = f.let(convBlock.read(descriptor, 'weightRow'))
    const [group, row, lastRow, count, source, target, part, end] = f.localArray('i32', 8)
    f.for(from, from, to, 1, () => {
      f.set(group, i32.divU(from, blocks))
      f.set(
        target,
        i32.add(
          convBlock.read(descriptor, 'shared'),
          i32.mul(group, convBlock.read(descriptor, 'sharedGroup')),
        ),
      )
      f.set(row, i32.mul(i32.remU(from, blocks), anyTileRows))
      f.set(lastRow, minU(rows, i32.add(row, anyTileRows)))
      f.while(i32.ltU(row, lastRow), () => {
        f.set(count, minU(i32.sub(lastRow, row), i32.const(panelRows)))
        f.set(
          source,
          i32.add(
            convBlock.read(descriptor, 'weight'),
            i32.mul(group, convBlock.read(descriptor, 'weightGroup')),
          ),
        )
        f.add(source, i32.mul(row, weightRow))
        f.set(part, i32.add(descriptor, convBlock.read(descriptor, 'partTable')))
        f.set(end, i32.add(part, i32.mul(convBlock.read(descriptor, 'parts'), partBlock.bytes)))
        f.while(i32.ltU(part, end), () => {
          const k = f.let(partBlock.read(part, 'k'))
          const place = i32.add(partBlock.read(part, 'packed'), i32.mul(i32.mul(row, k), x.laneBytes))
          const table = i32.add(descriptor, partBlock.read(part, 'weightTable'))
          f.do(pack.call({ to: i32.add(target, place), from: source, k, table, weightRow, count }))
          f.add(part, partBlock.bytes)
        })
        f.add(row, panelRows)
      })
    })
  })
}

const panelParams = {
  to: 'i32',
  from: 'i32',
  k: 'i32',
  table: 'i32',
  weightRow: 'i32',
  count: 'i32',
} as const
type PackPanel = FuncRef<typeof panelParams, 'void'>

function emitPackPanel(
  module: ModuleBuilder,
  x: Arithmetic,
  dtype: ElementType,
  panelRows: number,
): PackPanel {
  return module.func({ params: panelParams }, (f, { to, from, k, table, weightRow, count }) => {
    const elements = elementsOf(dtype, f)
    const at = f.local('i32')
    const i = f.local('i32')
    f.while(k, () => {
      f.set(at, i32.add(from, i32.load(table)))
      f.for(i, 0, panelRows, 1, () => {
        f.if(
          i32.ltU(i, count),
          () => f.do(x.storeFirst(to, elements.splat(at))),
          () => f.do(x.storeFirst(to, zero)),
        )
        f.add(at, weightRow)
        f.add(to, x.laneBytes)
      })
      f.add(table, 4)
      f.add(k, -1)
    })
  })
}
