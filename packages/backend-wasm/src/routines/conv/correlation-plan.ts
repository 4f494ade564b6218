import { elementBytes } from '../../elements/index.ts'
import { anyTileRows } from '../gemm/micro-kernel.ts'
import { rowsPacked } from '../gemm/packed.ts'
import { describeCopy, placesFor, type DescriptorBuilder } from './descriptor-builder.ts'
import { partBlock } from './descriptor.ts'
import { sumsRowMultiple } from './table-kernel.ts'
import { spatialStrides } from './convolution.ts'
import type { ConvGeometry, ConvPlan } from './convolution.ts'
import type { Triple } from './padded-copy-plan.ts'

// as in matrix products: a panel of each operand stays in the first-level cache
const kBlockTarget = 256

/** Plans the output, or the gradient of x: the packed weight times a padded copy of the other operand. */
export function planCorrelation(pass: 'forward' | 'input', geometry: ConvGeometry): ConvPlan {
  const { convolution, copy, parts, x, taps, threads } = geometry
  const { images, groups, xStrides, outputStrides } = convolution
  const bytes = elementBytes(geometry.dtype)
  const isForward = pass === 'forward'
  const channels = convolution.channels / groups
  const filters = convolution.filters / groups
  const [sourceChannels, rows] = isForward ? [channels, filters] : [filters, channels]
  const [source, target] = isForward ? [xStrides, outputStrides] : [outputStrides, xStrides]
  // elements of the weight from one channel that is read to the next, and from row to row
  const [weightChannel, weightRow] = isForward ? [taps, channels * taps] : [channels * taps, taps]
  const packedRows = Math.ceil(rows / anyTileRows) * anyTileRows

  const builder = describeCopy(geometry, { source, target, sourceChannels, rows })
  const weight = { channel: weightChannel, packedRows, sourceChannels }
  const { partTable, packed } = describeParts(builder, geometry, weight, spatialStrides(target))

  const copyBytes = sourceChannels * copy.phaseCount * copy.phaseSize * x.laneBytes
  const sumsRow = Math.ceil((copy.outputs * x.laneBytes) / sumsRowMultiple) * sumsRowMultiple
  // the last tile of a row reads up to its width beyond the copy
  const places = placesFor({ copy: copyBytes + sumsRowMultiple, sums: Math.min(rows, rowsPacked) * sumsRow })
  builder.set({
    ...places,
    sumsRow,
    weightGroup: filters * channels * taps * bytes,
    weightRow: weightRow * bytes,
    sharedGroup: packed,
    parts: parts.length,
    partTable,
  })
  const hasPositions = parts.some(({ axes }) => axes.every(({ count }) => count > 0))
  const isEmpty = images === 0 || rows === 0 || !hasPositions
  return {
    pass,
    stages: [
      { name: 'packWeight', blocks: isEmpty ? 0 : (groups * packedRows) / anyTileRows },
      { name: 'correlate', blocks: isEmpty ? 0 : images * groups * copy.slabs },
    ],
    sharedBytes: groups * packed,
    workspaceBytes: threads * places.workspaceBytes,
    words: builder.finish(),
  }
}

/** The words of all parts with their tables behind them, and the bytes of a group's packed weight. */
function describeParts(
  builder: DescriptorBuilder,
  { dtype, copy, parts, x }: ConvGeometry,
  weight: { channel: number; packedRows: number; sourceChannels: number },
  strides: Triple<number>,
): { partTable: number; packed: number } {
  const bytes = elementBytes(dtype)
  let packed = 0
  const words = parts.flatMap(({ axes: [z, y, across], taps, start }) => {
    const offsets: number[] = []
    const places: number[] = []
    for (let channel = 0; channel < weight.sourceChannels; channel++) {
      for (const { offset, tap } of taps) {
        offsets.push((channel * copy.phaseCount * copy.phaseSize + offset) * x.laneBytes)
        places.push((channel * weight.channel + tap) * bytes)
      }
    }
    const k = offsets.length
    const kBlocks = Math.max(1, Math.round(k / kBlockTarget))
    const out = z.outStart * strides[0] + y.outStart * strides[1] + across.outStart * strides[2]
    const before = packed
    packed += weight.packedRows * k * x.laneBytes
    return partBlock.list({
      k,
      kBlock: Math.max(1, Math.ceil(k / kBlocks)),
      table: builder.append(offsets),
      weightTable: builder.append(places),
      packed: before,
      start: start * x.laneBytes,
      countZ: z.count,
      countY: y.count,
      countX: across.count,
      out: out * bytes,
      outZ: z.outStep * strides[0] * bytes,
      outY: y.outStep * strides[1] * bytes,
      outX: across.outStep * strides[2] * bytes,
    })
  })
  return { partTable: builder.append(words), packed }
}
