import { defineOptions } from '../../base/options.ts'
import { flag, integers, nullable } from '../../base/kinds.ts'
import type { Window } from '../../backend/types.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** Windows of a pooling over the last axes. */
export interface Pool extends Window {
  kernel: readonly number[]
  /** Lengths of the result's spatial axes. */
  lengths: readonly number[]
}

/** Options of pooling; a number stands for all axes. */
export interface PoolOptions {
  /** Steps between windows; the kernel size by default. */
  stride?: number | Shape | null
  /** Positions added before and after each axis, at most half the kernel; 0 by default. */
  padding?: number | Shape
  /** Rounds the number of windows up: the last may stick out. */
  ceilMode?: boolean
}
/** The kinds of {@link PoolOptions}. */
export const poolOptions = /* @__PURE__ */ defineOptions<PoolOptions>({
  stride: /* @__PURE__ */ nullable(integers),
  padding: integers,
  ceilMode: flag,
})

/** Options of maximum pooling. */
export interface MaxPoolOptions extends PoolOptions {
  /** Steps between elements of a window; 1 by default. */
  dilation?: number | Shape
}
/** The kinds of {@link MaxPoolOptions}. */
export const maxPoolOptions = /* @__PURE__ */ defineOptions<MaxPoolOptions, PoolOptions>(
  { dilation: integers },
  poolOptions,
)

/** The pooling that is checked: PyTorch has a check for each kind. */
export interface PoolKind {
  of: 'max' | 'avg'
  rank: 1 | 2 | 3
  /** PyTorch runs maximum pooling over one axis with positions as pooling over two axes. */
  returnIndices: boolean
}

const nameOf = ({ of, rank }: PoolKind): string => `${of}_pool${rank}d`
const listed = (sizes: Shape): string => `[${sizes.join(', ')}]`
const words = { 2: 'two', 3: 'three' } as const

/**
 * Refuses a tensor that is not one example or a batch of them, for poolings over one axis.
 *
 * @throws ShapeError
 */
export function checkSignals(name: string, x: Tensor): void {
  if (x.ndim === 2 || x.ndim === 3) return
  throw new ShapeError(
    `Expected 2 to 3 dimensions, but got ${x.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`,
    { hint: 'x is [n, channels, length] or [channels, length]' },
  )
}

/** A list of one number, as poolings over one axis take it. */
export function checkSingle(name: string, what: string, { length }: { length: number }): void {
  if (length !== 1)
    throw new ValueError(`${name}() argument '${what}' should contain one int (got ${length})`)
}

function perAxis(kind: PoolKind, what: string, value: number | Shape): Shape {
  const { rank } = kind
  if (typeof value === 'number') return Array<number>(rank).fill(value)
  if (rank === 1) checkSingle(nameOf(kind), what, value)
  else if (value.length !== 1 && value.length !== rank) {
    const must = kind.of === 'avg' && rank === 3 ? 'must be' : 'must either be'
    const omitted = what === 'stride' ? 'omitted, ' : ''
    throw new ValueError(
      `${nameOf(kind)}: ${what} ${must} ${omitted}a single int, or a tuple of ${words[rank]} ints`,
    )
  }
  return value.length === 1 ? Array<number>(rank).fill(value[0]) : value
}

/** PyTorch's pooling_output_shape: with ceilMode the last window must begin inside of the input or its left padding. */
function windows(n: number, i: number, { kernel, stride, padding, dilation }: Sizes, ceil: boolean): number {
  const step = stride[i]
  const room = n + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1 + (ceil ? step - 1 : 0)
  const count = Math.floor(room / step) + 1
  return ceil && (count - 1) * step >= n + padding[i] ? count - 1 : count
}

type Sizes = Omit<Pool, 'lengths'>

// an empty list is none, as in PyTorch
const isGiven = (stride: PoolOptions['stride']): stride is number | Shape =>
  typeof stride === 'number' || (typeof stride === 'object' && stride !== null && stride.length > 0)

/**
 * The windows of a pooling over `x`.
 *
 * @throws ShapeError, ValueError with the messages of PyTorch's check for this pooling
 */
export function poolOf(kind: PoolKind, x: Tensor, kernelSize: number | Shape, options: MaxPoolOptions): Pool {
  const { of, rank, returnIndices } = kind
  const direct = of === 'max' && rank === 1 && !returnIndices
  if (rank === 1 && !direct) checkSignals(nameOf(kind), x)
  if (direct) checkVectors(x)
  const kernel = perAxis(kind, 'kernel_size', kernelSize)
  const sizes: Sizes = {
    kernel,
    stride: isGiven(options.stride) ? perAxis(kind, 'stride', options.stride) : kernel,
    padding: perAxis(kind, 'padding', options.padding ?? 0),
    dilation: perAxis(kind, 'dilation', options.dilation ?? 1),
  }
  if (direct) checkDirect(sizes)
  else checkSizes(kind, x, sizes)
  const lengths = kernel.map((_, i) => windows(x.shape.at(i - rank)!, i, sizes, options.ceilMode ?? false))
  if (lengths.some((n) => n < 1)) throw tooSmall(kind, direct, x, kernel, lengths)
  return { ...sizes, lengths }
}

