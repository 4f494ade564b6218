import type { Value } from '../assembler/index.ts'
import { wordLayout } from '../descriptor.ts'

/** The words of a product. Strides and steps are in bytes; places in the workspace count from the thread's own part. */
export const layout = wordLayout([
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
export type Field = (typeof layout.names)[number]

/** Words before the batch axes. */
export const headerWords = layout.names.length

/** Words of one batch axis: its size and the steps of a, b and c. */
export const axisWords = 4

/** Reads a word of the descriptor at an address. */
export const field = (descriptor: Value<'i32'>, name: Field): Value<'i32'> => layout.read(descriptor, name)

/** Which loops a product runs through. */
export type Path = 'packed' | 'direct' | 'dot' | 'axpy'
