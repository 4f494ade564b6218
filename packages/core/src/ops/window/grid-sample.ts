import { takeTensor } from '../../tensor/kind.ts'
import { counts, flag, nullable, oneOf } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { checkCapacity, sizeOf } from '../../base/shape.ts'
import { attributes } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import { encode } from '../../tensor/elements.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { abs, floor, neg, round } from '../elementwise/unary.ts'
import { eq, ge, lt } from '../elementwise/compare.ts'
import { logicalAnd } from '../elementwise/logical.ts'
import { matmul } from '../linalg/matmul.ts'
import { fmod } from '../elementwise/arithmetic.ts'
import { clamp, where } from '../elementwise/ternary.ts'
import { gather } from '../index/gather.ts'

type Mode = 'bilinear' | 'nearest' | 'bicubic'
type PaddingMode = 'zeros' | 'border' | 'reflection'

/** Options of {@link gridSample}. */
export interface GridSampleOptions {
  /** How values between pixels come about; 'bilinear' by default, which of volumes is trilinear. */
  mode?: Mode
  /** What lies outside; 'zeros' by default. */
  paddingMode?: PaddingMode
  /** Whether -1 and 1 are the middles of the outermost pixels rather than their outer edges; false by default. */
  alignCorners?: boolean | null
}
const gridSampleOptions = /* @__PURE__ */ defineOptions<GridSampleOptions>({
  mode: /* @__PURE__ */ oneOf('bilinear', 'nearest', 'bicubic'),
  paddingMode: /* @__PURE__ */ oneOf('zeros', 'border', 'reflection'),
  alignCorners: /* @__PURE__ */ nullable(flag),
})

/** One of the pixels that a value is made of: its place along an axis, and its weight. */
interface Tap {
  readonly at: Tensor
  readonly weight: Tensor | null
}

/**
 * Values of images, or volumes, at places that a grid names: -1 and 1 are the ends of each axis.
 *
 * @param x - [n, channels, height, width] or [n, channels, depth, height, width], floating
 * @param grid - [n, height', width', 2] of (x, y), or [n, depth', height', width', 3] of (x, y, z)
 * @returns [n, channels, height', width'] or [n, channels, depth', height', width']
 * @throws ShapeError for shapes that do not fit; DTypeError for different dtypes; ValueError for 'bicubic' of volumes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
 * @example
 * const x = g.tensor([[[[1, 2], [3, 4]]]])
 * g.gridSample(x, g.tensor([[[[0, 0]]]])).tolist() // => [[[[2.5]]]]
 */
export function gridSample(x: Tensor, grid: Tensor, options?: GridSampleOptions): Tensor {
  takeTensor('gridSample', 'x', x)
  takeTensor('gridSample', 'grid', grid)
  const {
    mode = 'bilinear',
    paddingMode = 'zeros',
    alignCorners = false,
  } = takeOptions('gridSample', gridSampleOptions, options)
  return gridSampleOp({ x, grid }, { mode, paddingMode, aligned: alignCorners === true })
}

interface Sampling {
  mode: Mode
  paddingMode: PaddingMode
  aligned: boolean
}
const gridSampleOp = /* @__PURE__ */ defineOp({
  name: 'gridSample',
  inputs: ['x', 'grid'],
  attrs: attributes<Sampling>(),
  autocast: 'promote',
  decompose: ({ x, grid }, sampling) => sampled(x, grid, sampling),
})

function sampled(x: Tensor, grid: Tensor, { mode, paddingMode, aligned }: Sampling): Tensor {
  check(x, grid, mode)
  const [n, channels, ...sizes] = x.shape
  const places = grid.shape.slice(1, -1)
  const flat = x.reshape([n, channels, sizeOf(sizes)])
  // the last coordinate of the grid belongs to the first axis
  const taps = sizes.map((size, a) => {
    const c = grid.select(-1, sizes.length - 1 - a).reshape([n, sizeOf(places)])
    return tapsOf(mode, paddingMode, aligned, c, size)
  })
  let out: Tensor | null = null
  for (const chosen of products(taps)) {
    const value = pixel(flat, sizes, chosen)
    out = out === null ? value : out.add(value)
  }
  // there is a tap at least
  return (out as Tensor).reshape([n, channels, ...places])
}

