import { either, flag, integers, kind, listOf, nullable } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { sizeOf } from '../../base/shape.ts'
import { internals } from '../../op/internals.ts'
import { hostNumbers, readsValues } from '../../op/host-values.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { gather } from '../index/gather.ts'
import { randomOptions, uniform_, type RandomOptions } from '../random/in-place-draws.ts'
import { max } from '../reduce/extremes.ts'

/** Options of {@link fractionalMaxPool2d} and its kind; a number stands for all axes. */
export interface FractionalMaxPoolOptions extends RandomOptions {
  /** The spatial sizes of the result. */
  outputSize?: number | Shape | null
  /** The spatial sizes of the result as parts of those of `x`, between 0 and 1; instead of `outputSize`. */
  outputRatio?: number | readonly number[] | null
  /** Where windows begin: [n, channels, axes], from 0 to 1; drawn by default. */
  randomSamples?: Tensor | null
}
const ratio = /* @__PURE__ */ kind<number>(
  'a number between 0 and 1',
  (x) => typeof x === 'number' && x > 0 && x < 1,
)
const poolOptions = /* @__PURE__ */ defineOptions<FractionalMaxPoolOptions, RandomOptions>(
  {
    outputSize: /* @__PURE__ */ nullable(integers),
    outputRatio: /* @__PURE__ */ nullable(/* @__PURE__ */ either(ratio, /* @__PURE__ */ listOf(ratio))),
    randomSamples: /* @__PURE__ */ nullable(aTensor),
  },
  randomOptions,
)

const each = (value: number | readonly number[], rank: number): readonly number[] =>
  typeof value === 'number' ? Array<number>(rank).fill(value) : value

const imageValues = /* @__PURE__ */ readsValues('fractionalMaxPool2d')
const volumeValues = /* @__PURE__ */ readsValues('fractionalMaxPool3d')

/** Where the windows of one plane begin along an axis: Graham 2014, pseudorandom as in PyTorch, which rounds to float32. */
function beginnings(sample: number, length: number, count: number, window: number): number[] {
  const alpha = Math.fround((length - window) / (count - 1))
  const at = (i: number): number => Math.trunc(Math.fround(Math.fround(i + sample) * alpha))
  const first = at(0)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? length - window : at(i) - first))
}

function pooled(
  rank: 2 | 3,
  x: Tensor,
  kernelSize: number | Shape,
  options: FractionalMaxPoolOptions | undefined,
): { values: Tensor; indices: Tensor } {
  const call = `fractionalMaxPool${rank}d`
  const taken = takeOptions(call, poolOptions, options)
  const kernel = each(takeArgument(call, 'kernelSize', integers, kernelSize), rank)
  if (x.ndim !== rank + 1 && x.ndim !== rank + 2) {
    throw new ShapeError(
      `${call}: expected ${rank + 1}D or ${rank + 2}D tensor, but got [${x.shape.join(', ')}]`,
    )
  }
  const sizes = x.shape.slice(x.ndim - rank)
  const { outputSize = null, outputRatio = null } = taken
  if (outputSize === null && outputRatio === null)
    throw new ValueError(`${call} requires specifying either an outputSize or an outputRatio`)
  const lengths =
    outputSize !== null
      ? each(outputSize, rank)
      : each(outputRatio ?? 1, rank).map((r, a) => Math.trunc(sizes[a] * r))
  for (const [what, list] of [
    ['kernelSize', kernel],
    ['outputSize', lengths],
  ] as const) {
    if (list.length !== rank || list.some((n) => n < 1))
      throw new ValueError(
        `${call}: ${what} must either be a single positive int or ${rank} of them, got [${list.join(', ')}]`,
      )
  }
  sizes.forEach((n, a) => {
    if (lengths[a] + kernel[a] - 1 > n) {
      throw new ValueError(
        `${call}: out size ${lengths[a]} and kernel ${kernel[a]} too large relative to input of ${n} along axis ${a}`,
      )
    }
  })
  const batch = x.ndim === rank + 1 ? 1 : x.shape[0]
  const channels = x.shape[x.ndim - rank - 1]
  const samples =
    taken.randomSamples ??
    uniform_(internals(x).make([batch, channels, rank], x.dtype), 0, 1, {
      generator: taken.generator ?? null,
    })
  if (samples.numel() !== batch * channels * rank) {
    throw new ShapeError(
      `${call}: expected randomSamples of shape [${batch}, ${channels}, ${rank}], got [${samples.shape.join(', ')}]`,
    )
  }
  const drawn = hostNumbers(rank === 2 ? imageValues : volumeValues, samples)
  return windows(x, sizes, kernel, lengths, batch * channels, (plane, a) =>
    // the first sample is that of the last axis of an image, and of the first of a volume
    beginnings(drawn[plane * rank + (rank === 2 ? 1 - a : a)], sizes[a], lengths[a], kernel[a]),
  )
}

