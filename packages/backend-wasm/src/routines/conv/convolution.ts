import type { Arithmetic, ElementType } from '../../elements/index.ts'
import type { PaddedCopy, Part, Triple } from './padded-copy-plan.ts'

/** Which operand of a convolution is computed from the two others: the output, or the gradient of x or the weight. */
export type Pass = 'forward' | 'input' | 'weight'

/** A convolution over one to three axes. */
export interface Convolution {
  /** Size of the batch. */
  images: number
  groups: number
  /** Channels of x and of the output, over all groups. */
  channels: number
  filters: number
  /** Sizes of x and of the kernel, one entry per axis. */
  input: readonly number[]
  kernel: readonly number[]
  stride: readonly number[]
  padding: readonly number[]
  dilation: readonly number[]
  /** Sizes of the output where they are not {@link outputSize}: a transposed convolution may leave out its last ones. */
  output?: readonly number[]
  /** Strides of x, `[n, c, ...d]`, in elements. */
  xStrides: readonly number[]
  /** Strides of the output or its gradient, `[n, o, ...e]`, in elements. */
  outputStrides: readonly number[]
}

/** One call per range of blocks of an export of the module. */
export interface Stage {
  name: 'packWeight' | 'correlate' | 'weightPartials' | 'sumPartials'
  blocks: number
}

/** A convolution that is ready to run, as often as its operands have these strides. */
export interface ConvPlan {
  /** In this order; all blocks of one are done before the next begins. */
  readonly stages: readonly Stage[]
  /** Memory that all threads use, and the workspace of all threads together; 64-byte alignment is best. */
  readonly sharedBytes: number
  readonly workspaceBytes: number
  /** The descriptor without its addresses. */
  readonly words: Int32Array
  readonly pass: Pass
}

/** The common beginning of the plans of all passes. */
export interface ConvGeometry {
  convolution: Convolution
  dtype: ElementType
  x: Arithmetic
  taps: number
  copy: PaddedCopy
  parts: readonly Part[]
  threads: number
}

/** Strides of the last one to three axes as those of z, y and x; 0 along axes that are not there. */
export function spatialStrides(strides: readonly number[]): Triple<number> {
  const own = strides.slice(2)
  return [own.at(-3) ?? 0, own.at(-2) ?? 0, own.at(-1) ?? 0]
}
