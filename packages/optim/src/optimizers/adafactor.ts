import {
  type Tensor,
  clampMin,
  finfo,
  lerp_,
  matmul,
  mean,
  rsqrt,
  square,
  vectorNorm,
} from '@gradus/core/functions'
import { kind } from '@gradus/core/internal'
import { directed, DirectedOptimizer } from '../step/directed.ts'
import { flag, notBelow0, option, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'
import { stateDType } from '../step/state-dtype.ts'

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

const number = (x: unknown): x is number => Number.isFinite(x)
const decay = /* @__PURE__ */ kind<number>(
  'a finite number of at most 0',
  (x) => number(x) && x <= 0,
  (x) => `beta2_decay should be <= 0 but is: ${String(x)}`,
)
const threshold = /* @__PURE__ */ kind<number>(
  'a finite number of at least 1',
  (x) => number(x) && x >= 1,
  (x) => `Clipping threshold d should be >= 1 but is: ${String(x)}`,
)
const isBound = (x: unknown): boolean => number(x) && x >= 0
const bounds = /* @__PURE__ */ kind<AdafactorOptions['eps']>(
  'two finite numbers of at least 0, the first of which may be null',
  (x) => Array.isArray(x) && x.length === 2 && (x[0] === null || isBound(x[0])) && isBound(x[1]),
  (x) => {
    const [first, second]: unknown[] = Array.isArray(x) ? x : []
    return first === null || isBound(first)
      ? `epsilon2 should be >= 0 but is: ${String(second)}`
      : `epsilon1 should be >= 0 but is: ${String(first)}`
  },
)

const adafactor = /* @__PURE__ */ directed({
  name: 'Adafactor',
  options: {
    lr: notBelow0(1e-2, 'Learning rate'),
    beta2Decay: option(-0.8, decay),
    eps: option([null, 1e-3], bounds),
    d: option(1, threshold),
    weightDecay: notBelow0(0, 'weight_decay'),
    maximize: flag(false),
  },
  state: {
    rowVar: { when: (_, { ndim }) => ndim >= 2, shape: ({ shape }) => [...shape.slice(0, -1), 1] },
    colVar: {
      when: (_, { ndim }) => ndim >= 2,
      shape: ({ shape }) => [...shape.slice(0, -2), 1, shape[shape.length - 1]],
    },
    variance: { when: (_, { ndim }) => ndim < 2 },
  },
  direction: ({ p, g: given, state, step, options: { lr, beta2Decay, eps, d, maximize } }) => {
    const g = maximize ? given.mul(-1) : given
    const relative = Math.min(lr, 1 / Math.sqrt(step))
    const root = Math.sqrt(p.numel())
    const size = clampMin(vectorNorm(p.to(stateDType(p))).div(root), eps[1]).mul(relative)
    const least = eps[0] ?? finfo(p.dtype).eps
    const variance =
      p.ndim < 2
        ? meanSquare(g, state, step ** beta2Decay)
        : factoredMeanSquare(g, state, step ** beta2Decay, least)
    const update = rsqrt(clampMin(variance, least * least)).mul(g)
    const excess = clampMin(vectorNorm(update).div(root * d), 1)
    return { direction: update.mul(size.div(excess)), rate: 1 }
  },
})

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
export class Adafactor extends DirectedOptimizer<AdafactorOptions> {
  constructor(params: ParamsInput<AdafactorOptions>, options?: GivenOptions<AdafactorOptions>) {
    super(adafactor, params, options)
  }
}

/** The running mean of squares, brought up to date. */
const meanSquare = (g: Tensor, { variance }: { variance: Tensor }, share: number): Tensor =>
  lerp_(variance, g.mul(g), share)

/** The same as the product of the running means of rows and columns. */
function factoredMeanSquare(
  g: Tensor,
  { rowVar, colVar }: { rowVar: Tensor; colVar: Tensor },
  share: number,
  least: number,
): Tensor {
  const meanSquare = (axis: number): Tensor =>
    square(vectorNorm(g, 2, axis, { keepdim: true })).div(g.size(axis))
  lerp_(rowVar, meanSquare(-1), share)
  lerp_(colVar, meanSquare(-2), share)
  return matmul(rowVar, colVar).div(clampMin(mean(rowVar, -2, { keepdim: true }), least))
}
