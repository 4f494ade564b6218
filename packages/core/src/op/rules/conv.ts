import type { Window } from '../../backend/types.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import type { Meta } from '../declaration.ts'

/** Windows of a convolution. */
export interface Conv extends Window {
  groups: number
}

const listed = (sizes: Shape): string => `[${sizes.join(', ')}]`
const times = (sizes: Shape): string => `(${sizes.join(' x ')})`

/** Sizes of one axis in PyTorch's form: two axes, the first of length 1. */
const asPlane = (sizes: Shape, first: number): Shape => (sizes.length === 1 ? [first, ...sizes] : sizes)

const axisNames = ['depth', 'height', 'width']
/** ` stride_height: 1 stride_width: 2` */
const named = (what: string, sizes: Shape): string =>
  sizes.map((n, i) => ` ${what}_${axisNames.at(i - sizes.length)}: ${n}`).join('')

/** A list of one number per axis. */
export function perAxis(name: string, value: number | Shape, rank: number): Shape {
  if (typeof value === 'number') return Array<number>(rank).fill(value)
  if (value.length === 1) return Array<number>(rank).fill(value[0])
  if (value.length !== rank) {
    throw new ValueError(
      `expected ${name} to be a single integer value or a list of ${rank} values to match the convolution dimensions, but got ${name}=${listed(value)}`,
    )
  }
  return value
}

/**
 * Refuses invalid sizes of windows. {@link checkFilters} refuses a dilation of 0, after the shapes, as in PyTorch.
 *
 * @throws ValueError
 */
export function checkWindow({ stride, padding, dilation, groups }: Conv, outputPadding: Shape = []): void {
  if (!(groups > 0)) throw new ValueError('non-positive groups is not supported')
  if (padding.some((n) => n < 0)) throw new ValueError('negative padding is not supported')
  if (outputPadding.some((n) => n < 0)) throw new ValueError('negative output_padding is not supported')
  if (!stride.every((n) => n > 0)) throw new ValueError('non-positive stride is not supported')
  if (dilation.some((n) => n < 0)) throw new ValueError('dilation should be greater than zero')
}

/** Refuses a tensor or filters of another number of axes than the convolution has. */
export function checkRanks(name: string, rank: number, x: Meta, weight: Meta): void {
  if (x.shape.length !== rank + 1 && x.shape.length !== rank + 2) {
    throw new ShapeError(
      `Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to ${name}, but got input of size: ${listed(x.shape)}`,
    )
  }
  if (weight.shape.length !== rank + 2) {
    throw new ShapeError(
      `expected ${rank + 2}-dimensional weight for ${name}, but got ${weight.shape.length}-dimensional weight of size ${listed(weight.shape)} instead`,
    )
  }
}

/**
 * Refuses filters and a bias that do not fit a batch. Convolutions and their transposes share this part of PyTorch's check.
 *
 * @throws ShapeError, DTypeError
 */
export function checkFilters(
  x: Meta,
  weight: Meta,
  bias: Meta | null,
  { groups }: Conv,
  transposed: boolean,
): void {
  if (bias && x.dtype !== bias.dtype && !transposed)
    throw new DTypeError(`Input type (${x.dtype}) and bias type (${bias.dtype}) should be the same`)
  const [first, second] = [weight.shape[0], weight.shape[1]]
  const size = `weight of size ${listed(weight.shape)}`
  if (first < groups) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got ${size} instead`,
    )
  }
  if (first % groups !== 0) {
    // the size stands in two brackets there
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${listed(weight.shape)}] instead`,
      { hint: 'each group has as many filters as the others' },
    )
  }
  const channels = transposed ? first : second * groups
  const given = transposed ? 'Given transposed=1' : `Given groups=${groups}`
  if (x.shape[1] !== channels) {
    throw new ShapeError(
      `${given}, ${size}, expected input${listed(x.shape)} to have ${channels} channels, but got ${x.shape[1]} channels instead`,
      { hint: 'the channels are axis 1 of a batch, axis 0 of one example' },
    )
  }
  const outputs = transposed ? second * groups : first
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputs)) {
    throw new ShapeError(
      `Given ${transposed ? 'transposed=1, ' : ''}${size}, expected bias to be 1-dimensional with ${outputs} elements, but got bias of size ${listed(bias.shape)} instead`,
    )
  }
}

/** Refuses cases that the kernels do not compute; after the shapes, as in PyTorch. */
export function checkKernel(x: Meta, weight: Meta, { dilation }: Conv): void {
  const kernel = weight.shape.slice(2)
  if (kernel.includes(0)) {
    const sizes = kernel.length < 3 ? named('kernel', asPlane(kernel, 1)) : `: ${kernel.join(' x ')} (TxHxW)`
    throw new ValueError(`kernel size should be greater than zero, but got${sizes}`)
  }
  if (dilation.includes(0)) {
    throw new ValueError(`dilation should be greater than zero, but got ${listed(asPlane(dilation, 1))}`)
  }
  if (x.dtype !== weight.dtype)
    throw new DTypeError(`Input type (${x.dtype}) and weight type (${weight.dtype}) should be the same`)
  if (!isFloat(x.dtype))
    throw new DTypeError(`"conv" not implemented for '${x.dtype}'`, { hint: "convert with .to('float32')" })
}

const outputLength = (n: number, k: number, { stride, padding, dilation }: Window, i: number): number =>
  Math.floor((n + 2 * padding[i] - dilation[i] * (k - 1) - 1) / stride[i]) + 1

/** The shape of a convolution; throws with PyTorch's messages. */
export function convShape(x: Meta, weight: Meta, bias: Meta | null, window: Conv): Shape {
  checkFilters(x, weight, bias, window, false)
  const [outputs, , ...kernel] = weight.shape
  const padded = x.shape.slice(2).map((n, i) => n + 2 * window.padding[i])
  const reach = kernel.map((k, i) => window.dilation[i] * (k - 1) + 1)
  if (reach.some((n, i) => n > padded[i])) {
    throw new ShapeError(
      `Calculated padded input size per channel: ${times(padded)}. Kernel size: ${times(reach)}. Kernel size can't be greater than actual input size`,
    )
  }
  checkKernel(x, weight, window)
  return [x.shape[0], outputs, ...kernel.map((k, i) => outputLength(x.shape[2 + i], k, window, i))]
}

/** The shape of a transposed convolution; throws with PyTorch's messages. Its kernel is checked where autocast has cast. */
export function convTransposeShape(
  x: Meta,
  weight: Meta,
  bias: Meta | null,
  window: Conv,
  outputPadding: Shape,
): Shape {
  checkFilters(x, weight, bias, window, true)
  const { stride, padding, dilation, groups } = window
  const [, perGroup, ...kernel] = weight.shape
  if (outputPadding.some((n, i) => n >= stride[i] && n >= dilation[i])) {
    throw new ValueError(
      `output padding must be smaller than either stride or dilation, but got${named('output_padding', asPlane(outputPadding, 0))}${named('stride', asPlane(stride, 1))}${named('dilation', asPlane(dilation, 1))}`,
    )
  }
  const spatial = x.shape.slice(2)
  const lengths = kernel.map(
    (k, i) => (spatial[i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (k - 1) + outputPadding[i] + 1,
  )
  if (lengths.some((n) => n < 1)) {
    const [from, to] = [spatial, lengths].map((sizes) => times(asPlane(sizes, 1)))
    throw new ShapeError(
      `Given input size per channel: ${from}. Calculated output size per channel: ${to}. Output size is too small`,
    )
  }
  return [x.shape[0], perGroup * groups, ...lengths]
}
