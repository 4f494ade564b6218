import {
  type Shape,
  Tensor,
  ValueError,
  abs,
  cat,
  dot,
  keep,
  max,
  reciprocal,
  setGradEnabled,
  sub_,
} from '@gradus/core/functions'
import { atLeast, escape, integer, kind, nullable, scope, internals } from '@gradus/core/internal'
import { optionsOf, stateOf, type Declaration } from '../step/declaration.ts'
import { loadedNumber, loadedTensor } from '../step/loaded.ts'
import { onMasters, roundsAtRandom } from '../step/masters.ts'
import { evaluated, Optimizer, type Closure } from '../step/optimizer.ts'
import { learningRate, option, type GivenOptions } from '../step/options.ts'
import type { GroupInput, ParamsInput } from '../step/param-group.ts'
import { snake, type ParamState } from '../step/state-dict.ts'
import { stateDType } from '../step/state-dtype.ts'
import { strongWolfe } from './strong-wolfe.ts'

/** Options of {@link LBFGS}. */
export interface LBFGSOptions {
  /** Step size, of the first try where a line is searched; 1 by default. */
  lr: number
  /** Iterations per step; 20 by default. */
  maxIter: number
  /** Evaluations of the closure per step; 5/4 of maxIter by default. */
  maxEval: number | null
  /** Stops where no element of the gradient is larger; 1e-7 by default. */
  toleranceGrad: number
  /** Stops where neither loss nor parameters change more; 1e-9 by default. */
  toleranceChange: number
  /** Past steps that are remembered; 100 by default. */
  historySize: number
  /** Searches the line instead of stepping by `lr`; null by default. */
  lineSearchFn: 'strong_wolfe' | null
}

const search = /* @__PURE__ */ kind<LBFGSOptions['lineSearchFn']>(
  "'strong_wolfe' or null",
  (x) => x === null || x === 'strong_wolfe',
  () => "only 'strong_wolfe' is supported",
)

const count = /* @__PURE__ */ integer(1)

/* @__NO_SIDE_EFFECTS__ */
function declare(): Declaration<LBFGSOptions> {
  return {
    name: 'LBFGS',
    options: {
      lr: learningRate(1),
      maxIter: option(20, count),
      maxEval: option(null, nullable(count)),
      toleranceGrad: option(1e-7, atLeast(0)),
      toleranceChange: option(1e-9, atLeast(0)),
      historySize: option(100, count),
      lineSearchFn: option(null, search),
    },
    counters: () => ({ funcEvals: 0, nIter: 0 }),
    state: {},
  }
}

const lbfgs = /* @__PURE__ */ declare()

/** An estimate of the loss's curvature. */
interface Memory {
  /** Changes of the gradient, oldest first. */
  dirs: Tensor[]
  /** Steps that led to them. */
  steps: Tensor[]
  /** 1 over the product of each pair. */
  ro: Tensor[]
  /** The scale of the inverse Hessian. */
  diagonal: number
}

