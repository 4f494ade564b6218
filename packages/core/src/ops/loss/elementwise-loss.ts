import { reduceLoss, type Reduction, reductionName } from './reduction.ts'
import { either, flag, oneOf, real } from '../../base/kinds.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { nullable } from '../../base/kinds.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape } from '../../base/layout.ts'
import { definePointwise, type PointwiseOp } from '../../op/pointwise.ts'
import type { Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { logistic } from '../../program/functions.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { warn } from '../../base/warnings.ts'

/** Options of losses of single elements. */
export interface LossOptions {
  /** 'mean' by default. */
  reduction?: Reduction
}
/** The kinds of {@link LossOptions}. */
export const lossOptions = /* @__PURE__ */ defineOptions<LossOptions>({ reduction: reductionName })

const xy = { result: 'promote', inputs: ['x', 'target'], autocast: 'fp32' } as const
// written out: bundlers keep a declaration that spreads an object, used or not
const xyWith = { result: 'promote', inputs: ['x', 'target'], autocast: 'fp32', params: 1 } as const

function pairwise(
  op: PointwiseOp,
  params: readonly number[],
  x: Tensor,
  target: Tensor,
  reduction: Reduction,
): Tensor {
  if (!sameShape(x.shape, target.shape)) {
    warn(
      `Using a target size ([${target.shape.join(', ')}]) that is different to the input size ([${x.shape.join(', ')}]). ` +
        'This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.',
    )
  }
  return reduceLoss(op.with(params, x, target), reduction)
}

const mseOp = /* @__PURE__ */ definePointwise('mseLoss', xy, (x, y) => f.square(f.sub(x, y)))
const l1Op = /* @__PURE__ */ definePointwise('l1Loss', xy, (x, y) => f.abs(f.sub(x, y)))
const smoothL1Op = /* @__PURE__ */ definePointwise('smoothL1Loss', xyWith, (x, y, beta) => {
  const d = f.abs(f.sub(x, y))
  const isNear = f.lt(d, beta)
  return f.where(isNear, f.div(halfSquare(isNear, d), beta), f.sub(d, f.mul(beta, 0.5)))
})
const huberOp = /* @__PURE__ */ definePointwise('huberLoss', xyWith, (x, y, delta) => {
  const d = f.abs(f.sub(x, y))
  const isNear = f.le(d, delta)
  return f.where(isNear, halfSquare(isNear, d), f.mul(delta, f.sub(d, f.mul(delta, 0.5))))
})
// of 0 where it is not taken: the chain rule would multiply 0 with an infinite difference
const halfSquare = (taken: Expr, d: Expr): Expr => f.mul(f.square(f.where(taken, d, 0)), 0.5)

/**
 * Squared differences.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
 * @example
 * g.mseLoss(g.tensor([1, 2]), g.tensor([1, 4])).item() // => 2
 */
export const mseLoss = (x: Tensor, target: Tensor, options?: LossOptions): Tensor => {
  takeTensor('mseLoss', 'x', x)
  takeTensor('mseLoss', 'target', target)

  const { reduction = 'mean' } = takeOptions('mseLoss', lossOptions, options)
  return pairwise(mseOp, [], x, target, reduction)
}

/** Absolute differences. */
export const l1Loss = (x: Tensor, target: Tensor, options?: LossOptions): Tensor => {
  takeTensor('l1Loss', 'x', x)
  takeTensor('l1Loss', 'target', target)

  const { reduction = 'mean' } = takeOptions('l1Loss', lossOptions, options)
  return pairwise(l1Op, [], x, target, reduction)
}

const smoothL1Options = /* @__PURE__ */ defineOptions<LossOptions & { beta?: number }, LossOptions>(
  { beta: real },
  lossOptions,
)

/**
 * Squared differences below `beta`, absolute ones beyond it.
 *
 * @param options - `beta` is 1 by default; 0 gives {@link l1Loss}
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
 */
export function smoothL1Loss(x: Tensor, target: Tensor, options?: LossOptions & { beta?: number }): Tensor {
  takeTensor('smoothL1Loss', 'x', x)
  takeTensor('smoothL1Loss', 'target', target)

  const { reduction = 'mean', beta = 1 } = takeOptions('smoothL1Loss', smoothL1Options, options)
  if (beta < 0) throw new ValueError('smooth_l1_loss does not support negative values for beta.')
  return beta === 0 ? l1Loss(x, target, { reduction }) : pairwise(smoothL1Op, [beta], x, target, reduction)
}

const huberOptions = /* @__PURE__ */ defineOptions<LossOptions & { delta?: number }, LossOptions>(
  { delta: real },
  lossOptions,
)

/** Squared differences up to `delta` (1 by default), `delta` times absolute ones beyond it. */
export function huberLoss(x: Tensor, target: Tensor, options?: LossOptions & { delta?: number }): Tensor {
  takeTensor('huberLoss', 'x', x)
  takeTensor('huberLoss', 'target', target)

  const { reduction = 'mean', delta = 1 } = takeOptions('huberLoss', huberOptions, options)
  if (!(delta > 0)) throw new ValueError('huber_loss does not support non-positive values for delta.')
  return pairwise(huberOp, [delta], x, target, reduction)
}

/** Options of binary cross entropies. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** Multiplies each loss; broadcasts. */
  weight?: Tensor | null
}
/** The kinds of {@link BinaryCrossEntropyOptions}. */
export const binaryCrossEntropyOptions = /* @__PURE__ */ defineOptions<
  BinaryCrossEntropyOptions,
  LossOptions
