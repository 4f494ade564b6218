import { checkReduction, reduceLoss, reductionName, type Reduction } from './reduction.ts'
import { logicalAnd } from '../elementwise/logical.ts'
import { logicalNot } from '../elementwise/unary.ts'
import { indexSelect } from '../index/index-along.ts'
import { square } from '../elementwise/power.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import { logitsLoss, lossOptions } from './elementwise-loss.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { nullable, real } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { isInteger } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape } from '../../base/layout.ts'
import { attributes } from '../../op/declaration.ts'
import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { eq, gt } from '../elementwise/compare.ts'
import { oneHot } from '../layers/embedding.ts'
import { gather, scatterToZeros } from '../index/gather.ts'
import type { LossOptions } from './elementwise-loss.ts'
import { cumsum } from '../reduce/scan.ts'
import { clampMin, where } from '../elementwise/ternary.ts'

const marginRankingOp = /* @__PURE__ */ definePointwise(
  'marginRankingLoss',
  { result: 'promote', inputs: ['x1', 'x2', 'target'], params: 1, autocast: 'fp32' },
  (x1, x2, y, margin) => f.max(f.add(f.mul(f.neg(y), f.sub(x1, x2)), margin), 0),
)

/** Options of losses with a margin. */
export interface MarginOptions extends LossOptions {
  /** The least distance between right and wrong. */
  margin?: number
}
/** The kinds of {@link MarginOptions}. */
export const marginOptions = /* @__PURE__ */ defineOptions<MarginOptions, LossOptions>(
  { margin: real },
  lossOptions,
)

/**
 * `max(0, -target · (x1 - x2) + margin)`: which of two scores should be the higher one.
 *
 * @param target - 1 where x1 should be higher, -1 where x2 should
 * @param options - `margin` is 0 by default
 * @throws ShapeError unless all three have one rank
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
 * @example
 * g.marginRankingLoss(g.tensor([1]), g.tensor([3]), g.tensor([1])).item() // => 2
 */
export function marginRankingLoss(x1: Tensor, x2: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  takeTensor('marginRankingLoss', 'x1', x1)
  takeTensor('marginRankingLoss', 'x2', x2)
  takeTensor('marginRankingLoss', 'target', target)

  const { margin = 0, reduction = 'mean' } = takeOptions('marginRankingLoss', marginOptions, options)
  if (x1.ndim !== x2.ndim || x1.ndim !== target.ndim) {
    throw new ShapeError(
      `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: [${x1.shape.join(', ')}], input2: [${x2.shape.join(', ')}], target: [${target.shape.join(', ')}]`,
    )
  }
  return reduceLoss(marginRankingOp.with([margin], x1, x2, target), reduction)
}

const hingeEmbeddingOp = /* @__PURE__ */ definePointwise(
  'hingeEmbeddingLoss',
  { result: 'promote', inputs: ['x', 'target'], params: 1, autocast: 'fp32' },
  (x, y, margin) => f.add(f.where(f.ne(y, 1), f.max(f.sub(margin, x), 0), 0), f.where(f.ne(y, -1), x, 0)),
)

/**
 * Distances `x` of pairs that belong together (target 1), and `max(0, margin - x)` of pairs that do not (-1).
 *
 * @param options - `margin` is 1 by default
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
 */
export const hingeEmbeddingLoss = (x: Tensor, target: Tensor, options?: MarginOptions): Tensor => {
  takeTensor('hingeEmbeddingLoss', 'x', x)
  takeTensor('hingeEmbeddingLoss', 'target', target)

  const { margin = 1, reduction = 'mean' } = takeOptions('hingeEmbeddingLoss', marginOptions, options)
  return reduceLoss(hingeEmbeddingOp.with([margin], x, target), reduction)
}

const softMarginOp = /* @__PURE__ */ definePointwise(
  'softMarginLoss',
  { result: 'promote', inputs: ['x', 'target'], autocast: 'fp32' },
  (x, y) => {
    const z = f.neg(f.mul(y, x))
    // log(1 + exp(z)) without overflow
    return f.add(f.max(z, 0), f.log1p(f.exp(f.neg(f.abs(z)))))
  },
)

