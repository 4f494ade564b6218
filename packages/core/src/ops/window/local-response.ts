import { takeTensor } from '../../tensor/kind.ts'
import { pow } from '../elementwise/power.ts'
import { flag, integers, nullable, whole, number } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { real } from '../../base/kinds.ts'
import { ShapeError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { pad } from '../shape/pad.ts'
import { avgPool1d, avgPool2d, avgPool3d, type PoolOptions } from './pool.ts'
import { abs, sign } from '../elementwise/unary.ts'
import { relu } from '../elementwise/rectifier.ts'

/** Options of {@link localResponseNorm}. */
export interface LocalResponseNormOptions {
  /** 1e-4 by default. */
  alpha?: number
  /** 0.75 by default. */
  beta?: number
  /** 1 by default. */
  k?: number
}
/** The kinds of {@link LocalResponseNormOptions}. */
export const localResponseNormOptions = /* @__PURE__ */ defineOptions<LocalResponseNormOptions>({
  alpha: real,
  beta: real,
  k: real,
})

/**
 * `x / (k + alpha · mean(x²))ᵝ`, the mean over `size` neighbouring channels.
 *
 * @param x - `[n, c, ...]` with at least one more axis
 * @throws ShapeError for fewer axes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
 */
export function localResponseNorm(x: Tensor, size: number, options?: LocalResponseNormOptions): Tensor {
  takeTensor('localResponseNorm', 'x', x)

  takeArgument('localResponseNorm', 'size', whole, size)
  const {
    alpha = 1e-4,
    beta = 0.75,
    k = 1,
  } = takeOptions('localResponseNorm', localResponseNormOptions, options)
  if (x.ndim < 3) {
    throw new ShapeError(
      `Expected 3D or higher dimensionality                          input (got ${x.ndim} dimensions)`,
    )
  }
  if (x.numel() === 0) return x
  const [n, c] = x.shape
  const squares = x.mul(x).reshape([n, 1, c, x.numel() / (n * c)])
  const padded = pad(squares, [0, 0, Math.floor(size / 2), Math.floor((size - 1) / 2)])
  const mean = avgPool2d(padded, [size, 1], { stride: 1 }).reshape(x.shape)
  return x.div(pow(mean.mul(alpha).add(k), beta))
}

/** Options of {@link lpPool2d}. */
export type LpPoolOptions = Pick<PoolOptions, 'stride' | 'ceilMode'>

function powers(
  pool: (x: Tensor, kernel: number | Shape, options: PoolOptions) => Tensor,
  rank: number,
  x: Tensor,
  normType: number,
  kernelSize: number | Shape,
  options: LpPoolOptions,
): Tensor {
  const sizes = typeof kernelSize === 'number' ? new Array<number>(rank).fill(kernelSize) : kernelSize
  const mean = pool(pow(x, normType), kernelSize, options)
  const count = sizes.reduce((a, b) => a * b, 1)
  return pow(
    sign(mean)
      .mul(relu(abs(mean)))
      .mul(count),
    1 / normType,
  )
}

const lpPoolOptions = /* @__PURE__ */ defineOptions<LpPoolOptions>({
  stride: /* @__PURE__ */ nullable(integers),
  ceilMode: flag,
})

/** {@link lpPool2d} over one axis. */
export const lpPool1d = (
  x: Tensor,
  normType: number,
  kernelSize: number | Shape,
  options?: LpPoolOptions,
): Tensor => {
  takeTensor('lpPool1d', 'x', x)
  return powers(avgPool1d, 1, x, normType, kernelSize, takeOptions('lpPool1d', lpPoolOptions, options))
}

/**
 * The root of the sum of powers in each window: `(Σ xᵖ)^(1/p)`.
 *
 * @param x - `[n, c, height, width]` or `[c, height, width]`
 * @param normType - the power p
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html
 * @example
 * g.lpPool2d(g.ones(1, 1, 2, 2), 2, 2).item() // => 2
 */
export const lpPool2d = (
  x: Tensor,
  normType: number,
  kernelSize: number | Shape,
  options?: LpPoolOptions,
): Tensor => {
  takeTensor('lpPool2d', 'x', x)
  takeArgument('lpPool2d', 'normType', number, normType)
  return powers(avgPool2d, 2, x, normType, kernelSize, takeOptions('lpPool2d', lpPoolOptions, options))
}

/** {@link lpPool2d} over three axes. */
export const lpPool3d = (
  x: Tensor,
  normType: number,
  kernelSize: number | Shape,
  options?: LpPoolOptions,
): Tensor => {
  takeTensor('lpPool3d', 'x', x)
  takeArgument('lpPool3d', 'normType', number, normType)
  return powers(avgPool3d, 3, x, normType, kernelSize, takeOptions('lpPool3d', lpPoolOptions, options))
}
