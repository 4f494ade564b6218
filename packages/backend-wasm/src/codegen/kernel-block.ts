import { argumentBlock, type ArgumentBlock } from '../argument-block.ts'
import type { Program } from '@gradus/core/backend'
import { unitAxesOf, type Demands, type Form } from './form.ts'

/**
 * Words of every argument block: units and how many a chunk has; the length of the axis that is split and of a segment of it;
 * the length of the vector axis; where checks write, one byte each.
 */
const header = ['units', 'unitsPerChunk', 'splitTotal', 'splitLength', 'lanes', 'flag'] as const

type Names = (typeof header)[number] | 'unitSizes' | 'innerSizes' | 'sizes' | 'operands'

/**
 * The argument block of a kernel. An operand is its address, then its strides along the axes of a unit, along the inner axes
 * and along the vector axis. The params are 64-bit floats behind the words.
 */
export interface KernelBlock extends ArgumentBlock<Names> {
  readonly unitAxes: number
  readonly innerAxes: number
  /** Words of one operand. */
  readonly operandWords: number
  /** Byte at which the params begin. */
  readonly params: number
  /** Bytes with the params. */
  readonly bytes: number
}

/** Lays out the argument block of a program with so many operands, positions included, in a form. */
export function kernelBlock(program: Program, demands: Demands, form: Form, operands: number): KernelBlock {
  const unitAxes = unitAxesOf(form)
  const { innerAxes } = form
  const operandWords = 1 + unitAxes + innerAxes + 1
  const block = argumentBlock<Names>([
    ...header,
    ['unitSizes', unitAxes],
    ['innerSizes', innerAxes],
    ['sizes', demands.sizes.length],
    ['operands', operands * operandWords],
  ])
  const params = Math.ceil(block.bytes / 8) * 8
  return { ...block, unitAxes, innerAxes, operandWords, params, bytes: params + 8 * program.params.length }
}

/** Position of the first word of an operand. */
export const operandAt = (block: KernelBlock, operand: number): number =>
  block.at.operands + operand * block.operandWords
