import type { View, Window } from '../backend/types.ts'
import { defineOp } from '../define.ts'
import { isFloat, numOf, type DType } from '../dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../errors.ts'
import type { Shape } from '../layout.ts'
import { attributes, saving, type Meta } from '../op.ts'
import { input } from '../program/expr.ts'
import * as f from '../program/formula.ts'
import { Program } from '../program/program.ts'
import type { Tensor } from '../tensor.ts'
import { pad } from './pad.ts'
import { memo, under } from './programs.ts'

interface Conv extends Window {
  groups: number
}

const outputLength = (n: number, k: number, { stride, padding, dilation }: Window, i: number): number =>
  Math.floor((n + 2 * padding[i]! - dilation[i]! * (k - 1) - 1) / stride[i]!) + 1

const times = (sizes: Shape): string => `(${sizes.join(' x ')})`

function checkConv(x: Meta, weight: Meta, bias: Meta | null, window: Conv): Shape {
  const { groups } = window
  if (!isFloat(x.dtype))
    throw new DTypeError(`"conv" not implemented for '${x.dtype}'`, { hint: "convert with .to('float32')" })
  if (x.dtype !== weight.dtype) {
    throw new DTypeError(`Input type (${x.dtype}) and weight type (${weight.dtype}) should be the same`)
  }
  if (bias && x.dtype !== bias.dtype) {
    throw new DTypeError(`Input type (${x.dtype}) and bias type (${bias.dtype}) should be the same`)
  }
  const [outputs, perGroup, ...kernel] = weight.shape
  const size = `weight of size [${weight.shape.join(', ')}]`
  if (x.shape[1] !== perGroup! * groups) {
    throw new ShapeError(
      `Given groups=${groups}, ${size}, expected input[${x.shape.join(', ')}] to have ${perGroup! * groups} channels, but got ${x.shape[1]} channels instead`,
    )
  }
  if (outputs! % groups !== 0 || outputs! < groups) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got ${size} instead`,
    )
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputs)) {
    throw new ShapeError(
      `Given ${size}, expected bias to be 1-dimensional with ${outputs} elements, but got bias of size [${bias.shape.join(', ')}] instead`,
    )
  }
  const padded = x.shape.slice(2).map((n, i) => n + 2 * window.padding[i]!)
  if (kernel.some((k, i) => window.dilation[i]! * (k - 1) + 1 > padded[i]!)) {
    const reach = kernel.map((k, i) => window.dilation[i]! * (k - 1) + 1)
    throw new ShapeError(
      `Calculated padded input size per channel: ${times(padded)}. Kernel size: ${times(reach)}. Kernel size can't be greater than actual input size`,
    )
  }
  return [x.shape[0]!, outputs!, ...kernel.map((k, i) => outputLength(x.shape[2 + i]!, k, window, i))]
}

const biasProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  return new Program({
    inputs: [
      { dtype, over: 'all' },
      { dtype, over: 'all' },
    ],
    outputs: [{ dtype, value: f.add(input(0, num), input(1, num)), over: 'all' }],
  })
})

/** A per-channel operand over the axes of a result that has its channels at axis 1. */
const spread = (bias: View, out: View): View => {
  const { shape } = out.layout
  return under(bias, bias.layout.reshape(shape.map((n, a) => (a === 1 ? n : 1)))!.expand(shape))
}

const convOp = /* @__PURE__ */ defineOp({
  name: 'convolution',
  inputs: ['x', 'weight', 'bias?'],
  attrs: attributes<Conv>(),
  autocast: 'lower',
  infer: ({ x, weight, bias }, window) => ({ shape: checkConv(x, weight, bias, window), dtype: x.dtype }),
  kernel(on, { x, weight, bias }, { out }, { groups, ...window }) {
    on.conv('forward', x, weight, out, window, groups)
    if (!bias) return
    const { shape } = out.layout
    on.run(biasProgram(out.dtype), [
      { outer: shape, inner: [], operands: [out, spread(bias, out), out], params: [] },
    ])
  },
  vjp: {
    x: saving(['weight'], (g, { weight }, window: Conv, { x }) => inputGradient(g, weight, window, x!.shape)),
    weight: saving(['x'], (g, { x }, window: Conv, { weight }) =>
      weightGradient(g, x, window, weight!.shape),
    ),
    bias: saving([], (g) => g.sum(g.shape.map((_, a) => a).filter((a) => a !== 1))),
  },
})

interface Gradient extends Conv {
  shape: Shape
}

