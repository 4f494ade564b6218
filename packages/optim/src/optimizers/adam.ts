import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { lerp, meanSquare } from '../step/means.ts'
import { betas, flag, learningRate, notNegative, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamOptions {
  /** Learning rate; 1e-3 by default. */
  lr: number
  /** Decay of the running means of the gradient and of its square; [0.9, 0.999] by default. */
  betas: readonly [number, number]
  /** Added to the denominator, outside the root; 1e-8 by default. */
  eps: number
  /** 0 by default, 0.01 for {@link AdamW}: see `decoupledWeightDecay`. */
  weightDecay: number
  /** Divides by the largest running mean of squares so far; false by default. */
  amsgrad: boolean
  /** Climbs instead of descending; false by default. */
  maximize: boolean
  /** Shrinks the parameter by `lr · weightDecay` (AdamW) instead of adding an L2 penalty to the gradient. */
  decoupledWeightDecay: boolean
}

/* @__NO_SIDE_EFFECTS__ */
function adamOf(name: string, weightDecay: number, decoupled: boolean) {
  return elementwise({
    name,
    options: {
      lr: learningRate(1e-3),
      betas: betas(0.9, 0.999),
      eps: notNegative(1e-8, 'epsilon'),
      weightDecay: notNegative(weightDecay, 'weight_decay'),
      amsgrad: flag(false),
      maximize: flag(false),
      decoupledWeightDecay: flag(decoupled),
    },
    state: { expAvg: {}, expAvgSq: {}, maxExpAvgSq: { when: ({ amsgrad }) => amsgrad } },
    numbers: ({ lr, betas: [beta1, beta2], eps, amsgrad }, { step }) => {
      // both sides of PyTorch's fraction times the correction of the root: one division in each element is saved
      const correction = Math.sqrt(1 - beta2 ** step)
      return {
        rate: (lr / (1 - beta1 ** step)) * correction,
        share1: 1 - beta1,
        late: 1 - beta1 >= 0.5,
        beta2,
        share2: 1 - beta2,
        eps: eps * correction,
        amsgrad,
      }
    },
    formula: ({ p, g, expAvg, expAvgSq, maxExpAvgSq }, n) => {
      const mean = lerp(expAvg, g, n.share1, n.late)
      const square = meanSquare(expAvgSq, g, n.beta2, n.share2)
      const bound = n.amsgrad ? f.max(maxExpAvgSq, square) : square
      return {
        p: f.sub(p, f.div(f.mul(n.rate, mean), f.add(f.sqrt(bound), n.eps))),
        expAvg: mean,
        expAvgSq: square,
        maxExpAvgSq: bound,
      }
    },
  })
}

const adam = /* @__PURE__ */ adamOf('Adam', 0, false)
const adamW = /* @__PURE__ */ adamOf('AdamW', 1e-2, true)

/**
 * Adam: steps along the running mean of the gradient, divided by the root of the running mean of its square.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative lr, eps or weightDecay, or a beta outside [0, 1)
 * @see Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @example
 * const w = g.ones(1, { requiresGrad: true })
 * const optimizer = new g.optim.Adam([w], { lr: 0.1 })
 * w.mul(5).sum().backward()
 * optimizer.step()
 * w.item().toFixed(4) // => '0.9000'
 */
export class Adam extends ElementwiseOptimizer<AdamOptions> {
  /** @param declaration - another one where a subclass has it */
  constructor(params: ParamsInput<AdamOptions>, options?: GivenOptions<AdamOptions>, declaration = adam) {
    super(declaration, params, options)
  }
}

/**
 * {@link Adam} with decoupled weight decay: `p *= 1 - lr · weightDecay` before the step; 0.01 by default.
 *
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101
 * @see https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export class AdamW extends Adam {
  constructor(
    params: ParamsInput<AdamOptions>,
    options?: GivenOptions<Omit<AdamOptions, 'decoupledWeightDecay'>>,
  ) {
    super(params, options, adamW)
  }
}
