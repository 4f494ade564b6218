import { apart } from '../elementwise/convert.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { either, flag, integers, listOf, nullable, oneOf, real } from '../../base/kinds.ts'
import { checkCapacity } from '../../base/shape.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { internals } from '../../op/internals.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { attributes } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from './adaptive-pool.ts'
import { indexSelect } from '../index/index-along.ts'
import { tapsOf, type Kernel, type Taps } from '../../op/rules/resample-taps.ts'

/** How {@link interpolate} finds values between elements. */
export type InterpolationMode =
  'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'bicubic' | 'area'

/** Options of {@link interpolate}; a number stands for all axes. Either `size` or `scaleFactor` has to be there. */
export interface InterpolateOptions {
  /** Lengths of the result's axes. */
  size?: number | Shape | null
  /** Lengths of the result's axes over those of x. */
  scaleFactor?: number | Shape | null
  /** 'nearest' by default. */
  mode?: InterpolationMode
  /** The first and last elements of x and of the result meet, rather than their edges; not for nearest and area. */
  alignCorners?: boolean | null
  /** Takes the ratio of the lengths where `scaleFactor` gives a broken number of elements; false by default. */
  recomputeScaleFactor?: boolean | null
  /** Averages over all elements that shrinking skips: 'bilinear' and 'bicubic' only; false by default. */
  antialias?: boolean
}
const interpolateOptions = /* @__PURE__ */ defineOptions<InterpolateOptions>({
  size: /* @__PURE__ */ nullable(integers),
  scaleFactor: /* @__PURE__ */ nullable(/* @__PURE__ */ either(real, /* @__PURE__ */ listOf(real))),
  mode: /* @__PURE__ */ oneOf(
    'nearest',
    'linear',
    'bilinear',
    'bicubic',
    'trilinear',
    'area',
    'nearest-exact',
  ),
  alignCorners: /* @__PURE__ */ nullable(flag),
  recomputeScaleFactor: /* @__PURE__ */ nullable(flag),
  antialias: flag,
})

const kernels: Partial<Record<InterpolationMode, { kernel: Kernel; rank: number | null }>> = {
  nearest: { kernel: 'nearest', rank: null },
  'nearest-exact': { kernel: 'nearest-exact', rank: null },
  linear: { kernel: 'linear', rank: 1 },
  bilinear: { kernel: 'linear', rank: 2 },
  trilinear: { kernel: 'linear', rank: 3 },
  bicubic: { kernel: 'cubic', rank: 2 },
}

// the axes are independent: each is resampled by a few weighted selections
const resampleOp = /* @__PURE__ */ defineOp({
  name: 'interpolate',
  inputs: ['x'],
  attrs: attributes<readonly (Taps | null)[]>(),
  autocast: 'fp32',
  decompose: ({ x }, axes) => axes.reduce<Tensor>((y, taps, i) => (taps ? along(y, i + 2, taps) : y), x),
})

function along(x: Tensor, axis: number, { positions, weights }: Taps): Tensor {
  const shape = x.shape.map((_, a) => (a === axis ? positions[0].length : 1))
  let sum: Tensor | null = null
  positions.forEach((at, k) => {
    const index = internals(x).make([at.length], 'int32')
    index.backend.write(index.storage.block, at)
    const part = indexSelect(x, axis, index)
    const factors = weights[k]
    const term = factors ? part.mul(vector(x, factors).reshape(shape)) : part
    sum = sum === null ? term : sum.add(term)
  })
  // every kernel has a tap
  return sum!
}

function vector(like: Tensor, values: Float64Array): Tensor {
  const x = internals(like).make([values.length], 'float64')
  x.backend.write(x.storage.block, values)
  return x.to(like.dtype)
}

/**
 * Images, or signals or volumes, at another resolution.
 *
 * @param x - `[n, c, ...]` with one to three more axes, all of which are resampled
 * @throws ValueError, ShapeError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 * @example
 * g.interpolate(g.tensor([[[1, 2]]]), { scaleFactor: 2 }).tolist() // => [[[1, 1, 2, 2]]]
 */
export function interpolate(x: Tensor, given?: InterpolateOptions): Tensor {
  takeTensor('interpolate', 'x', x)

  const options = takeOptions('interpolate', interpolateOptions, given)
  const { mode = 'nearest', antialias = false } = options
  const rank = x.ndim - 2
  const alignCorners = cornersOf(mode, options.alignCorners ?? null)
  const { size, factors } = sizesOf(x, rank, mode, options)
  if (antialias && !((mode === 'bilinear' || mode === 'bicubic') && x.ndim === 4)) {
    throw new ValueError(
      'Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input',
    )
  }
  if (rank < 1 || rank > 3) {
    throw new ShapeError(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${x.ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got ${mode})`,
    )
  }
  checkCapacity('interpolate', [...x.shape.slice(0, 2), ...size])
  if (size.some((n) => n < 1) || x.shape.slice(1).includes(0)) {
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input (${x.shape.slice(2).join(', ')}) output (${size.join(', ')})`,
    )
  }
  if (mode === 'area') return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][rank - 1](x, size)
  const found = kernels[mode]
  if (!found) throw new ValueError(`${String(mode)} is not a mode of interpolate`)
  if (found.rank !== null && found.rank !== rank) {
    throw new ShapeError(`Got ${x.ndim}D input, but ${mode} mode needs ${found.rank + 2}D input`)
  }
  const taps = size.map((n, i) => {
    const from = x.shape[i + 2]
    const factor = factors?.[i] ?? null
    // PyTorch copies an axis whose length stays, whatever the factor; where single elements are picked, the factor counts
    const keeps = found.kernel === 'linear' || antialias || factor === null || factor === 1
    return n === from && keeps
      ? null
      : tapsOf(found.kernel, from, n, factor, alignCorners, antialias, x.dtype)
  })
  return apart(resampleOp({ x }, taps), x)
}

function cornersOf(mode: InterpolationMode, given: boolean | null): boolean {
  if (mode.startsWith('nearest') || mode === 'area') {
    if (given !== null) {
      throw new ValueError(
        'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
      )
    }
  }
  return given ?? false
}

/** The lengths asked for, and the ratios where those are to be taken as they are. */
function sizesOf(
  x: Tensor,
  rank: number,
  mode: InterpolationMode,
  { size = null, scaleFactor = null, recomputeScaleFactor = null }: InterpolateOptions,
): { size: number[]; factors: number[] | null } {
  const perAxis = (value: number | Shape): number[] =>
    typeof value === 'number' ? Array<number>(rank).fill(value) : [...value]
  const spatial = x.shape.slice(2)
  if (size !== null && scaleFactor !== null)
    throw new ValueError('only one of size or scale_factor should be defined')
  if (size !== null) {
    if (recomputeScaleFactor)
      throw new ValueError('recompute_scale_factor is not meaningful with an explicit size.')
    const list = perAxis(size)
    if (list.length !== rank) {
      throw new ValueError(
        `Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of [${spatial.join(', ')}] and output size of [${list.join(', ')}]. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.`,
      )
    }
    return { size: list, factors: null }
  }
  if (scaleFactor === null) throw new ValueError('either size or scale_factor should be defined')
  const factors = perAxis(scaleFactor)
  if (factors.length !== rank) {
    throw new ValueError(
      `Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of [${spatial.join(', ')}] and scale_factor of shape [${factors.join(', ')}]. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.`,
    )
  }
  const lengths = spatial.map((n, i) => Math.floor(n * factors[i]))
  return { size: lengths, factors: recomputeScaleFactor || mode === 'area' ? null : factors }
}
