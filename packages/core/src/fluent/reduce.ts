import type { Axes } from '../base/shape.ts'
import {
  amax,
  amin,
  aminmax,
  argmax,
  argmin,
  max,
  min,
  type ValuesAndIndices,
} from '../ops/reduce/extremes.ts'
import { logsumexp } from '../ops/reduce/logsumexp.ts'
import { matmul } from '../ops/linalg/matmul.ts'
import { median } from '../ops/reduce/median.ts'
import { nanmean, nansum } from '../ops/reduce/nan-reduce.ts'
import { prod } from '../ops/reduce/prod.ts'
import * as products from '../ops/linalg/matrix-products.ts'
import * as ops from '../ops/reduce/reduce.ts'
import * as scan from '../ops/reduce/scan.ts'
import { logSoftmax, softmax, type SoftmaxOptions } from '../ops/layers/softmax.ts'
import * as sorting from '../ops/reduce/sort.ts'
import { all, any, countNonzero } from '../ops/reduce/truth.ts'
import * as variance from '../ops/reduce/variance.ts'
import { norm } from '../ops/linalg/vector-norm.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentView } from './view.ts'

/** Reductions, orders and products as methods: each is the function of the same name with this tensor first. */
export abstract class FluentReduce extends FluentView {
  sum(this: Tensor, axes?: Axes, options?: ops.AccumulateOptions): Tensor {
    return ops.sum(this, axes, options)
  }
  mean(this: Tensor, axes?: Axes, options?: ops.AccumulateOptions): Tensor {
    return ops.mean(this, axes, options)
  }
  prod(this: Tensor, axis?: number | null, options?: ops.AccumulateOptions): Tensor {
    return prod(this, axis, options)
  }
  nansum(this: Tensor, axes?: Axes, options?: ops.AccumulateOptions): Tensor {
    return nansum(this, axes, options)
  }
  nanmean(this: Tensor, axes?: Axes, options?: ops.AccumulateOptions): Tensor {
    return nanmean(this, axes, options)
  }
  amax(this: Tensor, axes?: Axes, options?: ops.ReduceOptions): Tensor {
    return amax(this, axes, options)
  }
  amin(this: Tensor, axes?: Axes, options?: ops.ReduceOptions): Tensor {
    return amin(this, axes, options)
  }
  aminmax(this: Tensor, axis?: number | null, options?: ops.ReduceOptions): { min: Tensor; max: Tensor } {
    return aminmax(this, axis, options)
  }
  max(this: Tensor): Tensor
  max(this: Tensor, axis: number, options?: ops.ReduceOptions): ValuesAndIndices
  max(this: Tensor, y: Tensor): Tensor
  max(this: Tensor, second?: Tensor | number, options?: ops.ReduceOptions): Tensor | ValuesAndIndices {
    if (second === undefined) return max(this)
    return typeof second === 'number' ? max(this, second, options) : max(this, second)
  }
  min(this: Tensor): Tensor
  min(this: Tensor, axis: number, options?: ops.ReduceOptions): ValuesAndIndices
  min(this: Tensor, y: Tensor): Tensor
  min(this: Tensor, second?: Tensor | number, options?: ops.ReduceOptions): Tensor | ValuesAndIndices {
    if (second === undefined) return min(this)
    return typeof second === 'number' ? min(this, second, options) : min(this, second)
  }
  argmax(this: Tensor, axis?: number | null, options?: ops.ReduceOptions): Tensor {
    return argmax(this, axis, options)
  }
  argmin(this: Tensor, axis?: number | null, options?: ops.ReduceOptions): Tensor {
    return argmin(this, axis, options)
  }
  median(this: Tensor): Tensor
  median(this: Tensor, axis: number, options?: ops.ReduceOptions): ValuesAndIndices
  median(this: Tensor, axis?: number, options?: ops.ReduceOptions): Tensor | ValuesAndIndices {
    return axis === undefined ? median(this) : median(this, axis, options)
  }
  all(this: Tensor, axes?: Axes, options?: ops.ReduceOptions): Tensor {
    return all(this, axes, options)
  }
  any(this: Tensor, axes?: Axes, options?: ops.ReduceOptions): Tensor {
    return any(this, axes, options)
  }
  countNonzero(this: Tensor, axes?: Axes): Tensor {
    return countNonzero(this, axes)
  }
  var(this: Tensor, axes?: Axes, options?: variance.VarianceOptions): Tensor {
    return variance.var(this, axes, options)
  }
  std(this: Tensor, axes?: Axes, options?: variance.VarianceOptions): Tensor {
    return variance.std(this, axes, options)
  }
  norm(this: Tensor, p?: number | 'fro', axes?: Axes, options?: ops.AccumulateOptions): Tensor {
    return norm(this, p, axes, options)
  }
  logsumexp(this: Tensor, axes: number | readonly number[], options?: ops.ReduceOptions): Tensor {
    return logsumexp(this, axes, options)
  }
  softmax(this: Tensor, axis: number, options?: SoftmaxOptions): Tensor {
    return softmax(this, axis, options)
  }
  logSoftmax(this: Tensor, axis: number, options?: SoftmaxOptions): Tensor {
    return logSoftmax(this, axis, options)
  }
  cumsum(this: Tensor, axis: number, options?: scan.ScanOptions): Tensor {
    return scan.cumsum(this, axis, options)
  }
  cumprod(this: Tensor, axis: number, options?: scan.ScanOptions): Tensor {
    return scan.cumprod(this, axis, options)
  }
  cummax(this: Tensor, axis: number): ValuesAndIndices {
    return scan.cummax(this, axis)
  }
  cummin(this: Tensor, axis: number): ValuesAndIndices {
    return scan.cummin(this, axis)
  }
  sort(this: Tensor, axis?: number, options?: sorting.SortOptions): ValuesAndIndices {
    return sorting.sort(this, axis, options)
  }
  argsort(this: Tensor, axis?: number, options?: sorting.SortOptions): Tensor {
    return sorting.argsort(this, axis, options)
  }
  topk(this: Tensor, k: number, axis?: number, options?: sorting.TopkOptions): ValuesAndIndices {
    return sorting.topk(this, k, axis, options)
  }
  kthvalue(this: Tensor, k: number, axis?: number, options?: sorting.KeepdimOptions): ValuesAndIndices {
    return sorting.kthvalue(this, k, axis, options)
  }
  matmul(this: Tensor, y: Tensor): Tensor {
    return matmul(this, y)
  }
  mm(this: Tensor, y: Tensor): Tensor {
    return products.mm(this, y)
  }
  bmm(this: Tensor, y: Tensor): Tensor {
    return products.bmm(this, y)
  }
  mv(this: Tensor, vector: Tensor): Tensor {
    return products.mv(this, vector)
  }
  dot(this: Tensor, y: Tensor): Tensor {
    return products.dot(this, y)
  }
  outer(this: Tensor, y: Tensor): Tensor {
    return products.outer(this, y)
  }
  addmm(this: Tensor, y: Tensor, z: Tensor, options?: products.AddProductOptions): Tensor {
    return products.addmm(this, y, z, options)
  }
  baddbmm(this: Tensor, y: Tensor, z: Tensor, options?: products.AddProductOptions): Tensor {
    return products.baddbmm(this, y, z, options)
  }
}