// the three passes are linear in each operand, and each one's gradients are the other two
const inputGradientOp = /* @__PURE__ */ defineOp({
  name: 'convolutionInput',
  inputs: ['g', 'weight'],
  attrs: attributes<Gradient>(),
  autocast: 'lower',
  infer: ({ g }, { shape }) => ({ shape, dtype: g.dtype }),
  kernel: (on, { g, weight }, { out }, { groups, ...window }) =>
    on.conv('input', out, weight, g, window, groups),
  vjp: {
    g: saving(['weight'], (x, { weight }, window: Gradient, { g }) => correlate(x, weight, window, g!.shape)),
    weight: saving(['g'], (x, { g }, window: Gradient, { weight }) =>
      weightGradient(g, x, window, weight!.shape),
    ),
  },
})

const weightGradientOp = /* @__PURE__ */ defineOp({
  name: 'convolutionWeight',
  inputs: ['g', 'x'],
  attrs: attributes<Gradient>(),
  infer: ({ g }, { shape }) => ({ shape, dtype: g.dtype }),
  kernel: (on, { g, x }, { out }, { groups, ...window }) => on.conv('weight', x, out, g, window, groups),
  vjp: {
    g: saving(['x'], (weight, { x }, window: Gradient, { g }) => correlate(x, weight, window, g!.shape)),
    x: saving(['g'], (weight, { g }, window: Gradient, { x }) => inputGradient(g, weight, window, x!.shape)),
  },
})

const windowOf = ({ stride, padding, dilation, groups }: Conv): Conv => ({
  stride,
  padding,
  dilation,
  groups,
})
// a transposed convolution may leave out windows that would fit
const correlate = (x: Tensor, weight: Tensor, window: Conv, shape: Shape): Tensor =>
  shape.reduce(
    (y, n, a) => (y.shape[a] === n ? y : y.narrow(a, 0, n)),
    convOp({ x, weight, bias: null }, windowOf(window)),
  )
const inputGradient = (g: Tensor, weight: Tensor, window: Conv, shape: Shape): Tensor =>
  inputGradientOp({ g, weight }, { ...windowOf(window), shape })
const weightGradient = (g: Tensor, x: Tensor, window: Conv, shape: Shape): Tensor =>
  weightGradientOp({ g, x }, { ...windowOf(window), shape })

/** What convolutions take; a number stands for all axes. */
export interface ConvOptions {
  /** Steps between windows; 1 by default. */
  stride?: number | Shape
  /** Zeros before and after each axis; 'same' keeps lengths (stride 1), 'valid' is 0, the default. */
  padding?: number | Shape | 'same' | 'valid'
  /** Steps between elements of a window; 1 by default. */
  dilation?: number | Shape
  /** Parts that channels are cut into, each with filters of its own; 1 by default. */
  groups?: number
}

function perAxis(name: string, value: number | Shape, rank: number, least: number): Shape {
  const list =
    typeof value === 'number'
      ? Array<number>(rank).fill(value)
      : value.length === 1
        ? Array<number>(rank).fill(value[0]!)
        : value
  if (list.length !== rank) {
    throw new ValueError(
      `expected ${name} to be a single integer value or a list of ${rank} values to match the convolution dimensions, but got ${name}=[${list.join(', ')}]`,
    )
  }
  if (list.some((n) => !Number.isInteger(n) || n < least)) {
    throw new ValueError(`${least > 0 ? 'non-positive' : 'negative'} ${name} is not supported`)
  }
  return list
}

function batched(name: string, x: Tensor, rank: number): Tensor {
  if (x.ndim === rank + 2) return x
  if (x.ndim === rank + 1) return x.unsqueeze(0)
  throw new ShapeError(
    `Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to ${name}, but got input of size: [${x.shape.join(', ')}]`,
  )
}

function convolve(
  rank: 1 | 2 | 3,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvOptions,
): Tensor {
  const name = `conv${rank}d`
  const { groups = 1 } = options
  let input = batched(name, x, rank)
  if (weight.ndim !== rank + 2) {
    throw new ShapeError(
      `expected ${rank + 2}-dimensional weight for ${name}, but got ${weight.ndim}-dimensional weight of size [${weight.shape.join(', ')}] instead`,
    )
  }
  if (!(groups > 0)) throw new ValueError('non-positive groups is not supported')
  const stride = perAxis('stride', options.stride ?? 1, rank, 1)
  const dilation = perAxis('dilation', options.dilation ?? 1, rank, 1)
  let padding: Shape
  if (options.padding === 'same') {
    if (stride.some((s) => s !== 1))
      throw new ValueError("padding='same' is not supported for strided convolutions")
    const total = dilation.map((d, i) => d * (weight.shape[2 + i]! - 1))
    padding = total.map((t) => Math.floor(t / 2))
    // an odd total has one more zero at the end
    if (total.some((t) => t % 2 === 1))
      input = pad(
        input,
        total.toReversed().flatMap((t) => [0, t % 2]),
      )
  } else padding = perAxis('padding', options.padding === 'valid' ? 0 : (options.padding ?? 0), rank, 0)
  const out = convOp({ x: input, weight, bias }, { stride, padding, dilation, groups })
  return x.ndim === rank + 2 ? out : out.squeeze(0)
}

