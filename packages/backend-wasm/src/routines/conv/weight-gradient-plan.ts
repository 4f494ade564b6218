import { elementBytes } from '../../elements/index.ts'
import { anyTileRows, tileRowBytes } from '../gemm/micro-kernel.ts'
import { describeCopy, placesFor } from './descriptor-builder.ts'
import { partBlock } from './descriptor.ts'
import { spatialStrides } from './convolution.ts'
import type { ConvGeometry, ConvPlan } from './convolution.ts'

// positions whose products are added up in registers
const chunkPositions = 256
// columns of x that are packed at once, and the fewest that a thread is given
const columnsPacked = 512
const leastColumns = 64
// images are split by the shape alone: into at most this many sums, of this many bytes together
const mostSplits = 8
const partialBytes = 1 << 24
const blocksPerThread = 3

/** Plans the gradient of the weight: that of the output times the transpose of x, summed over images and positions. */
export function planWeightGradient(geometry: ConvGeometry): ConvPlan {
  const { convolution, copy, parts, x, taps, threads } = geometry
  const { images, groups, xStrides, outputStrides } = convolution
  const bytes = elementBytes(geometry.dtype)
  const channels = convolution.channels / groups
  const rows = convolution.filters / groups
  const [part] = parts
  const sums = cutSums(geometry, channels, rows)
  const { splits, splitBytes, channelBlock, columnBlocks, sumsRow } = sums
  const columns = columnOffsets(geometry, channelBlock)
  const { chunkRows, chunkColumns } = chunkOf(part.axes[2].count)
  const chunkBytes = chunkRows * chunkColumns * x.laneBytes
  const copyBytes = channelBlock * copy.phaseCount * copy.phaseSize * x.laneBytes
  const [targetZ, targetY, targetX] = spatialStrides(outputStrides).map((stride) => stride * bytes)

  const operands = { source: xStrides, target: outputStrides, sourceChannels: channels, rows }
  const builder = describeCopy(geometry, operands)
  const places = placesFor({
    // the rest of a row is read as a whole vector
    copy: copyBytes + tileRowBytes,
    panelA: Math.ceil(rows / anyTileRows) * anyTileRows * chunkBytes,
    panelB: columns.length * chunkBytes,
  })
  const [countZ, countY, countX] = part.axes.map(({ count }) => count)
  builder.set({
    ...places,
    ...sums,
    targetZ,
    targetY,
    targetX,
    splitImages: Math.ceil(images / splits),
    taps,
    columnTable: builder.append(columns),
    chunkRows,
    chunkColumns,
    sharedGroup: rows * sumsRow,
    weightGroup: rows * channels * taps * bytes,
    weightRow: channels * taps * bytes,
    parts: 1,
    partTable: builder.append(partBlock.list({ countZ, countY, countX })),
  })
  const isEmpty = rows === 0 || channels === 0
  return {
    pass: 'weight',
    stages: [
      { name: 'weightPartials', blocks: isEmpty ? 0 : groups * splits * columnBlocks },
      { name: 'sumPartials', blocks: isEmpty ? 0 : groups * rows },
    ],
    sharedBytes: splits * splitBytes,
    workspaceBytes: threads * places.workspaceBytes,
    words: builder.finish(),
  }
}

/** How many sums of images there are, and how the columns of each are cut into blocks. */
function cutSums({ convolution, x, taps, threads }: ConvGeometry, channels: number, rows: number) {
  const { images, groups } = convolution
  const sumBytes = groups * rows * channels * taps * x.laneBytes
  const splits = Math.max(1, Math.min(images, mostSplits, Math.floor(partialBytes / Math.max(1, sumBytes))))
  const minBlocks = Math.ceil((threads * blocksPerThread) / (groups * splits))
  const channelBlock = channelsOfBlock(channels, taps, minBlocks)
  const columnBlocks = Math.ceil(channels / channelBlock)
  const width = tileRowBytes / x.laneBytes
  const blockBytes = Math.ceil((channelBlock * taps) / width) * tileRowBytes
  const sumsRow = columnBlocks * blockBytes
  return { splits, splitBytes: groups * rows * sumsRow, channelBlock, columnBlocks, blockBytes, sumsRow }
}

/** Where the columns of a block of channels begin in the copy. */
function columnOffsets({ copy, parts, x }: ConvGeometry, channelBlock: number): number[] {
  const columns: number[] = []
  for (let channel = 0; channel < channelBlock; channel++) {
    for (const { offset } of parts[0].taps) {
      columns.push((channel * copy.phaseCount * copy.phaseSize + offset) * x.laneBytes)
    }
  }
  // columns beyond the last fill up its tile; their sums are not read
  while (columns.length % (tileRowBytes / x.laneBytes) > 0) columns.push(0)
  return columns
}

/** Positions whose products are added up at a time, of rows of a length. */
function chunkOf(rowLength: number): { chunkRows: number; chunkColumns: number } {
  const pieces = Math.max(1, Math.ceil(rowLength / chunkPositions))
  const chunkColumns = Math.max(1, Math.ceil(rowLength / pieces))
  return { chunkColumns, chunkRows: Math.max(1, Math.floor(chunkPositions / chunkColumns)) }
}

// as many channels as are packed at once, fewer if there would be less than `minBlocks` blocks
function channelsOfBlock(channels: number, taps: number, minBlocks: number): number {
  const most = Math.max(1, Math.floor(columnsPacked / taps))
  const least = Math.ceil(leastColumns / taps)
  const shared = Math.max(least, Math.ceil(channels / minBlocks))
  return Math.max(1, Math.min(channels, most, shared))
}
