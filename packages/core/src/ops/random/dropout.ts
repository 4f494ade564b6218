import { takeTensor } from '../../tensor/kind.ts'
import { div_ } from '../elementwise/arithmetic.ts'
import { defineOptions, takeOptions, takeArgument } from '../../base/options.ts'
import { flag, number } from '../../base/kinds.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { internals } from '../../op/internals.ts'
import { Layout, layoutLike, type Shape } from '../../base/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { filledAs } from '../../op/fill.ts'
import { bernoulli_, type RandomOptions, randomOptions } from './in-place-draws.ts'

/** Options of dropout. */
export interface DropoutOptions extends RandomOptions {
  /** Drops nothing when false; true by default. */
  training?: boolean
}
/** The kinds of {@link DropoutOptions}. */
export const dropoutOptions = /* @__PURE__ */ defineOptions<DropoutOptions, RandomOptions>(
  { training: flag },
  randomOptions,
)

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`dropout probability has to be between 0 and 1, but got ${p}`)
}

/** 1 / (1 - p) where a draw keeps, 0 where it drops, scaled in the dtype itself as PyTorch does. */
function noiseLike(x: Tensor, shape: Shape, p: number, options: RandomOptions): Tensor {
  if (!isFloat(x.dtype))
    throw new DTypeError(`result type float32 can't be cast to the desired output type ${x.dtype}`)
  // a freed tensor is refused before anything is drawn
  void x.storage.block
  const noise =
    shape === x.shape ? internals(x).makeAs(layoutLike(x.layout), x.dtype) : internals(x).make(shape, x.dtype)
  bernoulli_(noise, 1 - p, options)
  return div_(noise, x.dtype === 'float64' ? 1 - p : Math.fround(1 - p))
}

/**
 * Elements dropped with probability `p`, the others scaled by 1 / (1 - p). Nothing is drawn for p = 0 and p = 1.
 *
 * @param p - 0.5 by default
 * @throws ValueError `dropout probability has to be between 0 and 1, but got 1.5`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 */
export function dropout(x: Tensor, p = 0.5, options?: DropoutOptions): Tensor {
  takeTensor('dropout', 'x', x)
  takeArgument('dropout', 'p', number, p)

  const { training = true, generator = null } = takeOptions('dropout', dropoutOptions, options)
  checkProbability(p)
  if (!training || p === 0 || x.numel() === 0) return x
  if (p === 1) return x.mul(filledAs(x, [], 0))
  return x.mul(noiseLike(x, x.shape, p, { generator }))
}

/**
 * Whole channels dropped with probability `p`, the others scaled by 1 / (1 - p).
 *
 * @param x - [n, channels, ...]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html
 */
export function featureDropout(x: Tensor, p = 0.5, options?: DropoutOptions): Tensor {
  takeTensor('featureDropout', 'x', x)
  takeArgument('featureDropout', 'p', number, p)

  const { training = true, generator = null } = takeOptions('featureDropout', dropoutOptions, options)
  checkProbability(p)
  if (!training || p === 0 || x.numel() === 0) return x
  if (p === 1) return x.mul(filledAs(x, [], 0))
  const shape = x.shape.map((n, a) => (a < 2 ? n : 1))
  return x.mul(noiseLike(x, shape, p, { generator }))
}

const unbatched = (x: Tensor, rank: number, p: number, options: DropoutOptions): Tensor =>
  x.ndim === rank + 1 ? featureDropout(x.unsqueeze(0), p, options).squeeze(0) : featureDropout(x, p, options)

/** {@link featureDropout} of [n, channels, length] or [channels, length]. */
export const dropout1d = (x: Tensor, p = 0.5, options?: DropoutOptions): Tensor => {
  takeTensor('dropout1d', 'x', x)
  takeArgument('dropout1d', 'p', number, p)
  return unbatched(x, 1, p, takeOptions('dropout1d', dropoutOptions, options))
}

/** {@link featureDropout} of [n, channels, height, width]; three axes count as [n, channels, length], as in PyTorch. */
export const dropout2d = (x: Tensor, p = 0.5, options?: DropoutOptions): Tensor => {
  takeTensor('dropout2d', 'x', x)
  takeArgument('dropout2d', 'p', number, p)
  return featureDropout(x, p, takeOptions('dropout2d', dropoutOptions, options))
}

/** {@link featureDropout} of [n, channels, depth, height, width] or without n. */
export const dropout3d = (x: Tensor, p = 0.5, options?: DropoutOptions): Tensor => {
  takeTensor('dropout3d', 'x', x)
  takeArgument('dropout3d', 'p', number, p)
  return unbatched(x, 3, p, takeOptions('dropout3d', dropoutOptions, options))
}

/**
 * Dropout that keeps mean and variance of results of selu: dropped elements take the lowest value of selu. Drops only with
 * `training: true`, as PyTorch's function.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
 */
export function alphaDropout(x: Tensor, p = 0.5, options?: DropoutOptions): Tensor {
  takeTensor('alphaDropout', 'x', x)
  takeArgument('alphaDropout', 'p', number, p)
  return alphaDropped(x, p, takeOptions('alphaDropout', dropoutOptions, options), x.layout)
}

/**
 * {@link alphaDropout} of whole channels.
 *
 * @param x - [n, channels, ...]
 * @throws ShapeError for fewer than two axes, where anything is drawn
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.feature_alpha_dropout.html
 */
export function featureAlphaDropout(x: Tensor, p = 0.5, options?: DropoutOptions): Tensor {
  takeTensor('featureAlphaDropout', 'x', x)
  takeArgument('featureAlphaDropout', 'p', number, p)
  const taken = takeOptions('featureAlphaDropout', dropoutOptions, options)
  if (x.ndim < 2 && taken.training === true && p > 0 && p < 1)
    throw new ShapeError('Feature dropout requires at least 2 dimensions in the input')
  return alphaDropped(x, p, taken, Layout.of(x.shape.map((n, a) => (a < 2 ? n : 1))))
}

function alphaDropped(x: Tensor, p: number, options: DropoutOptions, drawn: Layout): Tensor {
  const { training = false, generator = null } = options
  checkProbability(p)
  if (!training || p === 0 || x.numel() === 0) return x
  if (p === 1) return x.mul(filledAs(x, [], 0))
  const alpha = 1.7580993408473766
  const a = 1 / Math.sqrt((alpha * alpha * p + 1) * (1 - p))
  const kept = bernoulli_(internals(x).makeAs(layoutLike(drawn), x.dtype), 1 - p, { generator })
  const shift = kept
    .sub(1)
    .mul_(alpha * a)
    .add_(alpha * a * p)
  return x.mul(kept.mul(a)).add(shift)
}