>({ weight: /* @__PURE__ */ nullable(aTensor) }, lossOptions)

// logarithms are held at -100, and there the gradient is PyTorch's (x - y) / max(x (1 - x), 1e-12), not 0
const bceOp = /* @__PURE__ */ definePointwise(
  'binaryCrossEntropy',
  {
    result: 'promote',
    inputs: ['x', 'target'],
    autocast: 'banned',
    checks: ([x]) => [
      {
        fail: f.not(f.and(f.ge(x, 0), f.le(x, 1))),
        error: 'all elements of input should be between 0 and 1',
      },
    ],
    grads: {
      x: (g, [x, y]) => f.mul(g, f.div(f.sub(x, y), f.max(f.mul(x, f.sub(1, x)), 1e-12))),
      target: (g, [x]) => f.mul(g, f.sub(logOf(f.sub(1, x)), logOf(x))),
    },
  },
  (x, y) => f.neg(f.add(f.mul(y, logOf(x)), f.mul(f.sub(1, y), logOf(f.sub(1, x))))),
)
const logOf = (x: Expr): Expr => f.max(f.log(x), -100)

/**
 * Cross entropy of probabilities with targets in [0, 1]; logarithms are held at -100.
 *
 * @param x - probabilities
 * @throws IndexError for a probability outside of [0, 1]; ShapeError for shapes that differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
 */
export function binaryCrossEntropy(x: Tensor, target: Tensor, options?: BinaryCrossEntropyOptions): Tensor {
  takeTensor('binaryCrossEntropy', 'x', x)
  takeTensor('binaryCrossEntropy', 'target', target)

  options = takeOptions('binaryCrossEntropy', binaryCrossEntropyOptions, options)
  const { reduction = 'mean', weight = null } = options
  if (!sameShape(x.shape, target.shape)) {
    throw new ShapeError(
      `Using a target size ([${target.shape.join(', ')}]) that is different to the input size ([${x.shape.join(', ')}]) is deprecated. Please ensure they have the same size.`,
    )
  }
  const loss = bceOp(x, target)
  return reduceLoss(weight ? loss.mul(weight) : loss, reduction)
}

/*
 * The loss of a logit x is y · softplus(-x) + (1 - y) · softplus(x), where softplus(x) = max(x, 0) + log1p(exp(-|x|)). A side of
 * weight 0 counts for nothing, even if the logit is infinite.
 */
const bceLogitsOp = /* @__PURE__ */ definePointwise(
  'binaryCrossEntropyWithLogits',
  {
    result: 'promote',
    inputs: ['x', 'target'],
    autocast: 'fp32',
    grads: {
      // derived, it would have sign(x): no gradient of gradients at 0
      x: (g, [x, y]) => f.mul(g, f.sub(logistic(x), y)),
      target: (g, [x]) => f.neg(f.mul(g, x)),
    },
  },
  (x, y) => f.add(f.add(weighed(y, below(x)), weighed(f.sub(1, y), above(x))), rest(x)),
)
/** The binary cross entropy of each logit. */
export const logitsLoss = (x: Tensor, target: Tensor): Tensor => bceLogitsOp(x, target)

const above = (x: Expr): Expr => f.max(x, 0)
const below = (x: Expr): Expr => f.max(f.neg(x), 0)
const rest = (x: Expr): Expr => f.log1p(f.exp(f.neg(f.abs(x))))
/** `weight · x`, and 0 for a weight of 0 even where x is infinite. */
const weighed = (weight: Expr, x: Expr): Expr => f.where(f.eq(weight, 0), 0, f.mul(weight, x))

