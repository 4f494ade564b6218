import { setGradEnabled, type Tensor } from '@gradus/core/functions'
import { sumRightmost } from './arguments.ts'
import { Distribution } from './distribution.ts'

/**
 * A distribution of an exponential family: its density is `exp(t(x) · θ - F(θ) + k(x))`.
 *
 * A class derived from it gives θ ({@link naturalParams}), F ({@link logNormalizer}) and the mean of k
 * ({@link meanCarrierMeasure}), and has entropies and divergences by the gradient of F (Nielsen and Nock 2010): that
 * gradient is taken with the tape, so it needs autograd. Results carry no gradient.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#exponentialfamily
 */
export class ExponentialFamily extends Distribution {
  static override readonly distributionName: string = 'ExponentialFamily'

  /** The natural parameters θ. */
  get naturalParams(): readonly Tensor[] {
    throw this.lacks('naturalParams')
  }

  /** F, of natural parameters. */
  logNormalizer(..._params: readonly Tensor[]): Tensor {
    throw this.lacks('logNormalizer')
  }

  /** The mean of k. */
  get meanCarrierMeasure(): number {
    throw this.lacks('meanCarrierMeasure')
  }

  override entropy(): Tensor {
    const carrier = this.meanCarrierMeasure
    const { params, normalizer, gradients } = this.bregman()
    return params.reduce(
      (result, p, i) => result.sub(sumRightmost(p.mul(gradients[i]), p.ndim - this.batchShape.length)),
      normalizer.sub(carrier),
    )
  }

  /** The natural parameters, F of them, and the gradient of F there. */
  bregman(): { params: Tensor[]; normalizer: Tensor; gradients: Tensor[] } {
    const params = this.naturalParams.map((p) => p.detach().requiresGrad_())
    const normalizer = setGradEnabled(true, () => {
      const F = this.logNormalizer(...params)
      F.sum().backward()
      return F
    })
    return {
      params: params.map((p) => p.detach()),
      normalizer: normalizer.detach(),
      gradients: params.map((p) => p.grad ?? p.detach().mul(0)),
    }
  }
}
