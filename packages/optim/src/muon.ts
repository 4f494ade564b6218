import { clampMin, ValueError, vectorNorm, type Tensor } from '@gradus/core'
import { ElementwiseOptimizer, move } from './elementwise.ts'
import type { GroupInput, ParamGroup, ParamsInput } from './param-group.ts'
import { stateDType } from './state-dict.ts'
import type { Updates } from './updates.ts'

/** Options of {@link Muon}. */
export interface MuonOptions {
  /** Learning rate; 1e-3 by default. */
  lr: number
  /** Shrinks the parameter by `lr · weightDecay`; 0.1 by default. */
  weightDecay: number
  /** Share of the past in the running mean of the gradient; 0.95 by default. */
  momentum: number
  /** Looks one momentum step ahead; true by default. */
  nesterov: boolean
  /** Coefficients of the Newton-Schulz iteration; [3.4445, -4.775, 2.0315] by default. */
  nsCoefficients: readonly [number, number, number]
  /** The least norm that is divided by; 1e-7 by default. */
  eps: number
  /** Iterations, below 100; 5 by default. */
  nsSteps: number
  /**
   * How the learning rate follows the shape: 'original' (also null, the default) multiplies by √max(1, rows / columns),
   * 'match_rms_adamw' by 0.2 √max(rows, columns).
   */
  adjustLrFn: 'original' | 'match_rms_adamw' | null
}

const defaults: MuonOptions = {
  lr: 1e-3,
  weightDecay: 0.1,
  momentum: 0.95,
  nesterov: true,
  nsCoefficients: [3.4445, -4.775, 2.0315],
  eps: 1e-7,
  nsSteps: 5,
  adjustLrFn: null,
}

/**
 * Muon: the running mean of a matrix's gradient, made about orthogonal. For the matrices inside a network; embeddings, heads,
 * biases and norms go to another optimizer.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a parameter that is no matrix, and options out of range
 * @see Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Muon.html
 * @example
 * const w = g.eye(2).requiresGrad_()
 * const optimizer = new g.optim.Muon([w], { lr: 0.1 })
 * w.sum().backward()
 * optimizer.step()
 * Object.keys(optimizer.stateDict().state[0]) // => ['momentum_buffer']
 */
export class Muon extends ElementwiseOptimizer<MuonOptions> {
  constructor(params: ParamsInput<MuonOptions>, options: Partial<MuonOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  override addParamGroup(group: GroupInput<MuonOptions>): void {
    super.addParamGroup(group)
    const wrong = this.paramGroups[this.paramGroups.length - 1].params.find((p) => p.ndim !== 2)
    if (!wrong) return
    this.paramGroups.pop()
    throw new ValueError(
      `Muon only supports 2D parameters whereas we found a parameter with size: torch.Size([${wrong.shape.join(', ')}])`,
      { hint: 'give the others to AdamW' },
    )
  }

  // the direction is computed from the gradient before
  protected override takesFactor(): boolean {
    return false
  }

  protected update(group: ParamGroup<MuonOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, weightDecay, momentum, nesterov } = group
    for (const p of params) {
      // `update` is called with parameters that have one
      const g = p.gradSlot!.to(stateDType(p))
      const state = this.stateOf(p, () => ({ momentumBuffer: this.zerosFor(p) }))
      // made here or loaded
      const buffer = (state['momentumBuffer'] as Tensor).lerp_(g, 1 - momentum)
      const direction = orthogonalised(nesterov ? g.lerp(buffer, momentum) : buffer, group)
      const rate = lr * shapeFactor(p.shape, group.adjustLrFn)
      const numbers = [1 - lr * weightDecay, rate]
      this.addStep(updates, { p, g: direction, states: [], numbers, flags: {} }, move)
    }
  }
}

/**
 * The matrix with its singular values brought near 1, rounded to bfloat16 after each product as PyTorch's kernels do: rough, as
 * it may be, but rough alike.
 */
function orthogonalised(g: Tensor, { nsCoefficients, nsSteps, eps }: MuonOptions): Tensor {
  const [a, b, c] = nsCoefficients
  const rounded = (x: Tensor): Tensor => x.to('bfloat16').to('float32')
  const tall = g.shape[0] > g.shape[1]
  const given = rounded(g)
  let x = rounded(given.div(clampMin(rounded(vectorNorm(given)), eps)))
  if (tall) x = x.t()
  for (let i = 0; i < nsSteps; i++) {
    const gram = rounded(x.matmul(x.t()))
    const polynomial = rounded(gram.mul(b).add(gram.matmul(gram).mul(c)))
    x = rounded(x.mul(a).add(polynomial.matmul(x)))
  }
  return tall ? x.t() : x
}

function shapeFactor([rows, columns]: readonly number[], how: MuonOptions['adjustLrFn']): number {
  return how === 'match_rms_adamw'
    ? 0.2 * Math.sqrt(Math.max(rows, columns))
    : Math.sqrt(Math.max(1, rows / columns))
}

function checked(options: MuonOptions): MuonOptions {
  const { lr, momentum, weightDecay, adjustLrFn, nsSteps, nsCoefficients } = options
  if (!(lr >= 0)) throw new ValueError(`Learning rate should be >= 0 but is: ${lr}`)
  if (!(momentum >= 0)) throw new ValueError(`momentum should be >= 0 but is: ${momentum}`)
  if (!(weightDecay >= 0)) throw new ValueError(`weight decay should be >= 0 but is: ${weightDecay}`)
  if (adjustLrFn !== null && adjustLrFn !== 'original' && adjustLrFn !== 'match_rms_adamw') {
    throw new ValueError(`Adjust learning rate function ${String(adjustLrFn)} is not supported`)
  }
  if (nsSteps >= 100)
    throw new ValueError('Number of steps must be less than 100 for computational efficiency')
  if (nsCoefficients.length !== 3) throw new ValueError('Coefficients must be a tuple of exactly 3 values')
  return options
}
