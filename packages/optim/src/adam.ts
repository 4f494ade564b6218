import { ValueError, type Tensor } from '@gradus/core'
import { numOf, Program, type DType, type Expr } from '@gradus/core/backend'
import { add, constant, convert, div, max, mul, neg, numbers, operands, sqrt, sub } from './expressions.ts'
import { Optimizer, type ParamState } from './optimizer.ts'
import { stateDType } from './state-dict.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

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

const defaults: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
  decoupledWeightDecay: false,
}

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
export class Adam extends Optimizer<AdamOptions> {
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<AdamOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize, decoupledWeightDecay } = group
    const [beta1, beta2] = betas
    const flags: Flags = {
      amsgrad,
      maximize,
      decoupled: weightDecay !== 0 && decoupledWeightDecay,
      coupled: weightDecay !== 0 && !decoupledWeightDecay,
      fromGrad: 1 - beta1 >= 0.5,
    }
    for (const p of params) {
      // `update` is called with parameters that have one
      const grad = p.gradSlot!
      const state = this.stateOf(p, () => this.firstState(p, amsgrad))
      const step = Number(state['step']) + 1
      state['step'] = step
      const correction1 = 1 - beta1 ** step
      const correction2 = Math.sqrt(1 - beta2 ** step)
      // made by firstState or loaded
      const [m, v] = [state['expAvg'] as Tensor, state['expAvgSq'] as Tensor]
      const moments = amsgrad ? [m, v, (state['maxExpAvgSq'] ??= this.zerosFor(p)) as Tensor] : [m, v] // likewise
      const key = `${Object.values(flags).map(Number).join('')} ${p.dtype} ${grad.dtype}`
      updates.add(
        this.program(key, () => makeProgram(flags, p.dtype, grad.dtype, stateDType(p))),
        [p, grad, ...moments],
        [p, ...moments],
        [lr / correction1, correction2, 1 - beta1, beta2, 1 - beta2, eps, weightDecay, 1 - lr * weightDecay],
      )
    }
  }

  private firstState(p: Tensor, amsgrad: boolean): ParamState {
    const state: ParamState = { step: 0, expAvg: this.zerosFor(p), expAvgSq: this.zerosFor(p) }
    if (amsgrad) state['maxExpAvgSq'] = this.zerosFor(p)
    return state
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
    options: Partial<Omit<AdamOptions, 'decoupledWeightDecay'>> = {},
  ) {
    super(params, { weightDecay: 1e-2, ...options, decoupledWeightDecay: true })
  }
}

interface Flags {
  amsgrad: boolean
  maximize: boolean
  decoupled: boolean
  coupled: boolean
  /** The mean is interpolated from the side of the gradient, as PyTorch's lerp does for weights from 0.5 on. */
  fromGrad: boolean
}

function makeProgram(flags: Flags, dtype: DType, gradDType: DType, stateDTypeOfP: DType): Program {
  const num = numOf(stateDTypeOfP)
  const moments = flags.amsgrad ? 3 : 2
  const inputs: DType[] = [dtype, gradDType, ...new Array<DType>(moments).fill(stateDTypeOfP)]
  const [given, gradient, mean, square, largest] = operands(inputs, num)
  const [stepSize, correction, weight1, beta2, weight2, eps, weightDecay, shrink] = numbers(8, num)
  let g = flags.maximize ? neg(gradient) : gradient
  if (flags.coupled) g = add(g, mul(weightDecay, given))
  const p = flags.decoupled ? mul(given, shrink) : given
  const difference = sub(g, mean)
  const m = flags.fromGrad
    ? sub(g, mul(difference, sub(constant(1, num), weight1)))
    : add(mean, mul(weight1, difference))
  const v = add(mul(square, beta2), mul(mul(weight2, g), g))
  const bound = flags.amsgrad ? max(largest, v) : v
  const denominator = add(div(sqrt(bound), correction), eps)
  const output = (to: DType, value: Expr) => ({
    dtype: to,
    value: convert(value, numOf(to)),
    over: 'all' as const,
  })
  return new Program({
    inputs: inputs.map((d) => ({ dtype: d, over: 'all' })),
    params: new Array<typeof num>(8).fill(num),
    outputs: [
      output(dtype, sub(p, div(mul(stepSize, m), denominator))),
      output(stateDTypeOfP, m),
      output(stateDTypeOfP, v),
      ...(flags.amsgrad ? [output(stateDTypeOfP, bound)] : []),
    ],
  })
}

function checked(options: AdamOptions): AdamOptions {
  const { lr, betas, eps, weightDecay } = options
  if (!(lr >= 0)) throw new ValueError(`Invalid learning rate: ${lr}`)
  if (!(eps >= 0)) throw new ValueError(`Invalid epsilon value: ${eps}`)
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new ValueError(`Invalid beta parameter at index ${i}: ${beta}`)
  })
  if (!(weightDecay >= 0)) throw new ValueError(`Invalid weight_decay value: ${weightDecay}`)
  return options
}
