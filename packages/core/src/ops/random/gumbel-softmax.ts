import { normalizeAxis } from '../../base/shape.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { atLeast, flag, whole } from '../../base/kinds.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { filledAs } from '../../op/fill.ts'
import { internals } from '../../op/internals.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { log } from '../elementwise/exponential.ts'
import { scatter } from '../index/gather.ts'
import { softmax } from '../layers/softmax.ts'
import { argmax } from '../reduce/extremes.ts'
import { exponential_, randomOptions, type RandomOptions } from './in-place-draws.ts'

/** Options of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions extends RandomOptions {
  /** The temperature; 1 by default. */
  tau?: number
  /** Gives one-hot rows, differentiated as if they were soft; false by default. */
  hard?: boolean
  /** The axis of the classes; the last by default. */
  dim?: number
}
const gumbelOptions = /* @__PURE__ */ defineOptions<GumbelSoftmaxOptions, RandomOptions>(
  { tau: /* @__PURE__ */ atLeast(0, { exclusive: true }), hard: flag, dim: whole },
  randomOptions,
)

/**
 * A sample of the relaxed categorical distribution of logits: softmax of logits and Gumbel noise.
 *
 * @param options - `tau` 1, `hard` false and `dim` -1 by default
 * @returns the shape of `logits`; rows sum to 1
 * @see Jang et al. 2017, https://arxiv.org/abs/1611.01144
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html
 * @example
 * g.gumbelSoftmax(g.zeros(2, 3), { hard: true }).sum(1).tolist() // => [1, 1]
 */
export function gumbelSoftmax(logits: Tensor, options?: GumbelSoftmaxOptions): Tensor {
  takeTensor('gumbelSoftmax', 'logits', logits)
  const {
    tau = 1,
    hard = false,
    dim: axis = -1,
    generator = null,
  } = takeOptions('gumbelSoftmax', gumbelOptions, options)
  // before anything is drawn
  normalizeAxis(axis, logits.ndim)
  const drawn = exponential_(internals(logits).make(logits.shape, logits.dtype), 1, { generator })
  const soft = softmax(logits.sub(log(drawn)).div(tau), axis)
  if (!hard) return soft
  const place = argmax(soft.detach(), axis, { keepdim: true })
  const sharp = scatter(filledAs(logits, logits.shape, 0), axis, place, 1)
  return sharp.sub(soft.detach()).add(soft)
}