/**
 * Cross-correlation over one axis, plus a bias per output channel.
 *
 * @param x - [n, channels, length] or [channels, length]
 * @param weight - [out, channels / groups, kernel]
 * @param bias - [out], or null
 * @throws ShapeError, DTypeError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
 */
export const conv1d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvOptions = {},
): Tensor => convolve(1, x, weight, bias, options)

/**
 * Cross-correlation over two axes, plus a bias per output channel.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @param weight - [out, channels / groups, kernel height, kernel width]
 * @param bias - [out], or null
 * @throws ShapeError, DTypeError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 * @example
 * g.conv2d(g.ones(1, 1, 3, 3), g.ones(1, 1, 2, 2)).tolist() // => [[[[4, 4], [4, 4]]]]
 */
export const conv2d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvOptions = {},
): Tensor => convolve(2, x, weight, bias, options)

/** Cross-correlation over three axes: see {@link conv2d}. */
export const conv3d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvOptions = {},
): Tensor => convolve(3, x, weight, bias, options)

/** What transposed convolutions take; a number stands for all axes. */
export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  /** What the convolution that is transposed would pad; 0 by default. */
  padding?: number | Shape
  /** Added to the length of each axis, below its stride or dilation; 0 by default. */
  outputPadding?: number | Shape
}

function convolveTransposed(
  rank: 1 | 2 | 3,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvTransposeOptions,
): Tensor {
  const name = `conv_transpose${rank}d`
  const { groups = 1 } = options
  const g = batched(name, x, rank)
  if (weight.ndim !== rank + 2) {
    throw new ShapeError(
      `expected ${rank + 2}-dimensional weight for ${name}, but got ${weight.ndim}-dimensional weight of size [${weight.shape.join(', ')}] instead`,
    )
  }
  const stride = perAxis('stride', options.stride ?? 1, rank, 1)
  const dilation = perAxis('dilation', options.dilation ?? 1, rank, 1)
  const padding = perAxis('padding', options.padding ?? 0, rank, 0)
  const extra = perAxis('output_padding', options.outputPadding ?? 0, rank, 0)
  const [channels, perGroup, ...kernel] = weight.shape
  if (g.shape[1] !== channels) {
    throw new ShapeError(
      `Given transposed=1, weight of size [${weight.shape.join(', ')}], expected input[${g.shape.join(', ')}] to have ${channels} channels, but got ${g.shape[1]} channels instead`,
    )
  }
  if (x.dtype !== weight.dtype) {
    throw new DTypeError(`Input type (${x.dtype}) and weight type (${weight.dtype}) should be the same`)
  }
  extra.forEach((e, i) => {
    if (e > 0 && e >= stride[i]! && e >= dilation[i]!) {
      throw new ValueError(
        `output padding must be smaller than either stride or dilation, but got output_padding_height: ${e} output_padding_width: ${e} stride_height: ${stride[i]} stride_width: ${stride[i]} dilation_height: ${dilation[i]} dilation_width: ${dilation[i]}`,
      )
    }
  })
  const lengths = kernel.map(
    (k, i) => (g.shape[2 + i]! - 1) * stride[i]! - 2 * padding[i]! + dilation[i]! * (k - 1) + extra[i]! + 1,
  )
  const shape = [g.shape[0]!, perGroup! * groups, ...lengths]
  const out = inputGradientOp({ g, weight }, { stride, padding, dilation, groups, shape })
  const moved = bias ? out.add(bias.reshape([bias.numel(), ...kernel.map(() => 1)])) : out
  return x.ndim === rank + 2 ? moved : moved.squeeze(0)
}

/** The transpose of {@link conv1d}; weight is [channels, out / groups, kernel]. */
export const convTranspose1d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor => convolveTransposed(1, x, weight, bias, options)

/**
 * The transpose of {@link conv2d}: each element of x spread over its window.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @param weight - [channels, out / groups, kernel height, kernel width]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
 */
export const convTranspose2d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor => convolveTransposed(2, x, weight, bias, options)

/** The transpose of {@link conv3d}: see {@link convTranspose2d}. */
export const convTranspose3d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor => convolveTransposed(3, x, weight, bias, options)
