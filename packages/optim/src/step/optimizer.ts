import { setGradEnabled, type HookHandle, type Tensor } from '@gradus/core/functions'
import {
  flag,
  functionKind,
  internals,
  number,
  outsideScope,
  scope,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { scaleGrads_ } from './clip.ts'
import { firstCounters, stateOf, type Declaration } from './declaration.ts'
import { readStateDict } from './load.ts'
import { onMasters } from './masters.ts'
import { kindsOf, type Kinds } from './options.ts'
import { groupsOf, makeGroup, type GroupInput, type ParamGroup, type ParamsInput } from './param-group.ts'
import { describeGroup } from './printing.ts'
import { anyState, checkFit, declaredState } from './state-check.ts'
import {
  exportState,
  fromLoaded,
  type LoadedOptimizerState,
  type OptimizerStateDict,
  type ParamState,
} from './state-dict.ts'
import { Updates } from './updates.ts'

/** Computes the loss anew; gradients are recorded while it runs. */
export type Closure = () => Tensor

const zeroGradOptions = { setToNone: flag }
const preHookOptions = { readsGrads: flag }

type Hook<F> = Set<F>
/** Step hooks that do not look at gradients. */
const blind = new WeakSet<(optimizer: Optimizer) => void>()
const addTo = <F>(hooks: Hook<F>, fn: F): HookHandle => {
  hooks.add(fn)
  return { remove: () => void hooks.delete(fn) }
}

const closureKind = /* @__PURE__ */ functionKind<Closure>()
const stepKind = /* @__PURE__ */ functionKind<() => unknown>()

/**
 * The base of all optimizers: groups of parameters, state per parameter, and a step over all of them.
 *
 * A parameter whose `.grad` is null is skipped: no weight decay, no momentum, no state.
 *
 * @typeParam O - the options of a group; every group has all of them
 * @see https://pytorch.org/docs/stable/optim.html
 */
export abstract class Optimizer<O extends { lr: number } = { lr: number }> {
  /** The options that a group without its own takes. */
  readonly defaults: O
  readonly paramGroups: ParamGroup<O>[] = []
  /** Per parameter, made at its first step. */
  readonly state = new Map<Tensor, ParamState>()
  /** Names of state that is one number per parameter; a state dict has them as 0-dimensional tensors. */
  protected readonly scalars: readonly string[]
  protected readonly declaration: Declaration<O> | null
  /** The factor of gradients in an update: see {@link Optimizer.withGradFactor}. */
  protected gradFactor = 1
  private readonly stepPre: Hook<(optimizer: Optimizer) => void> = new Set()
  private readonly stepPost: Hook<(optimizer: Optimizer) => void> = new Set()
  private readonly savePre: Hook<(optimizer: Optimizer) => void> = new Set()
  private readonly savePost: Hook<
    (optimizer: Optimizer, state: OptimizerStateDict) => OptimizerStateDict | void
  > = new Set()
  private readonly loadPre: Hook<
    (optimizer: Optimizer, state: OptimizerStateDict) => OptimizerStateDict | void
  > = new Set()
  private readonly loadPost: Hook<(optimizer: Optimizer) => void> = new Set()

  /**
   * @param defaults - the options of a group that has no others
   * @param declaration - of an optimizer of gradus; an optimizer of your own has none
   */
  constructor(params: ParamsInput<O>, defaults: O, declaration: Declaration<O> | null = null) {
    this.defaults = defaults
    this.declaration = declaration
    this.scalars = declaration ? Object.keys(firstCounters(declaration, defaults)) : ['step']
    for (const group of groupsOf(params)) this.addParamGroup(group)
  }

  /** Adds the update of those parameters of a group that have a gradient. All updates run at the end of the step. */
  protected abstract update(group: ParamGroup<O>, params: readonly Tensor[], updates: Updates): void

  /**
   * Adds parameters to train, with their own options.
   *
   * @throws ValueError for a value that is no tensor, no leaf, or already there
   * @throws ArgumentError for an option that is not known, or has a value of another kind
   */
  addParamGroup(group: GroupInput<O>): void {
    const { declaration } = this
    const made = makeGroup(this.name, group, this.kinds, this.defaults, this.paramGroups)
    declaration?.check?.(made)
    for (const p of made.params) declaration?.checkParameter?.(p)
    this.paramGroups.push(made)
    if (declaration?.eager) for (const p of made.params) stateOf(this.state, declaration, made, p)
  }

  /**
   * Forgets the gradients of all parameters.
   *
   * @param options.setToNone - whether `.grad` becomes null (the default) or is filled with zeros, with which momentum
   *   and weight decay still move the parameter
   */
  zeroGrad(options?: { setToNone?: boolean }): void {
    const { setToNone = true } = takeOptions('zeroGrad', zeroGradOptions, options)
    for (const { params } of this.paramGroups) for (const p of params) internals(p).clearGrad(setToNone)
  }

  /**
   * Updates the parameters by their gradients.
   *
   * @param closure - computes the loss, and its gradients, before the update
   * @returns the closure's result, or null
   */
  step(closure?: Closure): Tensor | null {
    if (closure !== undefined) takeArgument('step', 'closure', closureKind, closure)
    for (const hook of this.stepPre) hook(this)
    const loss = this.perform(closure)
    for (const hook of this.stepPost) hook(this)
    return loss
  }

  /**
   * Runs `step`, a call of {@link step}, by the gradients times a number: clipping, a mean, or a loss scale. An update that is
   * one program is given the number and leaves `.grad` as it is; for others, and where hooks of the step look at them, the
   * gradients are multiplied in place.
   *
   * @returns the result of `step`
   * @example
   * const w = g.zeros(1, { requiresGrad: true })
   * const optimizer = new g.optim.SGD([w], { lr: 1 })
   * w.mul(8).sum().backward()
   * optimizer.withGradFactor(0.25, () => optimizer.step())
   * w.item() // => -2
   */
  withGradFactor<T>(factor: number, step: () => T): T {
    takeArgument('withGradFactor', 'factor', number, factor)
    takeArgument('withGradFactor', 'step', stepKind, step)
    const unseen = this.stepPost.size === 0 && [...this.stepPre].every((hook) => blind.has(hook))
    if (unseen && this.takesFactor()) this.gradFactor = factor
    else if (factor !== 1)
      scaleGrads_(
        this.paramGroups.flatMap((group) => group.params),
        factor,
      )
    try {
      return step()
    } finally {
      this.gradFactor = 1
    }
  }

  /** Whether the update multiplies gradients by {@link Optimizer.gradFactor} itself. */
  protected takesFactor(): boolean {
    return false
  }

  /** The step itself, between its hooks. */
  protected perform(closure?: Closure): Tensor | null {
    const loss = closure ? evaluated(closure) : null
    this.checkParameters()
    setGradEnabled(false, () =>
      scope(() => {
        const params = this.paramGroups.map((group) =>
          group.params.filter((p) => internals(p).gradSlot !== null),
        )
        onMasters(params.flat(), () => {
          const updates = new Updates()
          this.paramGroups.forEach((group, i) => this.update(group, params[i], updates))
          updates.run()
        })
      }),
    )
    return loss
  }

  /** Refuses parameters that their gradient, state or master does not fit. Nothing was changed. */
  protected checkParameters(): void {
    this.paramGroups.forEach((group, i) =>
      group.params.forEach((p, k) => {
        if (internals(p).gradSlot !== null)
          checkFit(this.declaration, p, this.state.get(p), () => `parameter ${k} of group ${i}`)
      }),
    )
  }

  // ---- state

  /**
   * The state and options under PyTorch's names (`momentum_buffer`, `weight_decay`), parameters numbered over the groups.
   * Tensors share memory with the optimizer; `step` is a 0-dimensional float32 tensor. A half-precision parameter with a
   * float32 master (see `halfPrecision`) has it as `master`, one that rounds at random its `rounding_step`.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.optim.Optimizer.state_dict.html
   */
  stateDict(): OptimizerStateDict {
    for (const hook of this.savePre) hook(this)
    let state = exportState(this.paramGroups, this.state)
    for (const hook of this.savePost) state = hook(this, state) ?? state
    return state
  }

  /**
   * Takes over state and options saved by `stateDict()`, here or in PyTorch: parameters by their position. Tensors are
   * copied, floating ones to the dtype of the state.
   *
   * @throws ValueError, ArgumentError where groups, options, or names and shapes of the state differ; nothing has changed then
   */
  loadStateDict(given: LoadedOptimizerState): void {
    let state = fromLoaded(given)
    for (const hook of this.loadPre) state = hook(this, state) ?? state
    const { declaration } = this
    const apply = readStateDict<O>(state, this.state, {
      name: this.name,
      kinds: this.kinds,
      groups: this.paramGroups,
      checkOptions: (options) => declaration?.check?.(options),
      stateOf: (p, own, options, at) => this.loadedState(p, own, options, at),
    })
    apply()
    for (const hook of this.loadPost) hook(this)
  }

  /** The state of a parameter, of a loaded one: checked and copied. */
  protected loadedState(
    p: Tensor,
    given: Readonly<Record<string, unknown>>,
    options: ParamGroup<O>,
    at: string,
  ): ParamState {
    const { declaration } = this
    return declaration ? declaredState(declaration, options, p, given, at) : anyState(p, given, this.scalars)
  }

  // ---- hooks

  /**
   * Calls `fn` before every step.
   *
   * @param options.readsGrads - whether it looks at gradients, which are then written as the step takes them rather than
   *   multiplied by a number during it; true by default
   */
  registerStepPreHook(fn: (optimizer: Optimizer) => void, options?: { readsGrads?: boolean }): HookHandle {
    const { readsGrads = true } = takeOptions('registerStepPreHook', preHookOptions, options)
    if (!readsGrads) blind.add(fn)
    return addTo(this.stepPre, fn)
  }

  /** Calls `fn` after every step. */
  registerStepPostHook(fn: (optimizer: Optimizer) => void): HookHandle {
    return addTo(this.stepPost, fn)
  }

  /** Calls `fn` before `stateDict()` collects. */
  registerStateDictPreHook(fn: (optimizer: Optimizer) => void): HookHandle {
    return addTo(this.savePre, fn)
  }

  /** Calls `fn` with the result of `stateDict()`; a result of `fn` takes its place. */
  registerStateDictPostHook(
    fn: (optimizer: Optimizer, state: OptimizerStateDict) => OptimizerStateDict | void,
  ): HookHandle {
    return addTo(this.savePost, fn)
  }

  /** Calls `fn` with the argument of `loadStateDict`; a result of `fn` takes its place. */
  registerLoadStateDictPreHook(
    fn: (optimizer: Optimizer, state: OptimizerStateDict) => OptimizerStateDict | void,
  ): HookHandle {
    return addTo(this.loadPre, fn)
  }

  /** Calls `fn` after `loadStateDict`. */
  registerLoadStateDictPostHook(fn: (optimizer: Optimizer) => void): HookHandle {
    return addTo(this.loadPost, fn)
  }

  // ---- printing

  private get name(): string {
    return this.declaration?.name ?? this.constructor.name
  }

  private get kinds(): Kinds {
    return this.declaration?.options ?? kindsOf(this.defaults)
  }

  /** PyTorch's text: the options of every group, sorted. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => `Parameter Group ${i}\n${describeGroup(group)}`)
    return `${this.name} (\n${groups.join('\n')})`
  }

  /** The text of `console.log` in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** The result of a closure, with gradients recorded. */
export const evaluated = (closure: Closure): Tensor => setGradEnabled(true, () => outsideScope(closure))
