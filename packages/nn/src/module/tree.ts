import { ArgumentError, type Tensor } from '@gradus/core/functions'
import { describeValue, takeArgument, takeOptions, text } from '@gradus/core/internal'
import { optionalTensor } from './arguments.ts'
import { Hookable } from './hookable.ts'
import { lookUp } from './lookup.ts'
import { setModule, type SetSubmoduleOptions, setSubmoduleOptions } from './set-submodule.ts'
import {
  buffersOf,
  childrenOf,
  collect,
  modulesBelow,
  modulesOptions,
  type NamedOptions,
  namedOptions,
  recurseOptions,
} from './members.ts'
import type { Module } from './module.ts'
import { Parameter } from './parameter.ts'
import { type BufferOptions, bufferOptions, register } from './registration.ts'
import { held, type Slot } from './slots.ts'

/** A tree as the module that it is. */
const moduleOf = (tree: Tree): Module => tree as Module // Module alone extends Tree

/** The base of modules that registers and lists what a module consists of. */
export abstract class Tree extends Hookable {
  /** @internal */
  readonly [held]: Record<string, Slot> = {}

  /**
   * Makes `tensor` a buffer: part of the state, moved by `to`, not trained. Returns it, so that a field can be
   * initialised with the call.
   *
   * @param name - of the field that holds it
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
  registerBuffer<T extends Tensor | null>(name: string, tensor: T, options?: BufferOptions): T {
    const { persistent = true } = takeOptions('registerBuffer', bufferOptions, options)
    register(moduleOf(this), name, 'buffer', takeArgument('registerBuffer', 'tensor', optionalTensor, tensor))
    buffersOf(moduleOf(this)).set(name, { persistent })
    return tensor
  }

  /**
   * Makes `parameter` a field, for names that are only known when the program runs. Returns it. An assignment to the field of
   * a value that is neither a parameter nor null is an error.
   *
   * @throws ValueError for a name with a dot, an empty one, or one that something else has
   */
  registerParameter<P extends Parameter | null>(name: string, parameter: P): P {
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new ArgumentError(
        `cannot assign ${describeValue(parameter)} as parameter '${name}' (nn.Parameter or null expected)`,
      )
    }
    register(moduleOf(this), name, 'parameter', parameter)
    return parameter
  }

  /**
   * Makes `module` a field, for names that are only known when the program runs.
   *
   * @throws ValueError for a name with a dot, an empty one, or one that something else has
   */
  registerModule(name: string, module: Module | null): void {
    if (module !== null && !(module instanceof Tree))
      throw new ArgumentError(`${describeValue(module)} is not a Module subclass`)
    register(moduleOf(this), name, 'module', module)
  }

  /** {@link Tree.registerModule} under PyTorch's other name. */
  addModule(name: string, module: Module | null): void {
    this.registerModule(name, module)
  }

  // ---- members

  /** Every parameter once, own ones first, then those of children. */
  parameters(options?: Pick<NamedOptions, 'recurse'>): Parameter[] {
    const { recurse } = takeOptions('parameters', recurseOptions, options)
    return this.namedParameters({ recurse }).map(([, p]) => p)
  }

  /** Every parameter with its path: `layers.0.weight`. */
  namedParameters(options?: NamedOptions): [string, Parameter][] {
    return collect(moduleOf(this), takeOptions('namedParameters', namedOptions, options), (m) =>
      m.kind === 'parameter' ? m.value : null,
    )
  }

  /** Every buffer once. */
  buffers(options?: Pick<NamedOptions, 'recurse'>): Tensor[] {
    const { recurse } = takeOptions('buffers', recurseOptions, options)
    return this.namedBuffers({ recurse }).map(([, b]) => b)
  }

  /** Every buffer with its path. */
  namedBuffers(options?: NamedOptions): [string, Tensor][] {
    return collect(moduleOf(this), takeOptions('namedBuffers', namedOptions, options), (m) =>
      m.kind === 'buffer' ? m.value : null,
    )
  }

  /** The modules directly below this one, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, m]) => m)
  }

  /** The modules directly below this one with their keys; those of an array have two parts: `layers.0`. */
  namedChildren(): [string, Module][] {
    const seen = new Set<Module>()
    return childrenOf(moduleOf(this)).filter(([, m]) => !seen.has(m) && seen.add(m))
  }

  /** This module and all below it, each once, parents first. */
  modules(): Module[] {
    return this.namedModules().map(([, m]) => m)
  }

  /** This module, under the prefix alone, and all below it with their paths. */
  namedModules(options?: Omit<NamedOptions, 'recurse'>): [string, Module][] {
    return modulesBelow(moduleOf(this), takeOptions('namedModules', modulesOptions, options))
  }

  /**
   * The module at a path; `''` is this one.
   *
   * @throws ValueError where there is none
   */
  getSubmodule(path: string): Module {
    return lookUp(moduleOf(this), this.namedModules({ removeDuplicate: false }), path, 'an nn.Module')
  }

  /**
   * Puts another module at a path. An array's place is one of the path too: `layers.0`.
   *
   * @param options - `strict` refuses a path where there is no module yet; false by default
   * @throws ValueError for an empty path, and where the path leads through what is no module
   * @example
   * const model = new g.nn.Sequential(new g.nn.Linear(2, 3), new g.nn.ReLU())
   * model.setSubmodule('1', new g.nn.Tanh())
   * String(model.getSubmodule('1')) // => 'Tanh()'
   */
  setSubmodule(path: string, module: Module, options?: SetSubmoduleOptions): void {
    const { strict = false } = takeOptions('setSubmodule', setSubmoduleOptions, options)
    if (!(module instanceof Tree))
      throw new ArgumentError(`${describeValue(module)} is not a Module subclass`)
    setModule(moduleOf(this), takeArgument('setSubmodule', 'path', text, path), module, strict)
  }

  /**
   * The parameter at a path.
   *
   * @throws ValueError where there is none
   */
  getParameter(path: string): Parameter {
    return lookUp(moduleOf(this), this.namedParameters({ removeDuplicate: false }), path, 'an nn.Parameter')
  }

  /**
   * The buffer at a path.
   *
   * @throws ValueError where there is none
   */
  getBuffer(path: string): Tensor {
    return lookUp(moduleOf(this), this.namedBuffers({ removeDuplicate: false }), path, 'a buffer')
  }
}
