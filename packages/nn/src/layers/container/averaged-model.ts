import { noGrad } from '@gradus/autograd'
import { ArgumentError, Tensor, isFloat, lerp, zeros } from '@gradus/core/functions'
import {
  defineOptions,
  describeValue,
  flag,
  functionKind,
  kind,
  real,
  scope,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { copyModule } from '../../module/copy-module.ts'
import { Module } from '../../module/module.ts'
import { moduleKind } from '../../module/module-kind.ts'
import { nameOf } from '../../module/name-of.ts'
import { BatchNorm } from '../norm/batch-norm.ts'

const decayKind = /* @__PURE__ */ kind<number>(
  'a number from 0 to 1',
  (x) => typeof x === 'number' && x >= 0 && x <= 1,
)

/** The next average of a parameter, from the one so far, its value now, and how many values that one is of. */
export type AverageFn = (averaged: Tensor, current: Tensor, numAveraged: number) => Tensor

/** The mean of all values: stochastic weight averaging, what {@link AveragedModel} does by default. */
export const swaAverage: AverageFn = (averaged, current, numAveraged) =>
  lerp(averaged, current, 1 / (takeArgument('swaAverage', 'numAveraged', real, numAveraged) + 1))

/**
 * An exponential moving average: `decay · averaged + (1 - decay) · current`.
 *
 * @param decay - 0.999 by default
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.get_ema_avg_fn.html
 * @example
 * const ema = new g.nn.AveragedModel(new g.nn.Linear(2, 2), { avgFn: g.nn.emaAverage(0.99) })
 */
export function emaAverage(decay = 0.999): AverageFn {
  takeArgument('emaAverage', 'decay', decayKind, decay)
  return (averaged, current) => lerp(averaged, current, 1 - decay)
}

/** {@link swaAverage}, as PyTorch gives it. */
export const getSwaAvgFn = (): AverageFn => swaAverage

/** Options of {@link AveragedModel}. */
export interface AveragedModelOptions {
  /** {@link swaAverage} by default. */
  avgFn?: AverageFn
  /** Averages floating buffers too; otherwise buffers are those of the model. False by default. */
  useBuffers?: boolean
}

const averagedModelOptions = /* @__PURE__ */ defineOptions<AveragedModelOptions>({
  avgFn: /* @__PURE__ */ functionKind<AverageFn>(),
  useBuffers: flag,
})

/**
 * A copy of a model whose parameters are an average of the model's over training: see {@link swaAverage} and
 * {@link emaAverage}. The first update copies. Calling it calls the copy.
 *
 * @see Izmailov et al. 2018, https://arxiv.org/abs/1803.05407
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html
 * @example
 * const model = new g.nn.Linear(1, 1, { bias: false })
 * const averaged = new g.nn.AveragedModel(model)
 * for (const value of [1, 2, 6]) {
 *   g.nn.init.constant_(model.weight, value)
 *   averaged.updateParameters(model)
 * }
 * averaged.module.weight.item() // => 3
 */
export class AveragedModel<M extends Module> extends Module {
  static override readonly layerName: string = 'AveragedModel'
  static override readonly stateKeys = { nAveraged: 'n_averaged' }
  module: M
  /** Updates so far: a 0-dimensional int64 buffer. */
  nAveraged: Tensor
  readonly avgFn: AverageFn
  readonly useBuffers: boolean

  constructor(model: M, options?: AveragedModelOptions) {
    super()
    const { avgFn = swaAverage, useBuffers = false } = takeOptions(
      nameOf(this),
      averagedModelOptions,
      options,
    )
    takeArgument(nameOf(this), 'model', moduleKind, model)
    this.module = copyModule(model)
    this.nAveraged = this.registerBuffer('nAveraged', zeros([], { dtype: 'int64' }))
    this.avgFn = avgFn
    this.useBuffers = useBuffers
  }

  override forward(...args: Parameters<M['forward']>): ReturnType<M['forward']> {
    // a module is called with what its forward takes, and gives what it gives
    return this.module(...args)
  }

  /** Takes the parameters of the model, as they are now, into the average. */
  updateParameters(model: M): void {
    takeArgument('updateParameters', 'model', moduleKind, model)
    const count = this.nAveraged.item()
    const average = (averaged: Tensor, current: Tensor): void => {
      const next = count > 0 && isFloat(averaged.dtype) ? this.avgFn(averaged, current, count) : current
      averaged.copy_(next)
    }
    noGrad(() =>
      scope(() => {
        const own = this.module.parameters()
        model.parameters().forEach((p, i) => average(own[i].detach(), p.detach()))
        const buffers = this.module.buffers()
        model.buffers().forEach((b, i) => (this.useBuffers ? average(buffers[i], b) : buffers[i].copy_(b)))
        this.nAveraged.add_(1)
      }),
    )
  }
}

/**
 * Computes the running statistics of a model's batch norms anew, as the means over all batches: those of averaged weights are
 * not the averages of those of the weights.
 *
 * @param batches - inputs, or arrays that begin with one
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.update_bn.html
 */
export function updateBn(
  batches: Iterable<Tensor | readonly Tensor[]>,
  model: Module & { forward(x: Tensor): unknown },
): void {
  takeArgument('updateBn', 'model', moduleKind, model)
  if (
    typeof batches !== 'object' ||
    batches === null ||
    batches instanceof Tensor ||
    !(Symbol.iterator in batches)
  )
    throw new ArgumentError(`updateBn: batches must be an iterable of batches, got ${describeValue(batches)}`)
  const norms = model.modules().filter((m) => m instanceof BatchNorm)
  if (norms.length === 0) return
  const momenta = norms.map((norm) => norm.momentum)
  const modes = model.modules().map((m) => [m, m.training] as const)
  model.train()
  for (const norm of norms) {
    norm.resetRunningStats()
    norm.momentum = null
  }
  try {
    noGrad(() => {
      for (const batch of batches) {
        const x: unknown = Array.isArray(batch) ? batch[0] : batch
        takeTensor('updateBn', 'batch', x)
        model(x as Tensor) // it was looked at
      }
    })
  } finally {
    norms.forEach((norm, i) => (norm.momentum = momenta[i]))
    for (const [module, training] of modes) module.training = training
  }
}