function windows(
  x: Tensor,
  sizes: Shape,
  kernel: readonly number[],
  lengths: readonly number[],
  planes: number,
  beginning: (plane: number, axis: number) => number[],
): { values: Tensor; indices: Tensor } {
  const [cells, inWindow] = [sizeOf(lengths), sizeOf(kernel)]
  const positions = new Int32Array(planes * cells * inWindow)
  let p = 0
  for (let plane = 0; plane < planes; plane++) {
    const begin = sizes.map((_, a) => beginning(plane, a))
    for (let cell = 0; cell < cells; cell++) {
      for (let k = 0; k < inWindow; k++) {
        let [rest, within, step, at] = [cell, k, 1, 0]
        for (let a = sizes.length - 1; a >= 0; a--) {
          at += (begin[a][rest % lengths[a]] + (within % kernel[a])) * step
          rest = Math.floor(rest / lengths[a])
          within = Math.floor(within / kernel[a])
          step *= sizes[a]
        }
        positions[p++] = at
      }
    }
  }
  const index = internals(x).makeFrom(positions, [planes, cells * inWindow], 'int32')
  const found = gather(x.reshape([planes, sizeOf(sizes)]), 1, index).reshape([planes, cells, inWindow])
  const { values, indices } = max(found, 2)
  const at = gather(index.reshape([planes, cells, inWindow]), 2, indices.unsqueeze(2))
  const shape = [...x.shape.slice(0, x.ndim - sizes.length), ...lengths]
  return { values: values.reshape(shape), indices: at.reshape(shape) }
}

/**
 * The maxima of windows whose steps are drawn, so that sizes shrink by any factor.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @throws ValueError without a size of the result, and for windows that do not fit
 * @see Graham 2014, https://arxiv.org/abs/1412.6071
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 * @example
 * g.fractionalMaxPool2d(g.ones(1, 1, 5, 5), 2, { outputSize: 3 }).shape // => [1, 1, 3, 3]
 */
export function fractionalMaxPool2d(
  x: Tensor,
  kernelSize: number | Shape,
  options: FractionalMaxPoolOptions & { returnIndices: true },
): { values: Tensor; indices: Tensor }
export function fractionalMaxPool2d(
  x: Tensor,
  kernelSize: number | Shape,
  options?: FractionalMaxPoolOptions & { returnIndices?: boolean },
): Tensor
export function fractionalMaxPool2d(
  x: Tensor,
  kernelSize: number | Shape,
  options?: FractionalMaxPoolOptions & { returnIndices?: boolean },
): Tensor | { values: Tensor; indices: Tensor } {
  takeTensor('fractionalMaxPool2d', 'x', x)
  return withIndices(2, x, kernelSize, options)
}

/**
 * {@link fractionalMaxPool2d} of volumes: [n, channels, depth, height, width] or [channels, depth, height, width].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 */
export function fractionalMaxPool3d(
  x: Tensor,
  kernelSize: number | Shape,
  options: FractionalMaxPoolOptions & { returnIndices: true },
): { values: Tensor; indices: Tensor }
export function fractionalMaxPool3d(
  x: Tensor,
  kernelSize: number | Shape,
  options?: FractionalMaxPoolOptions & { returnIndices?: boolean },
): Tensor
export function fractionalMaxPool3d(
  x: Tensor,
  kernelSize: number | Shape,
  options?: FractionalMaxPoolOptions & { returnIndices?: boolean },
): Tensor | { values: Tensor; indices: Tensor } {
  takeTensor('fractionalMaxPool3d', 'x', x)
  return withIndices(3, x, kernelSize, options)
}

function withIndices(
  rank: 2 | 3,
  x: Tensor,
  kernelSize: number | Shape,
  options: (FractionalMaxPoolOptions & { returnIndices?: boolean }) | undefined,
): Tensor | { values: Tensor; indices: Tensor } {
  // what is no object is examined with the other options
  const { returnIndices, ...rest } =
    typeof options === 'object' && options !== null ? options : { returnIndices: undefined }
  takeArgument(
    `fractionalMaxPool${rank}d`,
    'returnIndices',
    /* @__PURE__ */ nullable(flag),
    returnIndices ?? null,
  )
  const result = pooled(rank, x, kernelSize, typeof options === 'object' ? rest : options)
  return returnIndices === true ? result : result.values
}
