import { noGrad } from '@gradus/autograd'
import { type DType, type HookHandle, isFloat, keep, type Tensor, ValueError } from '@gradus/core'
import { outsideScope, scope } from '@gradus/core/internal'
import { Callable } from './callable.ts'
import { rehouse } from './convert.ts'
import { watched } from './first-call.ts'
import {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardHookOptions,
  type ForwardPreHook,
  type HookOptions,
  Hooks,
} from './hooks.ts'
import { keepsNothing } from './keeps-nothing.ts'
import { lookUp } from './lookup.ts'
import { nameOf } from './name-of.ts'
import { buffersOf, childrenOf, collect, modulesBelow, type NamedOptions } from './members.ts'
import { Parameter } from './parameter.ts'
import { printModule } from './print-module.ts'
import { runWithHooks } from './run-hooks.ts'
import { collectState, type IncompatibleKeys, loadInto, type StateDict } from './state-dict.ts'

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
export abstract class Module extends Callable {
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
  #hooks: Hooks | null = null
  /** Whether a call has looked for modules that are used and not registered. */
  #checked = false
  /** The `forward` of a class that {@link Module.keepsNothing}. */
  #frugal: unknown = null

  static {
    invoke = (module, args) => module.#invoke(args)
  }

  constructor() {
    // `self` is the function that Callable returns: the instance of this class
    super((self, args) => invoke(self as Module, args))
  }

  /** What calling the module computes. */
  abstract forward(...args: never): unknown

  // ---- registration

  /**
   * Makes `tensor` a buffer: part of the state, moved by `to`, not trained. Returns it, so that a field can be
   * initialised with the call.
   *
   * @param name - of the field that holds it
   * @param options.persistent - whether state dicts have it; true by default
   * @throws ValueError for a name with a dot, an empty one, or one that something else has
   * @example
   * class Shift extends g.nn.Module {
   *   offset = this.registerBuffer('offset', g.zeros(3))
   *   forward(x: g.Tensor): g.Tensor {
   *     return x.add(this.offset)
   *   }
   * }
   * Object.keys(new Shift().stateDict()) // => ['offset']
   */
  registerBuffer<T extends Tensor | null>(name: string, tensor: T, { persistent = true } = {}): T {
    const buffers = buffersOf(this)
    this.#checkName('buffer', name, buffers.has(name))
    buffers.set(name, { persistent })
    keep(tensor)
    Reflect.set(this, name, tensor)
    return tensor
  }