function check(x: Tensor, grid: Tensor, mode: Mode): void {
  if (!isFloat(x.dtype) || x.dtype !== grid.dtype) {
    throw new DTypeError(
      `gridSample: expected input and grid to have same dtype, but input has ${x.dtype} and grid has ${grid.dtype}`,
    )
  }
  if ((x.ndim !== 4 && x.ndim !== 5) || x.ndim !== grid.ndim) {
    throw new ShapeError(
      `gridSample: expected 4D or 5D input and grid with same number of dimensions, but got input with sizes [${x.shape.join(', ')}] and grid with sizes [${grid.shape.join(', ')}]`,
    )
  }
  if (x.shape[0] !== grid.shape[0]) {
    throw new ShapeError(
      `gridSample: expected grid and input to have same batch size, but got input with sizes [${x.shape.join(', ')}] and grid with sizes [${grid.shape.join(', ')}]`,
    )
  }
  if (grid.size(-1) !== x.ndim - 2) {
    throw new ShapeError(
      `gridSample: expected grid to have size ${x.ndim - 2} in last dimension, but got grid with sizes [${grid.shape.join(', ')}]`,
    )
  }
  if (x.shape.slice(2).includes(0)) {
    throw new ShapeError(
      `gridSample: expected input to have non-empty spatial dimensions, but input has sizes [${x.shape.join(', ')}]`,
    )
  }
  if (mode === 'bicubic' && x.ndim === 5)
    throw new ValueError('gridSample: bicubic interpolation only supports 4D input')
}

function tapsOf(mode: Mode, padding: PaddingMode, aligned: boolean, c: Tensor, size: number): Tap[] {
  const place = aligned ? c.add(1).mul((size - 1) / 2) : c.add(1).mul(size).sub(1).div(2)
  if (mode === 'bicubic') {
    const first = floor(place.detach())
    const weights = cubic(place.sub(first))
    return weights.map((weight, i) => ({ at: padded(first.add(i - 1), padding, aligned, size), weight }))
  }
  const inside = padded(place, padding, aligned, size)
  if (mode === 'nearest') return [{ at: round(inside), weight: null }]
  const first = floor(inside.detach())
  const t = inside.sub(first)
  return [
    { at: first, weight: neg(t).add(1) },
    { at: first.add(1), weight: t },
  ]
}

/** Places moved into an axis as the padding says. */
function padded(c: Tensor, padding: PaddingMode, aligned: boolean, size: number): Tensor {
  if (padding === 'zeros') return c
  const own = padding === 'border' ? c : aligned ? reflected(c, 0, size - 1) : reflected(c, -0.5, size - 0.5)
  return clamp(own, 0, size - 1)
}

function reflected(c: Tensor, low: number, high: number): Tensor {
  const span = high - low
  if (span === 0) return c.mul(0)
  const distance = abs(c.sub(low))
  const extra = fmod(distance, span)
  const flips = floor(distance.detach().div(span))
  return where(eq(fmod(flips, 2), 0), extra.add(low), neg(extra).add(span + low))
}

// Keys 1981 with a = -0.75, as PyTorch: the weights of four neighbours
function cubic(t: Tensor): Tensor[] {
  const a = -0.75
  const near = (x: Tensor): Tensor =>
    x
      .mul(a + 2)
      .sub(a + 3)
      .mul(x)
      .mul(x)
      .add(1)
  const far = (x: Tensor): Tensor =>
    x
      .mul(a)
      .sub(5 * a)
      .mul(x)
      .add(8 * a)
      .mul(x)
      .sub(4 * a)
  const u = neg(t).add(1)
  return [far(t.add(1)), near(t), near(u), far(u.add(1))]
}

function* products(taps: readonly Tap[][], chosen: readonly Tap[] = []): Generator<readonly Tap[]> {
  const [first, ...rest] = taps
  if (first === undefined) yield chosen
  else for (const tap of first) yield* products(rest, [...chosen, tap])
}

