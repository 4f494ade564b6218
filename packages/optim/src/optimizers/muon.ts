import { type Tensor, ValueError, clampMin, lerp, lerp_, matmul, vectorNorm } from '@gradus/core/functions'
import { atLeast, integer, kind, listOf, finite, oneOf } from '@gradus/core/internal'
import { directed, DirectedOptimizer } from '../step/directed.ts'
import { flag, notBelow0, option, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

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

const three = /* @__PURE__ */ listOf(finite, 3)

const coefficients = /* @__PURE__ */ kind<readonly [number, number, number]>(
  three.expected,
  three.accepts,
  () => 'Coefficients must be a tuple of exactly 3 values',
)

const iterations = /* @__PURE__ */ integer(0, 99)
const steps = /* @__PURE__ */ kind<number>(
  iterations.expected,
  iterations.accepts,
  () => 'Number of steps must be less than 100 for computational efficiency',
)

const adjustment = /* @__PURE__ */ oneOf('original', 'match_rms_adamw')
const adjustments = /* @__PURE__ */ kind<MuonOptions['adjustLrFn']>(
  `${adjustment.expected}, or null`,
  (x) => x === null || adjustment.accepts(x),
  (x) => `Adjust learning rate function ${String(x)} is not supported`,
)

const muon = /* @__PURE__ */ directed({
  name: 'Muon',
  options: {
    lr: notBelow0(1e-3, 'Learning rate'),
    weightDecay: notBelow0(0.1, 'weight decay'),
    momentum: notBelow0(0.95, 'momentum'),
    nesterov: flag(true),
    nsCoefficients: option([3.4445, -4.775, 2.0315], coefficients),
    eps: option(1e-7, atLeast(0)),
    nsSteps: option(5, steps),
    adjustLrFn: option(null, adjustments),
  },
  checkParameter(p) {
    if (p.ndim === 2) return
    throw new ValueError(
      `Muon only supports 2D parameters whereas we found a parameter with size: [${p.shape.join(', ')}]`,
      { hint: 'give the others to AdamW' },
    )
  },
  counters: () => ({}),
  state: { momentumBuffer: {} },
  direction: ({ p, g, state, options }) => {
    const { lr, momentum, nesterov, adjustLrFn } = options
    const buffer = lerp_(state.momentumBuffer, g, 1 - momentum)
    return {
      direction: orthogonalised(nesterov ? lerp(g, buffer, momentum) : buffer, options),
      rate: lr * shapeFactor(p.shape, adjustLrFn),
    }
  },
})

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
export class Muon extends DirectedOptimizer<MuonOptions> {
  constructor(params: ParamsInput<MuonOptions>, options?: GivenOptions<MuonOptions>) {
    super(muon, params, options)
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
    const gram = rounded(matmul(x, x.t()))
    const polynomial = rounded(gram.mul(b).add(matmul(gram, gram).mul(c)))
    x = rounded(x.mul(a).add(matmul(polynomial, x)))
  }
  return tall ? x.t() : x
}

function shapeFactor([rows, columns]: readonly number[], how: MuonOptions['adjustLrFn']): number {
  return how === 'match_rms_adamw'
    ? 0.2 * Math.sqrt(Math.max(rows, columns))
    : Math.sqrt(Math.max(1, rows / columns))
}