  /**
   * Makes `parameter` a field, for names that are only known when the program runs.
   *
   * @throws ValueError for a name with a dot, an empty one, or one that something else has
   */
  registerParameter(name: string, parameter: Parameter | null): void {
    this.#checkName('parameter', name, Reflect.get(this, name) instanceof Parameter)
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new ValueError(
        `cannot assign '${typeof parameter}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
      )
    }
    Reflect.set(this, name, parameter)
  }

  /**
   * Makes `module` a field, for names that are only known when the program runs.
   *
   * @throws ValueError for a name with a dot, an empty one, or one that something else has
   */
  registerModule(name: string, module: Module): void {
    this.#checkName('module', name, Reflect.get(this, name) instanceof Module)
    Reflect.set(this, name, module)
  }

  #checkName(what: string, name: string, again: boolean): void {
    if (name.includes('.')) throw new ValueError(`${what} name can't contain ".", got: ${name}`)
    if (name === '') throw new ValueError(`${what} name can't be empty string ""`)
    // a field that was declared and not given a value is undefined
    if (!again && Reflect.get(this, name) !== undefined)
      throw new ValueError(`attribute '${name}' already exists`)
  }

  // ---- members

  /** Every parameter once, own ones first, then those of children. */
  parameters({ recurse = true }: Pick<NamedOptions, 'recurse'> = {}): Parameter[] {
    return this.namedParameters({ recurse }).map(([, p]) => p)
  }

  /** Every parameter with its path: `layers.0.weight`. */
  namedParameters(options: NamedOptions = {}): [string, Parameter][] {
    return collect(this, options, (m) => (m.kind === 'parameter' ? m.value : null))
  }

  /** Every buffer once. */
  buffers({ recurse = true }: Pick<NamedOptions, 'recurse'> = {}): Tensor[] {
    return this.namedBuffers({ recurse }).map(([, b]) => b)
  }

  /** Every buffer with its path. */
  namedBuffers(options: NamedOptions = {}): [string, Tensor][] {
    return collect(this, options, (m) => (m.kind === 'buffer' ? m.value : null))
  }

  /** The modules directly below this one, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, m]) => m)
  }

  /** The modules directly below this one with their keys; those of an array have two parts: `layers.0`. */
  namedChildren(): [string, Module][] {
    const seen = new Set<Module>()
    return childrenOf(this).filter(([, m]) => !seen.has(m) && seen.add(m))
  }

  /** This module and all below it, each once, parents first. */
  modules(): Module[] {
    return this.namedModules().map(([, m]) => m)
  }

  /** This module, under the prefix alone, and all below it with their paths. */
  namedModules({ prefix = '', removeDuplicate = true }: Omit<NamedOptions, 'recurse'> = {}): [
    string,
    Module,
  ][] {
    return modulesBelow(this, { prefix, removeDuplicate })
  }

  /**
   * The module at a path; `''` is this one.
   *
   * @throws ValueError where there is none
   */
  getSubmodule(path: string): Module {
    return lookUp(this, this.namedModules({ removeDuplicate: false }), path, 'an nn.Module')
  }

  /**
   * The parameter at a path.
   *
   * @throws ValueError where there is none
   */
  getParameter(path: string): Parameter {
    return lookUp(this, this.namedParameters({ removeDuplicate: false }), path, 'an nn.Parameter')
  }

  /**
   * The buffer at a path.
   *
   * @throws ValueError where there is none
   */
  getBuffer(path: string): Tensor {
    return lookUp(this, this.namedBuffers({ removeDuplicate: false }), path, 'a buffer')
  }

  // ---- modes and conversion

  /** Calls `fn` with every module below this one and then with this one: for initialisation. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn)
    fn(this)
    return this
  }

  /** Sets `training` here and in every module below. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode
    return this
  }

  /** `train(false)`: dropout passes everything, batch norm uses its running statistics. */
  eval(): this {
    return this.train(false)
  }

  /** Whether the parameters are trained: false freezes them. */
  requiresGrad_(value = true): this {
    for (const p of this.parameters()) p.requiresGrad_(value)
    return this
  }

  /**
   * Forgets the gradients of all parameters.
   *
   * @param options.setToNone - whether `.grad` becomes null (the default) or is filled with zeros: an optimizer skips a
   *   parameter without a gradient, and steps on with momentum for zeros
   */
  zeroGrad({ setToNone = true } = {}): void {
    for (const p of this.parameters()) p.clearGrad(setToNone)
  }

  /**
   * Converts floating parameters, their gradients and floating buffers. The parameters stay the same objects, so an
   * optimizer keeps them.
   *
   * @throws ValueError for a dtype that is not floating
   */
  to(dtype: DType): this {
    if (!isFloat(dtype))
      throw new ValueError(
        `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${dtype}`,
      )
    noGrad(() => {
      for (const x of [...this.parameters(), ...this.buffers()]) {
        if (isFloat(x.dtype)) rehouse(x, dtype)
      }
    })
    return this
  }

  // ---- state

  /**
   * Parameters and persistent buffers by path, sharing memory with the module: clone what is to outlive the next step.
   *
   * @param options.keepVars - gives the parameters themselves rather than detached tensors; false by default
   */
  stateDict({ prefix = '', keepVars = false }: { prefix?: string; keepVars?: boolean } = {}): StateDict {
    return collectState(this, prefix, keepVars)
  }

  /**
   * Copies values into parameters and buffers.
   *
   * @param options.strict - whether missing and unexpected keys are errors; true by default
   * @param options.assign - takes the given tensors' memory instead of copying, and their dtype; false by default
   * @returns the keys that did not match
   * @throws ValueError with PyTorch's list of what does not fit; nothing was copied then
   * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict
   */
  loadStateDict(state: StateDict, { strict = true, assign = false } = {}): IncompatibleKeys {
    return loadInto(nameOf(this), this.stateDict({ keepVars: true }), state, { strict, assign })
  }

  // ---- hooks

  /** Runs `fn` before every call, see {@link ForwardPreHook}. */
  registerForwardPreHook(fn: ForwardPreHook, { prepend = false }: HookOptions = {}): HookHandle {
    return (this.#hooks ??= new Hooks()).forwardPre.add(fn, undefined, prepend)
  }

  /** Runs `fn` after every call, see {@link ForwardHook}. */
  registerForwardHook(
    fn: ForwardHook,
    { prepend = false, alwaysCall = false }: ForwardHookOptions = {},
  ): HookHandle {
    return (this.#hooks ??= new Hooks()).forward.add(fn, { alwaysCall }, prepend)
  }

  /** Runs `fn` in backward when the gradients of the outputs are there, see {@link BackwardPreHook}. */
  registerFullBackwardPreHook(fn: BackwardPreHook, { prepend = false }: HookOptions = {}): HookHandle {
    return (this.#hooks ??= new Hooks()).backwardPre.add(fn, undefined, prepend)
  }

  /** Runs `fn` in backward when the gradients of the inputs are there, see {@link BackwardHook}. */
  registerFullBackwardHook(fn: BackwardHook, { prepend = false }: HookOptions = {}): HookHandle {
    return (this.#hooks ??= new Hooks()).backward.add(fn, undefined, prepend)
  }

  // ---- calling

  #invoke(args: readonly unknown[]): unknown {
    if (!this.#checked) return this.#firstCall(args)
    return this.#run(args)
  }

  #run(args: readonly unknown[]): unknown {
    const forward = (given: readonly unknown[]): unknown => this.forward(...(given as never)) // checked where it was called
    const hooks = this.#hooks
    if (hooks === null && this.forward === this.#frugal) return scope(() => forward(args))
    // code of the user may keep what it sees
    return outsideScope(
      () => (hooks === null ? forward(args) : runWithHooks(this, hooks, args, forward)),
      args,
    )
  }

  /** The first call of a model also looks whether the modules it calls are among its own. */
  #firstCall(args: readonly unknown[]): unknown {
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

  get [Symbol.toStringTag](): string {
    return nameOf(this)
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}