const isEmptyExample = (x: Tensor, rank: number): boolean => x.shape.slice(-rank - 1).includes(0)

const optionalBatch = (ranks: string, shape: Shape): string =>
  `Expected ${ranks} (batch mode) tensor with optional 0 dim batch size for input, but got:${listed(shape)}`

function checkVectors(x: Tensor): void {
  if ((x.ndim !== 2 && x.ndim !== 3) || isEmptyExample(x, 1))
    throw new ShapeError(`max_pool1d: ${optionalBatch('2D or 3D', x.shape)}`)
}

/** PyTorch's check of maximum pooling over one axis. */
function checkDirect({ kernel: [k], stride: [s], padding: [p], dilation: [d] }: Sizes): void {
  const positive = (what: string, value: number): void => {
    if (!(value > 0)) throw new ValueError(`max_pool1d() ${what} must be greater than zero, but got ${value}`)
  }
  positive('kernel_size', k)
  positive('stride', s)
  if (p < 0) throw new ValueError(`max_pool1d() padding must be non-negative, but got ${p}`)
  if (p > Math.floor(k / 2)) {
    throw new ValueError(
      `max_pool1d() padding should be at most half of kernel size, but got padding=${p} and kernel_size=${k}`,
    )
  }
  positive('dilation', d)
}

/** PyTorch's check of the other poolings. Pooling over one axis is pooling over two there, the first of length 1. */
function checkSizes(kind: PoolKind, x: Tensor, { kernel, stride, padding, dilation }: Sizes): void {
  const rank = kind.rank === 1 ? 2 : kind.rank
  const ranks = `${rank + 1}D or ${rank + 2}D`
  const shape = kind.rank === 1 ? x.shape.toSpliced(-1, 0, 1) : x.shape
  const isRank = shape.length === rank + 1 || shape.length === rank + 2
  if (!isRank && !(kind.of === 'avg' && rank === 2))
    throw new ShapeError(`non-empty ${ranks} (batch mode) tensor expected for input`)
  normalizeAxis(-rank - 1, shape.length)

  if (stride.includes(0)) throw new ValueError('stride should not be zero')
  padding.forEach((p, i) => {
    if (p < 0) throw new ValueError(`pad must be non-negative, but got pad: ${p}`)
    if (p > (dilation[i] * (kernel[i] - 1) + 1) / 2) {
      throw new ValueError(
        `pad should be at most half of effective kernel size, but got pad=${p}, kernel_size=${kernel[i]} and dilation=${dilation[i]}`,
      )
    }
  })
  const positive = (what: string, sizes: Shape, prefix: string): void => {
    if (sizes.every((n) => n > 0)) return
    const list = (kind.rank === 1 ? [1, ...sizes] : sizes).map(
      (n, i) => `${prefix}${'THW'.at(i - rank)}: ${n}`,
    )
    throw new ValueError(`${what} should be greater than zero, but got ${list.join(' ')}`)
  }
  positive('kernel size', kernel, 'k')
  positive('stride', stride, 'd')
  positive('dilation', dilation, 'dilation')
  if (isRank && !isEmptyExample(x, kind.rank)) return
  if (rank === 2) throw new ShapeError(optionalBatch(ranks, shape))
  const where = kind.of === 'max' ? 'max_pool3d_with_indices_out_cpu_template' : 'avg_pool3d'
  // PyTorch's message has the length, which is 0, in the place of the dimension
  throw new ShapeError(
    `${where}(): Expected input's non-batch dimensions to have positive length, but input has a shape of ${listed(shape)} and non-batch dimension 0 has length zero!`,
  )
}

function tooSmall(kind: PoolKind, direct: boolean, x: Tensor, kernel: Shape, lengths: Shape): ShapeError {
  const hint = 'the kernel, spread by its dilation, must fit into the padded input'
  const { of, rank } = kind
  if (direct) return new ShapeError(`max_pool1d() Invalid computed output size: ${lengths[0]}`, { hint })
  const spatial = x.shape.slice(-rank)
  if (of === 'avg' && rank === 3) {
    const sizes = (list: Shape, prefix: string): string =>
      list.map((n, i) => `${prefix}${'THW'[i]}: ${n}`).join(' ')
    return new ShapeError(
      `input image (${sizes(spatial, '')}) smaller than kernel size (${sizes(kernel, 'k')})`,
      { hint },
    )
  }
  const sizes = (list: Shape): string =>
    [x.shape.at(-rank - 1), ...(rank === 1 ? [1] : []), ...list.map((n) => Math.max(0, n))].join('x')
  return new ShapeError(
    `Given input size: (${sizes(spatial)}). Calculated output size: (${sizes(lengths)}). Output size is too small`,
    { hint },
  )
}