/**
 * `log(1 + exp(-target · x))`, targets 1 and -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
 */
export const softMarginLoss = (x: Tensor, target: Tensor, options?: LossOptions): Tensor => {
  takeTensor('softMarginLoss', 'x', x)
  takeTensor('softMarginLoss', 'target', target)

  const { reduction = 'mean' } = takeOptions('softMarginLoss', lossOptions, options)
  return reduceLoss(softMarginOp(x, target), reduction)
}

/** Options of {@link multiMarginLoss}. */
export interface MultiMarginLossOptions extends MarginOptions {
  /** The power of each difference: 1 (the default) or 2. */
  p?: number
  /** Weight of each class, `[c]`; 1 by default. */
  weight?: Tensor | null
}
/** The kinds of {@link MultiMarginLossOptions}. */
export const multiMarginLossOptions = /* @__PURE__ */ defineOptions<MultiMarginLossOptions, MarginOptions>(
  { p: real, weight: /* @__PURE__ */ nullable(aTensor) },
  marginOptions,
)

const multiMarginOp = /* @__PURE__ */ defineOp({
  name: 'multiMarginLoss',
  inputs: ['x', 'target', 'weight?'],
  attrs: attributes<{ p: number; margin: number }>(),
  autocast: 'fp32',
  decompose({ x, target, weight }, { p, margin }) {
    const classes = x.shape[1]
    const at = target.unsqueeze(1)
    const gap = clampMin(x.sub(gather(x, 1, at)).add(margin), 0)
    const powered = p === 2 ? square(gap) : gap
    const weighted = weight ? powered.mul(indexSelect(weight, 0, target).unsqueeze(1)) : powered
    return where(eq(oneHot(target, classes), 1), 0, weighted)
      .sum(1)
      .div(classes)
  },
})

/**
 * `Σᵢ max(0, margin - x[target] + x[i])ᵖ / c` over the other classes i.
 *
 * @param x - scores `[n, c]` or `[c]`
 * @param target - classes `[n]` or `[]`
 * @param options - `margin` is 1 by default
 * @throws ShapeError, ValueError for other powers than 1 and 2
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
 */
export function multiMarginLoss(x: Tensor, target: Tensor, options?: MultiMarginLossOptions): Tensor {
  takeTensor('multiMarginLoss', 'x', x)
  takeTensor('multiMarginLoss', 'target', target)

  const {
    p = 1,
    margin = 1,
    weight = null,
    reduction = 'mean',
  } = takeOptions('multiMarginLoss', multiMarginLossOptions, options)
  if (p !== 1 && p !== 2) throw new ValueError('only p == 1 and p == 2 supported')
  if (weight && weight.ndim !== 1) throw new ShapeError('weight must be one-dimensional')
  checkReduction(reduction)
  const rows = rowsOf(x)
  const [n, classes] = [rows.shape[0], rows.shape[1]]
  if (target.ndim > 1 || target.numel() !== n) {
    throw new ShapeError(
      `multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [${n}], but got ${listed(target)}. Input has shape ${listed(x)}.`,
    )
  }
  if (weight && weight.numel() !== classes)
    throw new ShapeError(`inconsistent weight size, expected ${classes} but got ${listed(weight)}`)
  checkClasses(target)
  const loss = multiMarginOp({ x: rows, target: target.reshape([target.numel()]), weight }, { p, margin })
  return reduceLoss(target.ndim === 0 ? loss.squeeze(0) : loss, reduction)
}

const listed = (x: Tensor): string => `[${x.shape.join(', ')}]`