/**
 * L-BFGS: Newton's method with a Hessian estimated from past steps. A step calls its closure several times. All parameters
 * are in one group; its state, under the first of them, is float32 for half-precision parameters, and steps are taken on their
 * float32 masters.
 *
 * @throws ValueError for more than one group, or another line search than `strong_wolfe`
 * @see Liu & Nocedal 1989, "On the limited memory BFGS method for large scale optimization"
 * @see https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 * @example
 * const w = g.tensor([3, -2], { requiresGrad: true })
 * const optimizer = new g.optim.LBFGS([w], { lineSearchFn: 'strong_wolfe' })
 * optimizer.step(() => {
 *   optimizer.zeroGrad()
 *   const loss = w.sub(1).square().sum()
 *   loss.backward()
 *   return loss
 * })
 * w.tolist() // ≈ [1, 1]
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  protected override readonly scalars: readonly string[] = ['funcEvals', 'nIter', 't', 'HDiag', 'prevLoss']

  constructor(params: ParamsInput<LBFGSOptions>, options?: GivenOptions<LBFGSOptions>) {
    const all = optionsOf(lbfgs, options)
    super(params, { ...all, maxEval: all.maxEval ?? Math.floor((all.maxIter * 5) / 4) }, lbfgs)
  }

  override addParamGroup(group: GroupInput<LBFGSOptions>): void {
    if (this.paramGroups.length > 0)
      throw new ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
    super.addParamGroup(group)
  }

  protected update(): never {
    throw new ValueError('LBFGS updates parameters while it evaluates')
  }

  /** @throws ValueError without a closure, or for parameters that are rounded at random */
  protected override perform(closure?: Closure): Tensor {
    if (!closure) {
      throw new ValueError("LBFGS.step() missing 1 required positional argument: 'closure'", {
        hint: 'step(() => { optimizer.zeroGrad(); const loss = …; loss.backward(); return loss })',
      })
    }
    if (this.group.params.some(roundsAtRandom)) {
      throw new ValueError('LBFGS compares losses along a line, which stochastic rounding would change', {
        hint: "keep float32 masters instead: halfPrecision(model, { master: 'float32' })",
      })
    }
    this.checkParameters()
    return setGradEnabled(false, () => this.minimise(closure))
  }

  /** A state of vectors of all elements, and of numbers. */
  protected override loadedState(
    _: Tensor,
    given: Readonly<Record<string, unknown>>,
    __: object,
    at: string,
  ): ParamState {
    const { params } = this.group
    const [own, n]: [ParamState, number] = [{}, params.reduce((sum, p) => sum + p.numel(), 0)]
    const vector = (value: unknown, shape: Shape, name: string): Tensor =>
      keep(loadedTensor(value, shape, params[0], name, at))
    for (const [name, value] of Object.entries(given)) {
      if (value === null || value === undefined || name === 'al') continue
      if (this.scalars.includes(name)) own[name] = loadedNumber(value, snake(name), at)
      else if (name === 'd' || name === 'prevFlatGrad') own[name] = vector(value, [n], snake(name))
      else if (name === 'oldDirs' || name === 'oldStps' || name === 'ro') {
        if (!Array.isArray(value)) throw new ValueError(`${snake(name)} of ${at} is a list of tensors`)
        own[name] = value.map((x) => vector(x, name === 'ro' ? [] : [n], snake(name)))
      } else throw new ValueError(`the loaded state of ${at} has ${snake(name)}, which LBFGS does not keep`)
    }
    const lengths = new Set(['oldDirs', 'oldStps', 'ro'].map((name) => recall(own, name).length))
    if (lengths.size > 1) throw new ValueError(`old_dirs, old_stps and ro of ${at} have different lengths`)
    if (Number(own['nIter'] ?? 0) > 0) {
      const missing = ['d', 't', 'prevFlatGrad', 'HDiag'].find((name) => own[name] === undefined)
      if (missing)
        throw new ValueError(`the loaded state of ${at} has no ${snake(missing)}, which LBFGS needs`)
    }
    return own
  }

  /** Refuses parameters that changed their size since the state was made. */
  protected override checkParameters(): void {
    super.checkParameters()
    const d = this.state.get(this.group.params[0])?.['d']
    const n = this.group.params.reduce((sum, p) => sum + p.numel(), 0)
    if (!(d instanceof Tensor) || d.numel() === n) return
    throw new ValueError(`the state of LBFGS is of ${d.numel()} elements, the parameters have ${n}`, {
      hint: 'their data was replaced: forget the state with optimizer.state.clear()',
    })
  }

  private minimise(closure: Closure): Tensor {
    const { lr, maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn } = this.group
    // the constructor gave it a value
    const maxEval = this.group.maxEval ?? maxIter
    const state = stateOf(this.state, lbfgs, this.group, this.group.params[0]).own
    const count = (key: 'funcEvals' | 'nIter', more: number): number =>
      (state[key] = Number(state[key] ?? 0) + more)
    const result = evaluated(closure)
    let loss = result.item()
    let evaluations = 1
    count('funcEvals', 1)
    let g = this.flatGrad()
    if (largest(g) <= toleranceGrad) return result
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      const isFirst = count('nIter', 1) === 1
      const direction = isFirst ? this.begin(state, g) : this.turn(state, g, historySize)
      state['d'] = direction
      const beforeLoss = loss
      state['prevFlatGrad'] = kept(g)
      state['prevLoss'] = loss
      let t = isFirst ? Math.min(1, 1 / abs(g).sum().item()) * lr : lr
      state['t'] = t
      const slope = dot(g, direction).item()
      if (slope > -toleranceChange) break
      let used = 0
      if (lineSearchFn !== null) {
        const start = this.position()
        const probe = (step: number) => {
          this.move(step, direction)
          const value = evaluated(closure).item()
          const gradient = this.flatGrad()
          this.returnTo(start)
          return { t: step, loss: value, g: gradient, slope: dot(gradient, direction).item() }
        }
        const origin = { t: 0, loss, g, slope }
        const most = maxEval - evaluations
        const found = strongWolfe(probe, origin, t, largest(direction), toleranceChange, most)
        ;({ loss, g, t, evaluations: used } = found)
        state['t'] = t
        this.move(t, direction)
      } else {
        this.move(t, direction)
        // where no iteration follows, nobody asks
        if (iteration !== maxIter) {
          loss = evaluated(closure).item()
          g = this.flatGrad()
          used = 1
        }
      }
      evaluations += used
      count('funcEvals', used)
      const isStill = largest(direction) * Math.abs(t) <= toleranceChange
      if (evaluations >= maxEval || largest(g) <= toleranceGrad || isStill) break
      if (Math.abs(loss - beforeLoss) < toleranceChange) break
    }
    return result
  }

  private get group() {
    return this.paramGroups[0]
  }

  /** The gradients of all parameters as one vector, zeros where there is none. */
  private flatGrad(): Tensor {
    const { params } = this.group
    const dtype = stateDType(params[0])
    return scope(() =>
      cat(
        params.map((p) => {
          const g = internals(p).gradSlot?.detach() ?? internals(p).make(p.shape, dtype).zero_()
          return g.reshape([p.numel()]).to(dtype)
        }),
      ),
    )
  }

  /** Adds a multiple of a vector to all parameters. */
  private move(t: number, direction: Tensor): void {
    const { params } = this.group
    scope(() =>
      onMasters(params, () => {
        let offset = 0
        for (const p of params) {
          const n = p.numel()
          p.copy_(direction.narrow(0, offset, n).reshape(p.shape).mul(t).add(p))
          offset += n
        }
      }),
    )
  }

  /** Copies of all parameters, of their masters where they have any. */
  private position(): Tensor[] {
    const { params } = this.group
    let copies: Tensor[] = []
    onMasters(params, () => (copies = params.map((p) => p.clone())))
    return copies
  }

  private returnTo(position: readonly Tensor[]): void {
    const { params } = this.group
    onMasters(params, () => params.forEach((p, i) => p.copy_(position[i])))
  }

  private begin(state: ParamState, g: Tensor): Tensor {
    this.remember(state, { dirs: [], steps: [], ro: [], diagonal: 1 })
    return kept(g.mul(-1))
  }

  /** The direction of the next step: minus the inverse Hessian times the gradient, by the two-loop recursion. */
  private turn(state: ParamState, g: Tensor, historySize: number): Tensor {
    const memory = recalled(state)
    return kept(
      scope(() => {
        // an earlier step left both
        const [d, before] = [state['d'] as Tensor, state['prevFlatGrad'] as Tensor]
        const y = g.sub(before)
        const s = d.mul(Number(state['t']))
        const ys = dot(y, s).item()
        if (ys > 1e-10) {
          if (memory.dirs.length === historySize)
            for (const list of [memory.dirs, memory.steps, memory.ro]) list.shift()
          memory.dirs.push(kept(y))
          memory.steps.push(kept(s))
          memory.ro.push(kept(reciprocal(dot(y, s))))
          memory.diagonal = ys / dot(y, y).item()
        }
        const { dirs, steps, ro, diagonal } = memory
        const q = g.mul(-1)
        const al: Tensor[] = []
        for (let i = dirs.length - 1; i >= 0; i--) {
          al[i] = dot(steps[i], q).mul(ro[i])
          sub_(q, dirs[i].mul(al[i]))
        }
        const r = q.mul(diagonal)
        dirs.forEach((dir, i) => r.add_(steps[i].mul(al[i].sub(dot(dir, r).mul(ro[i])))))
        this.remember(state, memory)
        return r
      }),
    )
  }

  private remember(state: ParamState, { dirs, steps, ro, diagonal }: Memory): void {
    Object.assign(state, { oldDirs: dirs, oldStps: steps, ro, HDiag: diagonal })
  }
}

/** The estimate of the last step, in lists of this step's own. */
function recalled(state: ParamState): Memory {
  return {
    dirs: recall(state, 'oldDirs'),
    steps: recall(state, 'oldStps'),
    ro: recall(state, 'ro'),
    diagonal: Number(state['HDiag'] ?? 1),
  }
}

// as `remember` or `loadedState` put them there
const recall = (state: ParamState, key: string): Tensor[] => [...((state[key] ?? []) as readonly Tensor[])]

const kept = (x: Tensor): Tensor => keep(escape(x))
const largest = (x: Tensor): number => max(abs(x)).item()
