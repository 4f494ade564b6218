import { takeTensor, takeTensorOrNull } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { either, integer, integers, oneOf } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { attributes, saving } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import {
  checkKernel,
  checkRanks,
  checkWindow,
  convShape,
  convTransposeShape,
  perAxis,
  type Conv,
} from '../../op/rules/conv.ts'
import { pad } from '../shape/pad.ts'

const convOp = /* @__PURE__ */ defineOp({
  name: 'convolution',
  inputs: ['x', 'weight', 'bias?'],
  attrs: attributes<Conv>(),
  autocast: 'lower',
  infer: ({ x, weight, bias }, window) => ({ shape: convShape(x, weight, bias, window), dtype: x.dtype }),
  kernel: (on, { x, weight, bias }, { out }, { groups, ...window }) =>
    on.conv('forward', x, weight, out, window, groups, bias ?? undefined),
  vjp: {
    x: saving(['weight'], (g, { weight }, window: Conv, { x }) => inputGradient(g, weight, window, x.shape)),
    weight: saving(['x'], (g, { x }, window: Conv, { weight }) => weightGradient(g, x, window, weight.shape)),
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
  infer({ g, weight }, window) {
    checkKernel(g, weight, window)
    return { shape: window.shape, dtype: g.dtype }
  },
  kernel: (on, { g, weight }, { out }, { groups, ...window }) =>
    on.conv('input', out, weight, g, window, groups),
  vjp: {
    g: saving(['weight'], (x, { weight }, window: Gradient, { g }) => correlate(x, weight, window, g.shape)),
    weight: saving(['g'], (x, { g }, window: Gradient, { weight }) =>
      weightGradient(g, x, window, weight.shape),
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
    g: saving(['x'], (weight, { x }, window: Gradient, { g }) => correlate(x, weight, window, g.shape)),
    x: saving(['g'], (weight, { g }, window: Gradient, { x }) => inputGradient(g, weight, window, x.shape)),
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

/** Options of convolutions; a number stands for all axes. */
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
/** The kinds of {@link ConvOptions}. */
export const convOptions = /* @__PURE__ */ defineOptions<ConvOptions>({
  stride: integers,
  padding: /* @__PURE__ */ either(integers, /* @__PURE__ */ oneOf('same', 'valid')),
  dilation: integers,
  groups: /* @__PURE__ */ integer(),
})

/** `x` as a batch. */
const batched = (x: Tensor, rank: number): Tensor => (x.ndim === rank + 2 ? x : x.unsqueeze(0))

function convolve(
  rank: 1 | 2 | 3,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvOptions,
): Tensor {
  checkRanks(`conv${rank}d`, rank, x, weight)
  let input = batched(x, rank)
  const same = options.padding === 'same'
  const window = {
    stride: perAxis('stride', options.stride ?? 1, rank),
    padding: perAxis('padding', typeof options.padding === 'string' ? 0 : (options.padding ?? 0), rank),
    dilation: perAxis('dilation', options.dilation ?? 1, rank),
    groups: options.groups ?? 1,
  }
  checkWindow(window)
  if (same) {
    if (window.stride.some((s) => s !== 1))
      throw new ValueError("padding='same' is not supported for strided convolutions")
    const total = window.dilation.map((d, i) => d * (weight.shape[2 + i] - 1))
    window.padding = total.map((t) => Math.floor(t / 2))
    // an odd total has one more zero at the end
    if (total.some((t) => t % 2 === 1))
      input = pad(
        input,
        total.toReversed().flatMap((t) => [0, t % 2]),
      )
  }
  const out = convOp({ x: input, weight, bias }, window)
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
  options?: ConvOptions,
): Tensor => {
  takeTensor('conv1d', 'x', x)
  takeTensor('conv1d', 'weight', weight)
  return convolve(1, x, weight, bias, takeOptions('conv1d', convOptions, options))
}

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
  options?: ConvOptions,
): Tensor => {
  takeTensor('conv2d', 'x', x)
  takeTensor('conv2d', 'weight', weight)
  return convolve(2, x, weight, bias, takeOptions('conv2d', convOptions, options))
}

/** Cross-correlation over three axes: see {@link conv2d}. */
export const conv3d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options?: ConvOptions,
): Tensor => {
  takeTensor('conv3d', 'x', x)
  takeTensor('conv3d', 'weight', weight)
  return convolve(3, x, weight, bias, takeOptions('conv3d', convOptions, options))
}

/** Options of transposed convolutions; a number stands for all axes. */
export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  /** The padding of the convolution that is transposed; 0 by default. */
  padding?: number | Shape
  /** Added to the length of each axis, below its stride or dilation; 0 by default. */
  outputPadding?: number | Shape
}
/** The kinds of {@link ConvTransposeOptions}. */
export const convTransposeOptions = /* @__PURE__ */ defineOptions<ConvTransposeOptions>({
  stride: integers,
  padding: integers,
  outputPadding: integers,
  dilation: integers,
  groups: /* @__PURE__ */ integer(),
})

function convolveTransposed(
  rank: 1 | 2 | 3,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvTransposeOptions,
): Tensor {
  checkRanks(`conv_transpose${rank}d`, rank, x, weight)
  const g = batched(x, rank)
  const window = {
    stride: perAxis('stride', options.stride ?? 1, rank),
    padding: perAxis('padding', options.padding ?? 0, rank),
    dilation: perAxis('dilation', options.dilation ?? 1, rank),
    groups: options.groups ?? 1,
  }
  const outputPadding = perAxis('output_padding', options.outputPadding ?? 0, rank)
  checkWindow(window, outputPadding)
  const shape = convTransposeShape(g, weight, bias, window, outputPadding)
  const out = inputGradientOp({ g, weight }, { ...window, shape })
  const moved = bias
    ? out.add(bias.reshape([bias.numel(), ...Array<number>(rank).fill(1)]).to(out.dtype))
    : out
  return x.ndim === rank + 2 ? moved : moved.squeeze(0)
}

/** The transpose of {@link conv1d}; weight is [channels, out / groups, kernel]. */
export const convTranspose1d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options?: ConvTransposeOptions,
): Tensor => {
  takeTensor('convTranspose1d', 'x', x)
  takeTensor('convTranspose1d', 'weight', weight)
  takeTensorOrNull('convTranspose1d', 'bias', bias)
  return convolveTransposed(1, x, weight, bias, takeOptions('convTranspose1d', convTransposeOptions, options))
}

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
  options?: ConvTransposeOptions,
): Tensor => {
  takeTensor('convTranspose2d', 'x', x)
  takeTensor('convTranspose2d', 'weight', weight)
  takeTensorOrNull('convTranspose2d', 'bias', bias)
  return convolveTransposed(2, x, weight, bias, takeOptions('convTranspose2d', convTransposeOptions, options))
}

/** The transpose of {@link conv3d}: see {@link convTranspose2d}. */
export const convTranspose3d = (
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options?: ConvTransposeOptions,
): Tensor => {
  takeTensor('convTranspose3d', 'x', x)
  takeTensor('convTranspose3d', 'weight', weight)
  takeTensorOrNull('convTranspose3d', 'bias', bias)
  return convolveTransposed(3, x, weight, bias, takeOptions('convTranspose3d', convTransposeOptions, options))
}
