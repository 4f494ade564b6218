import { wordLayout } from '../descriptor.ts'

/**
 * The words of a convolution. Strides and pitches are in bytes; tables lie behind the words and count from the
 * descriptor; places in the workspace count from the thread's own part.
 */
export const layout = wordLayout([
  // what is copied: x for the output and the weight, the gradient of the output for that of x
  'source',
  'sourceImage',
  'sourceChannel',
  'images',
  'groups',
  'channels',
  'slabAxis',
  'slabSize',
  'slabs',
  'slabStart',
  'slabExtent',
  'pitchX',
  'pitchY',
  'phaseBytes',
  'phaseCount',
  'phasesZ',
  'phasesY',
  'phasesX',
  'phaseTable',
  // what is written, or for the gradient of the weight read beside the source
  'target',
  'targetImage',
  'targetChannel',
  'rows',
  'weight',
  'weightGroup',
  'weightRow',
  'bias',
  'parts',
  'partTable',
  // the gradient of the weight
  'targetZ',
  'targetY',
  'targetX',
  'splits',
  'splitImages',
  'splitBytes',
  'taps',
  'columnTable',
  'channelBlock',
  'columnBlocks',
  'blockBytes',
  'chunkRows',
  'chunkColumns',
  // memory: what all threads share, and each thread's own
  'shared',
  'sharedGroup',
  'workspace',
  'workspaceBytes',
  'copy',
  'sums',
  'sumsRow',
  'panelA',
  'panelB',
])

/** Outputs that share their taps. `table` has the offset of each step of k in the copy, `weightTable` in the weight. */
export const partLayout = wordLayout([
  'k',
  'kBlock',
  'table',
  'weightTable',
  'packed',
  'start',
  'countZ',
  'countY',
  'countX',
  'out',
  'outZ',
  'outY',
  'outX',
])

/** Bytes of the words of one part. */
export const partBytes = 4 * partLayout.names.length

/** A phase of an axis: positions `first` to `last` hold the elements at `offset`, `offset + step`, … of the source. */
export const phaseLayout = wordLayout(['first', 'last', 'offset', 'step'])

/** Bytes of the words of one phase. */
export const phaseBytes = 4 * phaseLayout.names.length
