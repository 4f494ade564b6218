import { wordsOf } from '../descriptor.ts'
import { elementBytes } from '../elements/index.ts'
import { anyTileRows, tileRowBytes } from '../gemm/micro-kernel.ts'
import { describeCopy, placesFor } from './descriptor-builder.ts'
import { partLayout } from './descriptor.ts'
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
  const [, , across] = part.axes

  const sumBytes = groups * rows * channels * taps * x.laneBytes
  const splits = Math.max(1, Math.min(images, mostSplits, Math.floor(partialBytes / Math.max(1, sumBytes))))
  const channelBlock = channelsOfBlock(
    channels,
    taps,
    Math.ceil((threads * blocksPerThread) / (groups * splits)),
  )
  const columnBlocks = Math.ceil(channels / channelBlock)
  const width = tileRowBytes / x.laneBytes
  const blockBytes = Math.ceil((channelBlock * taps) / width) * tileRowBytes
  const sumsRow = columnBlocks * blockBytes
  const splitBytes = groups * rows * sumsRow

  const columns: number[] = []
  for (let channel = 0; channel < channelBlock; channel++) {
    for (const { offset } of part.taps) {
      columns.push((channel * copy.phaseCount * copy.phaseSize + offset) * x.laneBytes)
    }
  }
  // columns beyond the last fill up its tile; their sums are not read
  while (columns.length % width > 0) columns.push(0)

  const pieces = Math.max(1, Math.ceil(across.count / chunkPositions))
  const chunkColumns = Math.max(1, Math.ceil(across.count / pieces))
  const chunkRows = Math.max(1, Math.floor(chunkPositions / chunkColumns))
  const chunkBytes = chunkRows * chunkColumns * x.laneBytes
  const copyBytes = channelBlock * copy.phaseCount * copy.phaseSize * x.laneBytes
  const strides = spatialStrides(outputStrides)

  const builder = describeCopy(geometry, {
    source: xStrides,
    target: outputStrides,
    sourceChannels: channels,
    rows,
  })
  const places = placesFor({
    // the rest of a row is read as a whole vector
    copy: copyBytes + tileRowBytes,
    panelA: Math.ceil(rows / anyTileRows) * anyTileRows * chunkBytes,
    panelB: columns.length * chunkBytes,
  })
  const [countZ, countY, countX] = part.axes.map(({ count }) => count)
  const partWords = wordsOf(partLayout, {
    k: 0,
    kBlock: 0,
    table: 0,
    weightTable: 0,
    packed: 0,
    start: 0,
    countZ,
    countY,
    countX,
    out: 0,
    outZ: 0,
    outY: 0,
    outX: 0,
  })
  builder.set({
    ...places,
    targetZ: strides[0] * bytes,
    targetY: strides[1] * bytes,
    targetX: strides[2] * bytes,
    splits,
    splitImages: Math.ceil(images / splits),
    splitBytes,
    taps,
    columnTable: builder.append(columns),
    channelBlock,
    columnBlocks,
    blockBytes,
    chunkRows,
    chunkColumns,
    sumsRow,
    sharedGroup: rows * sumsRow,
    weightGroup: rows * channels * taps * bytes,
    weightRow: channels * taps * bytes,
    parts: 1,
    partTable: builder.append(partWords),
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

// as many channels as are packed at once, fewer if there would be less than `minBlocks` blocks
function channelsOfBlock(channels: number, taps: number, minBlocks: number): number {
  const most = Math.max(1, Math.floor(columnsPacked / taps))
  const least = Math.ceil(leastColumns / taps)
  const shared = Math.max(least, Math.ceil(channels / minBlocks))
  return Math.max(1, Math.min(channels, most, shared))
}
