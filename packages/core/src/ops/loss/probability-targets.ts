import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { logSoftmax } from '../layers/softmax.ts'

// a class without a share counts for nothing even where its logit is -inf
const inShares = /* @__PURE__ */ definePointwise(
  'crossEntropyShare',
  {
    result: 'promote',
    inputs: ['x', 'share'],
    grads: { x: (g, [, share]) => f.mul(g, share), share: (g, [x]) => f.mul(g, x) },
  },
  (x, share) => f.where(f.eq(share, 0), 0, f.mul(x, share)),
)

/** The cross entropy of each sample with a distribution over the classes, which lie along `axis`. */
export function ofProbabilities(
  x: Tensor,
  target: Tensor,
  weight: Tensor | null,
  axis: number,
  smoothing: number,
): Tensor {
  const smoothed = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / x.shape[axis]) : target
  const shape = x.shape.map((n, a) => (a === axis ? n : 1))
  const weighted = weight ? smoothed.mul(weight.reshape(shape)) : smoothed
  return inShares(logSoftmax(x, axis), weighted).sum(axis).mul(-1)
}