/** The pixels that taps name, times their weights; 0 for those outside. */
function pixel(flat: Tensor, sizes: Shape, taps: readonly Tap[]): Tensor {
  const [n, channels] = flat.shape
  let index: Tensor | null = null
  let weight: Tensor | null = null
  for (const [a, { at, weight: own }] of taps.entries()) {
    const place = at.detach()
    const step = clamp(place, 0, sizes[a] - 1).mul(sizeOf(sizes.slice(a + 1)))
    index = index === null ? step : index.add(step)
    const isInside = logicalAnd(ge(place, 0), lt(place, sizes[a])).to(flat.dtype)
    const part: Tensor = own === null ? isInside : own.mul(isInside)
    weight = weight === null ? part : weight.mul(part)
  }
  // there is an axis at least, and the loop has set both
  const [positions, factor] = [index!, weight!]
  const spread = positions.to('int32').unsqueeze(1).expand([n, channels, positions.shape[1]])
  return gather(flat, 2, spread).mul(factor.unsqueeze(1))
}

/** Options of {@link affineGrid}. */
export interface AffineGridOptions {
  /** As for {@link gridSample}; false by default. */
  alignCorners?: boolean | null
}
const affineGridOptions = /* @__PURE__ */ defineOptions<AffineGridOptions>({
  alignCorners: /* @__PURE__ */ nullable(flag),
})

/**
 * The grid for {@link gridSample} that an affine map of the places of a result gives.
 *
 * @param theta - [n, 2, 3] for images, [n, 3, 4] for volumes
 * @param size - of the result: [n, channels, height, width] or [n, channels, depth, height, width]
 * @returns [n, height, width, 2] or [n, depth, height, width, 3]
 * @throws ShapeError for shapes that do not fit; DTypeError unless floating
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html
 * @example
 * g.affineGrid(g.tensor([[[1, 0, 0], [0, 1, 0]]]), [1, 1, 1, 2]).tolist() // => [[[[-0.5, 0], [0.5, 0]]]]
 */
export function affineGrid(theta: Tensor, size: Shape, options?: AffineGridOptions): Tensor {
  takeTensor('affineGrid', 'theta', theta)
  const { alignCorners = false } = takeOptions('affineGrid', affineGridOptions, options)
  takeArgument('affineGrid', 'size', counts, size)
  if (!isFloat(theta.dtype)) {
    throw new DTypeError(`Expected theta to have floating point type, but got ${theta.dtype}`)
  }
  const rank = size.length - 2
  if ((rank !== 2 && rank !== 3) || size.some((n) => n <= 0)) {
    throw new ShapeError(
      `affineGrid only supports 4D and 5D sizes of positive numbers, got [${size.join(', ')}]`,
    )
  }
  if (theta.ndim !== 3 || theta.shape[1] !== rank || theta.shape[2] !== rank + 1) {
    throw new ShapeError(
      `Expected a batch of ${rank}D affine matrices of shape Nx${rank}x${rank + 1} for size [${size.join(', ')}]. Got [${theta.shape.join(', ')}].`,
    )
  }
  const [n, , ...sizes] = size
  checkCapacity('affineGrid', [n, ...sizes, rank])
  const at = (i: number, length: number): number =>
    length === 1 ? 0 : (-1 + (2 * i) / (length - 1)) * (alignCorners === true ? 1 : (length - 1) / length)
  const total = sizeOf(sizes)
  const base = new Float64Array(total * (rank + 1)).fill(1)
  for (let i = 0; i < total; i++) {
    let rest = i
    for (let a = rank - 1; a >= 0; a--) {
      base[i * (rank + 1) + (rank - 1 - a)] = at(rest % sizes[a], sizes[a])
      rest = Math.floor(rest / sizes[a])
    }
  }
  const places = tensorBeside(theta, encode(base, theta.dtype), [total, rank + 1], theta.dtype)
  return matmul(places, theta.transpose(1, 2)).reshape([n, ...sizes, rank])
}
