import { type Tensor, vectorNorm } from '@gradus/core/functions'
import { defineOptions, integer, nullable, takeOptions, text } from '@gradus/core/internal'
import { Module } from '../module/module.ts'
import { registerParametrization, tensorAt } from './parametrize.ts'

class WeightNorm extends Module {
  static override readonly layerName: string = 'WeightNorm'
  readonly dim: number

  constructor(dim: number) {
    super()
    this.dim = dim
  }

  forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(this.normOf(v)))
  }

  rightInverse(weight: Tensor): Tensor[] {
    return [this.normOf(weight), weight.clone()]
  }

  private normOf(weight: Tensor): Tensor {
    const kept = this.dim < 0 ? this.dim + weight.ndim : this.dim
    // -1 is PyTorch's word for one norm of everything
    const axes = weight.shape.map((_, a) => a).filter((a) => this.dim === -1 || a !== kept)
    return vectorNorm(weight, 2, axes, { keepdim: true })
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/** Options of {@link weightNorm}. */
export interface WeightNormOptions {
  /** 'weight' by default. */
  name?: string
  /** The axis with one length for each index, 0 by default; null for one length of all. */
  dim?: number | null
}

const weightNormOptions = /* @__PURE__ */ defineOptions<WeightNormOptions>({
  name: text,
  dim: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
})

/**
 * Splits a weight into lengths and directions: `weight = g · v / ‖v‖`, a length for each index of axis `dim`, or one with
 * `dim: null`. What is trained is `parametrizations.weight.original0` (g) and `original1` (v).
 *
 * @returns the module
 * @see Salimans & Kingma 2016, https://arxiv.org/abs/1602.07868
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html
 * @example
 * const layer = g.nn.parametrize.weightNorm(new g.nn.Linear(3, 2))
 * Object.keys(layer.stateDict())
 * // => ['bias', 'parametrizations.weight.original0', 'parametrizations.weight.original1']
 */
export function weightNorm<M extends Module>(module: M, options?: WeightNormOptions): M {
  const { name = 'weight', dim = 0 } = takeOptions('weightNorm', weightNormOptions, options)
  tensorAt(module, name)
  return registerParametrization(module, name, new WeightNorm(dim ?? -1))
}
