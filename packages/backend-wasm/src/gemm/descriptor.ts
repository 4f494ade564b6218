import { i32 } from '../assembler/index.ts'
import type { Value } from '../assembler/index.ts'

// strides and steps are in bytes; offsets of the workspace count from the thread's own part of it
const fieldNames = [
  'path',
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
] as const

/** One 32-bit word of a descriptor. */
export type Field = (typeof fieldNames)[number]

/** Position of each field, in words. */
export const fieldIndex: Readonly<Record<Field, number>> = indexOf(fieldNames)

/** Words before the batch axes. */
export const headerWords = fieldNames.length

/** Words of one batch axis: its size and the steps of a, b and c. */
export const axisWords = 4

function indexOf<N extends string>(names: readonly N[]): Record<N, number> {
  // every name becomes a key
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<N, number>
}

/** Reads a field of the descriptor at an address. */
export function field(descriptor: Value<'i32'>, name: Field): Value<'i32'> {
  return i32.load(descriptor, 4 * fieldIndex[name])
}

/** Which loops a product runs through. */
export const paths = { packed: 0, direct: 1, dot: 2, axpy: 3 } as const
export type Path = keyof typeof paths
