import { matmul } from '../ops/matmul.ts'
import * as ops from '../ops/reduce.ts'
import type { Tensor } from '../tensor.ts'
import { FluentView } from './view.ts'

type Axes = number | readonly number[] | null

/** Reductions and products as methods: each is the function of the same name with this tensor first. */
export abstract class FluentReduce extends FluentView {
  sum(this: Tensor, axes?: Axes, options?: ops.AccumulateOptions): Tensor {
    return ops.sum(this, axes, options)
  }
  mean(this: Tensor, axes?: Axes, options?: ops.AccumulateOptions): Tensor {
    return ops.mean(this, axes, options)
  }
  matmul(this: Tensor, y: Tensor): Tensor {
    return matmul(this, y)
  }
}