const weightedLogitsOp = /* @__PURE__ */ definePointwise(
  'binaryCrossEntropyWithLogits',
  {
    result: 'promote',
    inputs: ['x', 'target', 'posWeight'],
    autocast: 'fp32',
    grads: {
      x: (g, [x, y, w]) => f.mul(g, f.sub(f.sub(1, y), f.mul(shareOf(y, w), logistic(f.neg(x))))),
      target: (g, [x, , w]) =>
        f.mul(g, f.add(f.sub(weighed(w, below(x)), above(x)), f.mul(f.sub(w, 1), rest(x)))),
      posWeight: (g, [x, y]) => f.mul(g, weighed(y, f.add(below(x), rest(x)))),
    },
  },
  (x, y, w) =>
    f.add(
      f.add(weighed(f.mul(w, y), below(x)), weighed(f.sub(1, y), above(x))),
      f.mul(shareOf(y, w), rest(x)),
    ),
)
/** The total weight of the target and of its complement. */
const shareOf = (y: Expr, w: Expr): Expr => f.add(f.mul(f.sub(w, 1), y), 1)

/** Options of {@link binaryCrossEntropyWithLogits}. */
export interface LogitsOptions extends BinaryCrossEntropyOptions {
  /** Weight of positive targets; broadcasts. */
  posWeight?: Tensor | null
}
const logitsOptions = /* @__PURE__ */ defineOptions<LogitsOptions, BinaryCrossEntropyOptions>(
  { posWeight: /* @__PURE__ */ nullable(aTensor) },
  binaryCrossEntropyOptions,
)

/** {@link binaryCrossEntropy} of `sigmoid(x)`, without overflow. */
export function binaryCrossEntropyWithLogits(x: Tensor, target: Tensor, options?: LogitsOptions): Tensor {
  takeTensor('binaryCrossEntropyWithLogits', 'x', x)
  takeTensor('binaryCrossEntropyWithLogits', 'target', target)

  const {
    reduction = 'mean',
    weight = null,
    posWeight = null,
  } = takeOptions('binaryCrossEntropyWithLogits', logitsOptions, options)
  if (!sameShape(x.shape, target.shape)) {
    throw new ShapeError(
      `Target size ([${target.shape.join(', ')}]) must be the same as input size ([${x.shape.join(', ')}])`,
    )
  }
  const loss = posWeight ? weightedLogitsOp(x, target, posWeight) : logitsLoss(x, target)
  return reduceLoss(weight ? loss.mul(weight) : loss, reduction)
}

// a target of 0 counts for nothing, though the logarithm x be infinite: the limit
const klDivOp = /* @__PURE__ */ definePointwise(
  'klDiv',
  {
    result: 'promote',
    inputs: ['x', 'target'],
    autocast: 'fp32',
    grads: {
      x: (g, [, y]) => f.neg(f.mul(g, y)),
      target: (g, [x, y]) => f.mul(g, f.sub(f.where(f.eq(y, 0), 0, f.add(f.log(y), 1)), x)),
    },
  },
  (x, y) => weighed(y, f.sub(f.log(y), x)),
)
const klDivLogOp = /* @__PURE__ */ definePointwise('klDiv', xy, (x, y) => f.mul(f.exp(y), f.sub(y, x)))

/** Options of {@link klDiv}. */
export interface KlDivOptions {
  /** 'mean' by default, over all elements; 'batchmean' divides by the length of axis 0. */
  reduction?: Reduction | 'batchmean'
  /** Whether the target is given as its logarithm; false by default. */
  logTarget?: boolean
}
const klDivOptions = /* @__PURE__ */ defineOptions<KlDivOptions>({
  reduction: /* @__PURE__ */ either(reductionName, /* @__PURE__ */ oneOf('batchmean')),
  logTarget: flag,
})

/**
 * Kullback-Leibler divergence of `target` from the distribution whose logarithm is `x`.
 *
 * @param options - 'mean' (the default) divides by the number of elements, 'batchmean' by the length of axis 0;
 *   `logTarget` says that the target is given as its logarithm
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
 */
export function klDiv(x: Tensor, target: Tensor, options?: KlDivOptions): Tensor {
  takeTensor('klDiv', 'x', x)
  takeTensor('klDiv', 'target', target)

  const { reduction = 'mean', logTarget = false } = takeOptions('klDiv', klDivOptions, options)
  const loss = logTarget ? klDivLogOp(x, target) : klDivOp(x, target)
  if (reduction === 'batchmean') return loss.sum().div(x.ndim === 0 ? 1 : x.shape[0])
  return reduceLoss(loss, reduction)
}