/** Scores as `[n, c]`: one example, or one score, is a batch of one. */
function rowsOf(x: Tensor): Tensor {
  if (x.ndim > 2 || x.shape.at(-1) === 0) {
    throw new ShapeError(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${listed(x)}`,
    )
  }
  return x.ndim === 2 ? x : x.reshape([1, x.numel()])
}

function checkClasses(target: Tensor): void {
  if (isInteger(target.dtype)) return
  throw new DTypeError(`expected scalar type Long but found ${target.dtype}`, {
    hint: "classes are integers: make them with { dtype: 'int32' }",
  })
}

const multilabelMarginOp = /* @__PURE__ */ defineOp({
  name: 'multilabelMarginLoss',
  inputs: ['x', 'target'],
  autocast: 'fp32',
  decompose({ x, target }) {
    const [n, classes] = x.shape
    // labels stand before the first -1
    const counts = eq(cumsum(eq(target, -1).to('int32'), 1), 0)
    const labels = where(counts, target, 0)
    const isLabel = gt(scatterToZeros(counts.to(x.dtype), 1, labels, [n, classes]), 0)
    const difference = x.unsqueeze(1).sub(gather(x, 1, labels).unsqueeze(2))
    const wrong = logicalAnd(counts.unsqueeze(2), logicalNot(isLabel).unsqueeze(1))
    return where(wrong, clampMin(difference.add(1), 0), 0)
      .sum([1, 2])
      .div(classes)
  },
})

/**
 * `Σᵢⱼ max(0, 1 - x[yⱼ] + x[i]) / c` over the labels yⱼ of a sample and the classes i that are none.
 *
 * @param x - scores `[n, c]` or `[c]`
 * @param target - labels of the same shape: the first ones, up to -1, count
 * @throws ShapeError for shapes that differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
 */
export function multilabelMarginLoss(x: Tensor, target: Tensor, options?: LossOptions): Tensor {
  takeTensor('multilabelMarginLoss', 'x', x)
  takeTensor('multilabelMarginLoss', 'target', target)

  const { reduction = 'mean' } = takeOptions('multilabelMarginLoss', lossOptions, options)
  checkReduction(reduction)
  const rows = rowsOf(x)
  const fits =
    x.ndim === 2 ? sameShape(x.shape, target.shape) : target.ndim < 2 && target.numel() === x.numel()
  if (!fits)
    throw new ShapeError(`inconsistent target size: ${listed(target)} for input of size: ${listed(x)}`)
  checkClasses(target)
  const loss = multilabelMarginOp({ x: rows, target: target.reshape(rows.shape) }, undefined)
  return reduceLoss(x.ndim === 2 ? loss : loss.squeeze(0), reduction)
}

/** Options of {@link multilabelSoftMarginLoss}. */
export interface MultilabelSoftMarginLossOptions {
  /** Weight of each class, `[c]`; 1 by default. */
  weight?: Tensor | null
  /** 'mean' by default. */
  reduction?: Reduction
}
const multilabelSoftMarginLossOptions = /* @__PURE__ */ defineOptions<MultilabelSoftMarginLossOptions>({
  weight: /* @__PURE__ */ nullable(aTensor),
  reduction: reductionName,
})

/**
 * The mean over classes of the binary cross entropy of every class: several labels per sample.
 *
 * @param x - logits `[..., c]`
 * @param target - 0 or 1, of the same shape
 * @param options - `weight` `[c]` multiplies each class
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
 */
export function multilabelSoftMarginLoss(
  x: Tensor,
  target: Tensor,
  options?: MultilabelSoftMarginLossOptions,
): Tensor {
  takeTensor('multilabelSoftMarginLoss', 'x', x)
  takeTensor('multilabelSoftMarginLoss', 'target', target)
  takeTensor('multilabelSoftMarginLoss', 'target', target)

  const { weight = null, reduction = 'mean' } = takeOptions(
    'multilabelSoftMarginLoss',
    multilabelSoftMarginLossOptions,
    options,
  )
  const loss = logitsLoss(x, target)
  const weighted = weight ? loss.mul(weight) : loss
  return reduceLoss(weighted.sum(-1).div(x.shape.at(-1)!), reduction)
}
