import type { Value } from '../../assembler/index.ts'
import { argumentBlock, type NameOf } from '../../argument-block.ts'

/** The words of a product. Strides and steps are in bytes; places in the workspace count from the thread's own part. */
export const productBlock = argumentBlock([
  'm',
  'n',
  'k',
  'kBlock',
  'accumulate',
  'blockRows',
  'blockColumns',
  'rowBlocks',
  'columnBlocks',
  'a',
  'aRow',
  'aColumn',
  'b',
  'bRow',
  'bColumn',
  'c',
  'cRow',
  'cColumn',
  'bias',
  'biasStep',
  'workspace',
  'workspaceBytes',
  'panelA',
  'panelB',
  'sums',
  'batchRank',
])

/** One word of a descriptor. */
export type Field = NameOf<typeof productBlock>

const axisWords = ['size', 'a', 'b', 'c'] as const

/** Bytes of the words of one batch axis. */
export const axisBytes = 4 * axisWords.length

/** Words of batch axis `n`, counted from 1, at `descriptor + n * axisBytes`: its size and the steps of a, b and c. */
export const axisBlock = argumentBlock(axisWords, productBlock.words - axisWords.length)

/** Reads a word of the descriptor at an address. */
export const field = (descriptor: Value<'i32'>, name: Field): Value<'i32'> =>
  productBlock.read(descriptor, name)

/** Which loops a product runs through. */
export type Path = 'packed' | 'direct' | 'dot' | 'axpy'
