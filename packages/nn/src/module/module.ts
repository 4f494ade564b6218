import { noGrad } from '@gradus/autograd'
import { type DType, emptyLike, isFloat, type Tensor, TensorError, ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  dtypeName,
  flag,
  functionKind,
  internals,
  outsideScope,
  scope,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { rehouse } from './convert.ts'
import { watched } from './first-call.ts'
import { firstInput } from './first-input.ts'
import { hooksOf } from './hookable.ts'
import { keepsNothing } from './keeps-nothing.ts'
import { nameOf } from './name-of.ts'
import { childrenOf } from './members.ts'
import { printModule } from './print-module.ts'
import { runWithHooks } from './run-hooks.ts'
import {
  collectState,
  type IncompatibleKeys,
  type LoadStateDictOptions,
  loadOptions,
  loadState,
  type StateDict,
  type StateDictOptions,
  stateDictKind,
  stateDictOptions,
} from './state-dict.ts'
import { Tree } from './tree.ts'

/** Options of {@link Module.zeroGrad}. */
export interface ZeroGradOptions {
  /**
   * Whether `.grad` becomes null (the default) or is filled with zeros. An optimizer skips a parameter without a gradient, and
   * steps on with momentum for zeros.
   */
  setToNone?: boolean
}

const noOptions = /* @__PURE__ */ defineOptions<object>({})
const zeroGradOptions = /* @__PURE__ */ defineOptions<ZeroGradOptions>({ setToNone: flag })

// set by the class, which alone sees its private fields
let invoke: (module: Module, args: readonly unknown[]) => unknown

/** A module is called with the arguments of its `forward`. */
export interface Module {
  (...args: Parameters<this['forward']>): ReturnType<this['forward']>
}

/**
 * The base of every layer and model: a function that owns parameters, buffers and other modules, all found among its
 * fields.
 *
 * A field that holds a {@link Parameter}, a module, or an array of modules or parameters is registered under its name;
 * fields that start with `#` cannot be seen, and the first call says so if one holds a module. `model(x)` calls `forward`
 * and the hooks.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html
 * @example
 * class Doubled extends g.nn.Module {
 *   layer = new g.nn.Linear(2, 3)
 *   forward(x: g.Tensor): g.Tensor {
 *     return this.layer(x).mul(2)
 *   }
 * }
 * new Doubled()(g.ones(1, 2)).shape // => [1, 3]
 */
export abstract class Module extends Tree {
  /** Keys of a class's fields in state dicts where they differ from the field's name: layers of gradus have PyTorch's. */
  static readonly stateKeys: Readonly<Record<string, string>> = {}

  /**
   * PyTorch's name of a layer of gradus. It is data so that a minified program prints it.
   *
   * A class that declares it keeps nothing in `forward`, see {@link Module.keepsNothing}, unless it declares `keeps`.
   */
  static readonly layerName?: string

  /** Why the `forward` of a layer of gradus keeps tensors. */
  static readonly keeps?: string

  /**
   * Declares that `forward` keeps none of the tensors that it is given or makes.
   *
   * Tensors that it makes and does not return (alone, in an array or in a plain object) are then freed with backward, or at
   * once where nothing is recorded. Otherwise the garbage collector finds them. A subclass with a `forward` of its own does not
   * inherit the declaration. The layers of gradus keep nothing.
   */
  static readonly keepsNothing?: boolean

  /** Whether dropout drops and batch norm uses the batch's statistics: see {@link Module.train}. */
  training = true
  /** Whether a call has looked for modules that are used and not registered. */
  #checked = false
  /** The `forward` of a class that {@link Module.keepsNothing}. */
  #frugal: unknown = null

  static {
    invoke = (module, args) => module.#invoke(args)
  }

  constructor(...unexpected: []) {
    // `self` is the function that Callable returns: the instance of this class
    super((self, args) => invoke(self as Module, args))
    // a class without a constructor passes on what it was given; JavaScript would forget it
    const given: readonly unknown[] = unexpected
    if (given.length > 0) takeOptions(nameOf(this), noOptions, given[0] as object | undefined) // or an error
  }

  /** @internal A lazy module learns from its first arguments what it is. */
  [firstInput]?(args: readonly unknown[]): void

  /** What calling the module computes. */
  abstract forward(...args: never): unknown

  // ---- modes and conversion

  /** Calls `fn` with every module below this one and then with this one: for initialisation. */
  apply(fn: (module: Module) => void): this {
    takeArgument('apply', 'fn', functionKind(), fn)
    for (const child of this.children()) child.apply(fn)
    fn(this)
    return this
  }

  /** Sets `training` here and in every module below. */
  train(mode = true): this {
    takeArgument('train', 'mode', flag, mode)
    for (const module of this.modules()) module.training = mode
    return this
  }

  /** `train(false)`: dropout passes everything, batch norm uses its running statistics. */
  eval(): this {
    return this.train(false)
  }

  /** Whether the parameters are trained: false freezes them. */
  requiresGrad_(value = true): this {
    takeArgument('requiresGrad_', 'value', flag, value)
    for (const p of this.parameters()) p.requiresGrad_(value)
    return this
  }

  /**
   * Forgets the gradients of all parameters.
   */
  zeroGrad(options?: ZeroGradOptions): void {
    const { setToNone = true } = takeOptions('zeroGrad', zeroGradOptions, options)
    for (const p of this.parameters()) internals(p).clearGrad(setToNone)
  }

  /**
   * Converts floating parameters, their gradients and floating buffers. The parameters stay the same objects, so an
   * optimizer keeps them.
   *
   * @throws ValueError for a dtype that is not floating
   */
  to(dtype: DType): this {
    takeArgument('to', 'dtype', dtypeName, dtype)
    if (!isFloat(dtype)) {
      throw new ValueError(
        `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${dtype}`,
      )
    }
    noGrad(() => {
      for (const x of [...this.parameters(), ...this.buffers()]) {
        if (isFloat(x.dtype)) rehouse(x, dtype)
      }
    })
    return this
  }

  /** `to('float32')`. */
  float(): this {
    return this.to('float32')
  }

  /** `to('float64')`. */
  double(): this {
    return this.to('float64')
  }

  /**
   * Gives parameters and buffers new memory, uninitialised: values that are about to be loaded need none before.
   *
   * @param options - `recurse: false` leaves those of the modules below as they are
   * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to_empty
   * @example
   * new g.nn.Linear(2, 3).toEmpty().weight.shape // => [3, 2]
   */
  toEmpty(options?: { recurse?: boolean }): this {
    for (const x of [...this.parameters(options), ...this.buffers(options)]) x.data = emptyLike(x.detach())
    return this
  }

  /** `to('float16')`. */
  half(): this {
    return this.to('float16')
  }

  /** `to('bfloat16')`. */
  bfloat16(): this {
    return this.to('bfloat16')
  }

  /** This module itself: memory is the processor's. */
  cpu(): this {
    return this
  }

  /** {@link Module.to} under PyTorch's other name. */
  type(dtype: DType): this {
    return this.to(dtype)
  }

  // ---- state

  /**
   * Parameters and persistent buffers by path, sharing memory with the module: clone what is to outlive the next step.
   */
  stateDict(options?: StateDictOptions): StateDict {
    const { prefix = '', keepVars = false } = takeOptions('stateDict', stateDictOptions, options)
    return collectState(this, prefix, keepVars)
  }

  /**
   * Copies values into parameters and buffers.
   *
   * @returns the keys that did not match
   * @throws ValueError with PyTorch's list of what does not fit; nothing was copied then
   * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict
   */
  loadStateDict(state: StateDict, options?: LoadStateDictOptions): IncompatibleKeys {
    const { strict = true, assign = false } = takeOptions('loadStateDict', loadOptions, options)
    takeArgument('loadStateDict', 'state', stateDictKind, state)
    return loadState(this, state, { strict, assign })
  }

  /**
   * State that a module has besides parameters and buffers: a class that has some overrides this and
   * {@link Module.setExtraState}. It stands in the state dict under `_extra_state`.
   */
  getExtraState(): Tensor | null {
    return null
  }

  /**
   * Takes what {@link Module.getExtraState} gave.
   *
   * @throws ValueError unless the class overrides it
   */
  setExtraState(_state: Tensor): void {
    throw new ValueError(
      `Reached a code path in setExtraState() that should never be called: ${nameOf(this)} gives extra state and takes none`,
    )
  }

  // ---- calling

  /** Calls the module, as `Function.prototype.call` does: a module has no `this` of the caller. */
  call(_self: unknown, ...args: Parameters<this['forward']>): ReturnType<this['forward']> {
    // a module takes and gives what its forward does
    return invoke(this, args) as ReturnType<this['forward']>
  }

  /** A plain function that calls the module with the given arguments first. */
  bind(
    _self: unknown,
    ...first: readonly unknown[]
  ): (...rest: readonly unknown[]) => ReturnType<this['forward']> {
    // a module gives what its forward does
    return (...rest) => invoke(this, [...first, ...rest]) as ReturnType<this['forward']>
  }

  #invoke(args: readonly unknown[]): unknown {
    if (!this.#checked) return this.#firstCall(args)
    return this.#run(args)
  }

  #run(args: readonly unknown[]): unknown {
    const forward = (given: readonly unknown[]): unknown => this.forward(...(given as never)) // checked where it was called
    const hooks = hooksOf(this)
    if (hooks === null && this.forward === this.#frugal) return scope(() => forward(args))
    // code of the user may keep what it sees
    return outsideScope(
      () => (hooks === null ? forward(args) : runWithHooks(this, hooks, args, forward)),
      args,
    )
  }

  /** The first call of a model also looks whether the modules it calls are among its own. */
  #firstCall(args: readonly unknown[]): unknown {
    this[firstInput]?.(args)
    if (typeof this.forward !== 'function') {
      throw new ValueError(`Module [${nameOf(this)}] is missing the required "forward" function`)
    }
    this.#checked = true
    if (keepsNothing(this)) this.#frugal = this.forward
    return watched(this, () => this.#run(args))
  }

  // ---- printing

  /** What stands in the parentheses when the module prints: `in_features=3, out_features=4`. */
  extraRepr(): string {
    return ''
  }

  /** PyTorch's text, children indented by two spaces. */
  override toString(): string {
    return printModule(nameOf(this), this.extraRepr(), childrenOf(this))
  }

  /** @throws TensorError always: JSON has no tensors */
  toJSON(): never {
    throw new TensorError(`a ${nameOf(this)} cannot be written as JSON`, {
      hint: 'write its parameters: Object.entries(model.stateDict()).map(([key, x]) => [key, x.dtype, x.shape, x.tolist()])',
    })
  }

  get [Symbol.toStringTag](): string {
    return nameOf(this)
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}
