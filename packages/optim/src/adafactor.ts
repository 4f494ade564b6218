import { clampMin, escape, finfo, keep, vectorNorm, zeros, ValueError, type Tensor } from '@gradus/core'
import { ElementwiseOptimizer, move } from './elementwise.ts'
import type { ParamState } from './optimizer.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import { stateDType } from './state-dict.ts'
import type { Updates } from './updates.ts'

/** Options of {@link Adafactor}. */
export interface AdafactorOptions {
  /** The largest relative step; 1e-2 by default. */
  lr: number
  /** Power by which the share of a new gradient falls; -0.8 by default. */
  beta2Decay: number
  /** Bounds of squares (the dtype's eps where null) and of a parameter's size; [null, 1e-3] by default. */
  eps: readonly [number | null, number]
  /** The largest root mean square of an update before `lr`; 1 by default. */
  d: number
  /** Shrinks the parameter by `lr · weightDecay`; 0 by default. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const defaults: AdafactorOptions = {
  lr: 1e-2,
  beta2Decay: -0.8,
  eps: [null, 1e-3],
  d: 1,
  weightDecay: 0,
  maximize: false,
}

/**
 * Adafactor: of the squares of a matrix's gradient it keeps the means of rows and columns only, and steps in proportion to
 * the parameter's size.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for options out of range
 * @see Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
 * @example
 * const w = g.ones(4, 3, { requiresGrad: true })
 * const optimizer = new g.optim.Adafactor([w])
 * w.sum().backward()
 * optimizer.step()
 * Object.keys(optimizer.stateDict().state[0]) // => ['step', 'row_var', 'col_var']
 */
export class Adafactor extends ElementwiseOptimizer<AdafactorOptions> {
  constructor(params: ParamsInput<AdafactorOptions>, options: Partial<AdafactorOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  // the direction is computed from the gradient before
  protected override takesFactor(): boolean {
    return false
  }

  protected update(group: ParamGroup<AdafactorOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, beta2Decay, eps, d, weightDecay, maximize } = group
    for (const p of params) {
      // `update` is called with parameters that have one
      const given = p.gradSlot!.to(stateDType(p))
      const g = maximize ? given.mul(-1) : given
      const state = this.stateOf(p, () => this.firstState(p))
      const step = Number(state['step']) + 1
      state['step'] = step
      const relative = Math.min(lr, 1 / Math.sqrt(step))
      const root = Math.sqrt(p.numel())
      const size = clampMin(vectorNorm(p.to(stateDType(p))).div(root), eps[1]).mul(relative)
      const least = eps[0] ?? finfo(p.dtype).eps
      const variance = meanSquares(g, state, step ** beta2Decay, least)
      const update = clampMin(variance, least * least)
        .rsqrt()
        .mul(g)
      const excess = clampMin(vectorNorm(update).div(root * d), 1)
      const direction = update.mul(size.div(excess))
      const numbers = [1 - lr * weightDecay, 1]
      this.addStep(updates, { p, g: direction, states: [], numbers, flags: {} }, move)
    }
  }

  private firstState(p: Tensor): ParamState {
    if (p.ndim < 2) return { step: 0, variance: this.zerosFor(p) }
    const like = (shape: readonly number[]): Tensor => keep(escape(zeros(shape, { dtype: stateDType(p) })))
    return {
      step: 0,
      rowVar: like([...p.shape.slice(0, -1), 1]),
      colVar: like([...p.shape.slice(0, -2), 1, p.shape[p.ndim - 1]]),
    }
  }
}

/** The running means of squares, brought up to date. */
function meanSquares(g: Tensor, state: ParamState, share: number, least: number): Tensor {
  const { rowVar, colVar, variance } = state as Record<string, Tensor> // as firstState made them
  if (!rowVar) return variance.lerp_(g.mul(g), share)
  const mean = (axis: number): Tensor => vectorNorm(g, 2, axis, { keepdim: true }).square().div(g.size(axis))
  rowVar.lerp_(mean(-1), share)
  colVar.lerp_(mean(-2), share)
  return rowVar.matmul(colVar).div(clampMin(rowVar.mean(-2, { keepdim: true }), least))
}

function checked(options: AdafactorOptions): AdafactorOptions {
  const { lr, beta2Decay, eps, d, weightDecay } = options
  if (!(lr >= 0)) throw new ValueError(`Learning rate should be >= 0 but is: ${lr}`)
  if (!(beta2Decay <= 0)) throw new ValueError(`beta2_decay should be <= 0 but is: ${beta2Decay}`)
  if (eps[0] !== null && !(eps[0] >= 0)) throw new ValueError(`epsilon1 should be >= 0 but is: ${eps[0]}`)
  if (!(eps[1] >= 0)) throw new ValueError(`epsilon2 should be >= 0 but is: ${eps[1]}`)
  if (!(d >= 1)) throw new ValueError(`Clipping threshold d should be >= 1 but is: ${d}`)
  if (!(weightDecay >= 0)) throw new ValueError(`weight_decay should be >= 0 but is: ${weightDecay}`)
  return options
}
