import { argumentBlock, type NameOf } from '../../argument-block.ts'

/**
 * The words of a convolution. Strides and pitches are in bytes; tables lie behind the words and count from the
 * descriptor; places in the workspace count from the thread's own part.
 */
export const convBlock = argumentBlock([
  // the copied operand: x for the output and the weight, the gradient of the output for the gradient of x
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
  // the written operand; for the gradient of the weight, the one read beside the source
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
  // memory: the part that all threads share, and each thread's own
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

/** One word of a descriptor. */
export type Field = NameOf<typeof convBlock>

/** Outputs that share their taps. `table` has the offset of each step of k in the copy, `weightTable` in the weight. */
export const partBlock = argumentBlock([
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

/** A phase of an axis: positions `first` to `last` hold the elements at `offset`, `offset + step`, … of the source. */
export const phaseBlock = argumentBlock(['first', 'last', 'offset', 'step'])
