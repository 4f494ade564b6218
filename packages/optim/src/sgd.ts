import { ValueError, type Tensor } from '@gradus/core'
import { numOf, Program, type DType, type Expr } from '@gradus/core/backend'
import { add, convert, mul, neg, numbers, operands, sub } from './expressions.ts'
import { Optimizer } from './optimizer.ts'
import { stateDType } from './state-dict.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** Learning rate; 1e-3 by default. */
  lr: number
  /** Share of the last update that goes into the next; 0 by default. */
  momentum: number
  /** Share of the gradient that is kept out of the momentum, but at the first step; 0 by default. */
  dampening: number
  /** L2 penalty, added to the gradient; 0 by default. */
  weightDecay: number
  /** Looks one momentum step ahead; false by default. */
  nesterov: boolean
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const defaults: SGDOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
}

/**
 * Stochastic gradient descent, with momentum and Nesterov's form of it.
 *
 * `buf = momentum · buf + (1 - dampening) · grad; p -= lr · buf`. The state of half-precision parameters is float32.
 *
 * @throws ValueError for negative lr, momentum or weightDecay, and for Nesterov without momentum or with dampening
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 * @example
 * const w = g.ones(2, { requiresGrad: true })
 * const optimizer = new g.optim.SGD([w], { lr: 0.5 })
 * w.sum().backward()
 * optimizer.step()
 * w.tolist() // => [0.5, 0.5]
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: ParamsInput<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<SGDOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group
    const coefficients = [lr, weightDecay, momentum, 1 - dampening]
    const flags = { momentum: momentum !== 0, weightDecay: weightDecay !== 0, nesterov, maximize }
    for (const p of params) {
      // `update` is called with parameters that have one
      const grad = p.gradSlot!
      if (!flags.momentum) {
        updates.add(this.programFor({ ...flags, first: false }, p, grad), [p, grad], [p], coefficients)
        continue
      }
      const first = !this.state.get(p)?.['momentumBuffer']
      const state = this.stateOf(p, () => ({}))
      // set here or by an earlier step
      const buffer = (state['momentumBuffer'] ??= this.zerosFor(p)) as Tensor
      updates.add(this.programFor({ ...flags, first }, p, grad), [p, grad, buffer], [p, buffer], coefficients)
    }
  }

  private programFor(flags: Flags, p: Tensor, grad: Tensor): Program {
    const key = `${Object.values(flags).map(Number).join('')} ${p.dtype} ${grad.dtype}`
    return this.program(key, () => makeProgram(flags, p.dtype, grad.dtype, stateDType(p)))
  }
}

interface Flags {
  momentum: boolean
  weightDecay: boolean
  nesterov: boolean
  maximize: boolean
  /** The buffer starts as the gradient itself. */
  first: boolean
}

function makeProgram(flags: Flags, dtype: DType, gradDType: DType, bufferDType: DType): Program {
  const num = numOf(bufferDType)
  const inputs = flags.momentum ? [dtype, gradDType, bufferDType] : [dtype, gradDType]
  const [p, given, buffer] = operands(inputs, num)
  const [lr, weightDecay, momentum, kept] = numbers(4, num)
  let g = flags.maximize ? neg(given) : given
  if (flags.weightDecay) g = add(g, mul(weightDecay, p))
  const output = (to: DType, value: Expr) => ({
    dtype: to,
    value: convert(value, numOf(to)),
    over: 'all' as const,
  })
  const outputs = []
  if (flags.momentum) {
    const next = flags.first ? g : add(mul(buffer, momentum), mul(kept, g))
    outputs.push(output(bufferDType, next))
    g = flags.nesterov ? add(g, mul(momentum, next)) : next
  }
  return new Program({
    inputs: inputs.map((d) => ({ dtype: d, over: 'all' })),
    params: [num, num, num, num],
    outputs: [output(dtype, sub(p, mul(lr, g))), ...outputs],
  })
}

function checked(options: SGDOptions): SGDOptions {
  const { lr, momentum, weightDecay, nesterov, dampening } = options
  if (!(lr >= 0)) throw new ValueError(`Invalid learning rate: ${lr}`)
  if (!(momentum >= 0)) throw new ValueError(`Invalid momentum value: ${momentum}`)
  if (!(weightDecay >= 0)) throw new ValueError(`Invalid weight_decay value: ${weightDecay}`)
  if (nesterov && (momentum <= 0 || dampening !== 0)) {
    throw new ValueError('Nesterov momentum requires a momentum and zero dampening')
  }
  return options
}
