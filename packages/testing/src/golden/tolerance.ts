import type { DType } from '@gradus/core'

/** How far an answer may be from PyTorch's: `|a - b| ≤ absolute + relative · |b|`. */
export interface Tolerance {
  readonly relative: number
  readonly absolute: number
}

const exact: Tolerance = { relative: 0, absolute: 0 }

// torch.testing.assert_close, which the README of the golden data takes for float32 and float64
const plain: Partial<Record<DType, Tolerance>> = {
  float16: { relative: 1e-3, absolute: 1e-5 },
  bfloat16: { relative: 1.6e-2, absolute: 1e-5 },
  float32: { relative: 1.3e-6, absolute: 1e-5 },
  float64: { relative: 1e-7, absolute: 1e-7 },
}

// the README again: matmul, convolution, norms and long reductions add in another order
const accumulating: Partial<Record<DType, Tolerance>> = {
  ...plain,
  float32: { relative: 1e-4, absolute: 1e-5 },
}

const accumulatingOps = new RegExp(
  '^(' +
    [
      '__rmatmul__|addbmm|addmm.*|addmv|addr|baddbmm|bmm.*|mm|mv|matmul|dot|vdot|inner|outer|tensordot|einsum|cdist|dist',
      'linalg\\..*|cholesky.*|lu.*|qr|svd.*|pinverse|pca_lowrank|matrix_exp|triangular_solve|ormqr|geqrf|logdet',
      'nn\\.functional\\.(.*conv.*|linear.*|bilinear|.*norm.*|scaled_dot.*|multi_?head.*|transformer.*|.*_loss|cross_entropy.*|.*cross_entropy.*|kl_div|cosine.*|pdist|pairwise.*|.*avg_pool.*|embedding_bag|grid_sample|interpolate.*|upsample.*)',
      'norm.*|renorm|native_.*norm|_native.*|_batch.*|grid_sampler.*|_upsample.*|masked\\.(norm.*|std|var|mean|sum|prod|logsumexp|.*softmax.*)',
      'sum.*|mean|nansum|nanmean|prod|cum.*|std.*|var.*|logsumexp|logcumsumexp|cov|corrcoef|trapz|trapezoid|trace|mvlgamma.*|.*softmax.*',
    ].join('|') +
    ')$',
)

/** The tolerance for results of a PyTorch operator in a dtype; integers and bool are exact. */
export const toleranceOf = (op: string, dtype: DType): Tolerance =>
  (accumulatingOps.test(op) ? accumulating : plain)[dtype] ?? exact

/** Whether an answer is PyTorch's, up to a tolerance; NaN and infinities only to themselves. */
export const close = (value: number, target: number, { relative, absolute }: Tolerance): boolean =>
  Object.is(value, target) ||
  value === target ||
  (Number.isFinite(target) && Math.abs(value - target) <= absolute + relative * Math.abs(target))
