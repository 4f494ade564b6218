import { noGrad } from '@gradus/autograd'
import { Tensor, ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  kind,
  synchronous,
  takeArgument,
  takeOptions,
  takeTensor,
  text,
} from '@gradus/core/internal'
import { tensor } from '../module/arguments.ts'
import { Module } from '../module/module.ts'
import { copyModule } from '../module/copy-module.ts'
import { moduleKind } from '../module/module-kind.ts'
import { nameOf } from '../module/name-of.ts'
import { Parameter } from '../module/parameter.ts'
import { guard } from '../module/slots.ts'

/** A module that computes a tensor from the one, or those, that are trained in its place. */
export type Parametrization = Module & {
  forward(...originals: Tensor[]): Tensor
  /** What `forward` makes `value` of, as far as there is one; without it a value cannot be assigned. */
  rightInverse?(value: Tensor): Tensor | Tensor[]
}

const someTensors = /* @__PURE__ */ kind<Tensor | readonly Tensor[]>(
  'a tensor or an array of tensors',
  (x) =>
    x instanceof Tensor || (Array.isArray(x) && x.length > 0 && x.every((value) => value instanceof Tensor)),
)
const parameterKind = /* @__PURE__ */ kind<Parameter>('a parameter', (x) => x instanceof Parameter)

/** What is trained in place of one parameter, and how that one is computed from it. */
export class ParametrizationList extends Module {
  static override readonly layerName: string = 'ParametrizationList'
  /** The keys of what is trained: `original`, or `original0`, `original1`, … */
  readonly originals: readonly string[]
  private count = 0

  constructor(values: Tensor | readonly Tensor[], parameter: Parameter | null) {
    super()
    takeArgument('ParametrizationList', 'values', someTensors, values)
    if (parameter !== null) takeArgument('ParametrizationList', 'parameter', parameterKind, parameter)
    const several = Array.isArray(values)
    // `isArray` does not narrow a readonly array
    const list = several ? (values as readonly Tensor[]) : [values as Tensor]
    this.originals = list.map((_, i) => (several ? `original${i}` : 'original'))
    list.forEach((value, i) => {
      const name = this.originals[i]
      if (parameter === null) this.registerBuffer(name, value.detach())
      else if (several) this.registerParameter(name, new Parameter(value.detach(), parameter.requiresGrad))
      else {
        // the same object: an optimizer that has it keeps it
        parameter.data = value.detach()
        this.registerParameter(name, parameter)
      }
    })
  }

  /** Adds a step to the computation. */
  append(parametrization: Parametrization): void {
    this.registerModule(String(this.count++), parametrization)
  }

  /** The steps, in order. */
  get steps(): Parametrization[] {
    // only parametrizations are registered here
    return this.children() as Parametrization[]
  }

  /** What is trained. */
  get values(): Tensor[] {
    // the constructor put tensors under these names
    return this.originals.map((name) => Reflect.get(this, name) as Tensor)
  }

  forward(): Tensor {
    const [first, ...rest] = this.steps
    return rest.reduce((x, step) => step(x), first(...this.values))
  }

  /**
   * Makes the result `value`, by the inverses of the steps.
   *
   * @throws ValueError if a step has none
   */
  assign(value: Tensor): void {
    takeTensor('ParametrizationList.assign', 'value', value)
    noGrad(() => {
      const inverse = this.steps.reduceRight<Tensor | Tensor[]>((x, step) => inverted(step, x), value)
      const list = Array.isArray(inverse) ? inverse : [inverse]
      this.values.forEach((original, i) => original.detach().copy_(list[i]))
    })
  }
}

function inverted(step: Parametrization, value: Tensor | Tensor[]): Tensor | Tensor[] {
  if (!step.rightInverse) {
    throw new ValueError(`parametrization ${nameOf(step)} does not implement rightInverse.`)
  }
  if (Array.isArray(value)) throw new ValueError('only the first parametrization can have several originals')
  return step.rightInverse(value)
}

/** The field of a module that holds the lists of its parametrized parameters. */
class Parametrizations extends Module {
  static override readonly layerName: string = 'Parametrizations'
  forward(): never {
    throw new ValueError('Module [Parametrizations] is missing the required "forward" function')
  }
}

function listsOf(module: Module): Parametrizations | null {
  const lists: unknown = Reflect.get(module, 'parametrizations')
  return lists instanceof Parametrizations ? lists : null
}

function listOf(module: Module, name: string): ParametrizationList | null {
  const lists = listsOf(module)
  const list: unknown = lists ? Reflect.get(lists, name) : null
  return list instanceof ParametrizationList ? list : null
}

/**
 * Whether a module, or one of its fields, is computed from something that is trained in its place.
 *
 * @param tensorName - of a field; any by default
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.is_parametrized.html
 */
export function isParametrized(module: Module, tensorName?: string): boolean {
  takeArgument('isParametrized', 'module', moduleKind, module)
  if (tensorName === undefined) return listsOf(module) !== null
  return listOf(module, takeArgument('isParametrized', 'tensorName', text, tensorName)) !== null
}

/** The parameter, buffer or parametrized tensor of a module. */
export function tensorAt(module: Module, name: string): Tensor {
  const value: unknown =
    takeArgument('parametrize', 'module', moduleKind, module) && Reflect.get(module, name)
  if (value instanceof Tensor) return value
  throw new ValueError(
    `Module '${String(module)}' does not have a parameter, a buffer, or a parametrized element with name '${name}'`,
  )
}

/**
 * Computes a parameter, or buffer, of a module from something that is trained in its place: reading `module[tensorName]` calls
 * the parametrization, and assigning to it its `rightInverse`. Its state is under `parametrizations.<tensorName>.original`.
 *
 * A second call adds a step after the first one.
 *
 * @returns the module
 * @throws ValueError for a field that is no tensor
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
 * @example
 * class Symmetric extends g.nn.Module {
 *   forward(x: g.Tensor): g.Tensor {
 *     return x.triu().add(x.triu(1).t())
 *   }
 * }
 * const layer = g.nn.parametrize.registerParametrization(new g.nn.Linear(3, 3), 'weight', new Symmetric())
 * layer.weight.equal(layer.weight.t()) // => true
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
): M {
  takeArgument('registerParametrization', 'module', moduleKind, module)
  takeArgument('registerParametrization', 'parametrization', moduleKind, parametrization)
  parametrization.train(module.training)
  const known = listOf(module, tensorName)
  if (known) {
    // what is trained has to be what gives the same value through both
    if (parametrization.rightInverse) noGrad(() => appendKeeping(known, parametrization))
    else known.append(parametrization)
    return module
  }
  const value = tensorAt(module, tensorName)
  const inverse = noGrad(() => parametrization.rightInverse?.(value.detach()) ?? value.detach())
  const list = new ParametrizationList(inverse, value instanceof Parameter ? value : null)
  list.append(parametrization)
  let lists = listsOf(module)
  if (!lists) Reflect.set(module, 'parametrizations', (lists = new Parametrizations()))
  lists.registerModule(tensorName, list)
  Reflect.deleteProperty(module, tensorName)
  // read from the module itself, so that a copy of it reads its own list
  guard(module, tensorName, {
    kind: 'computed',
    read: (self) => readOf(listOf(self, tensorName)),
    write: (self, next) =>
      listOf(self, tensorName)?.assign(takeArgument('parametrize', tensorName, tensor, next)),
  })
  return module
}

/** Values of this run of {@link cached}, null outside of one. */
let seen: Map<ParametrizationList, Tensor> | null = null

function readOf(list: ParametrizationList | null): Tensor | undefined {
  if (list === null) return undefined
  const known = seen?.get(list)
  if (known !== undefined) return known
  const value = list()
  seen?.set(list, value)
  return value
}

/**
 * Runs `fn` with parametrized tensors computed once each: what is read again is the tensor of the first time. Where they
 * change in between, as in a step, end the run and begin another.
 *
 * @throws TypeError if `fn` returns a promise
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.cached.html
 * @example
 * const layer = g.nn.parametrize.weightNorm(new g.nn.Linear(2, 2))
 * g.nn.parametrize.cached(() => layer.weight === layer.weight) // => true
 */
export function cached<T>(fn: () => T): T {
  const outer = seen
  seen ??= new Map()
  try {
    return synchronous(fn, 'cached')
  } finally {
    seen = outer
  }
}

/**
 * The class of a module. A parametrized one has the class that it had before: nothing is put in between here.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.type_before_parametrizations.html
 * @example
 * const layer = g.nn.parametrize.weightNorm(new g.nn.Linear(2, 2))
 * g.nn.parametrize.typeBeforeParametrizations(layer) === g.nn.Linear // => true
 */
export function typeBeforeParametrizations(module: Module): object {
  takeArgument('typeBeforeParametrizations', 'module', moduleKind, module)
  return module.constructor
}

/**
 * Gives a module the parametrizations of another, copied, with their originals.
 *
 * @param tensorName - of one tensor; all that are parametrized by default
 * @returns `to`
 * @throws ValueError where `from` has no such parametrization, and where `to` has no such tensor
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.transfer_parametrizations_and_params.html
 * @example
 * const from = g.nn.parametrize.weightNorm(new g.nn.Linear(2, 2))
 * const to = g.nn.parametrize.transferParametrizationsAndParams(from, new g.nn.Linear(2, 2))
 * to.weight.equal(from.weight) // => true
 */
export function transferParametrizationsAndParams<M extends Module>(
  from: Module,
  to: M,
  tensorName?: string,
): M {
  takeArgument('transferParametrizationsAndParams', 'from', moduleKind, from)
  takeArgument('transferParametrizationsAndParams', 'to', moduleKind, to)
  if (tensorName !== undefined)
    takeArgument('transferParametrizationsAndParams', 'tensorName', text, tensorName)
  const lists = listsOf(from)
  const names = tensorName === undefined ? (lists?.namedChildren().map(([key]) => key) ?? []) : [tensorName]
  for (const key of names) {
    const list = listOf(from, key)
    if (!list) throw new ValueError(`Module ${String(from)} does not have a parametrization on ${key}`)
    const steps = list.steps.map((step) => copyModule(step))
    tensorAt(to, key)
    for (const step of steps) registerParametrization(to, key, step)
    const own = listOf(to, key)
    // the originals of the copies, which may not be what the inverse of the steps makes of the value of `to`
    noGrad(() => list.values.forEach((value, i) => void own?.values[i].detach().copy_(value.detach())))
  }
  return to
}

function appendKeeping(list: ParametrizationList, parametrization: Parametrization): void {
  const value = list()
  const before = parametrization.rightInverse?.(value) ?? value
  if (Array.isArray(before)) throw new ValueError('only the first parametrization can have several originals')
  list.assign(before)
  list.append(parametrization)
}

/** Options of {@link removeParametrizations}. */
export interface RemoveOptions {
  /** Whether the field keeps the value that it has now (the default), or gets that of the original. */
  leaveParametrized?: boolean
}

const removeOptions = /* @__PURE__ */ defineOptions<RemoveOptions>({ leaveParametrized: flag })

/**
 * Undoes {@link registerParametrization}: the field is a parameter again, with the value it has now or, with
 * `leaveParametrized: false`, that of the original.
 *
 * @returns the module
 * @throws ValueError for a field that is not parametrized, and for several originals with `leaveParametrized: false`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.remove_parametrizations.html
 */
export function removeParametrizations<M extends Module>(
  module: M,
  tensorName: string,
  options?: RemoveOptions,
): M {
  takeArgument('removeParametrizations', 'module', moduleKind, module)
  takeArgument('removeParametrizations', 'tensorName', text, tensorName)
  const { leaveParametrized = true } = takeOptions('removeParametrizations', removeOptions, options)
  const [lists, list] = [listsOf(module), listOf(module, tensorName)]
  if (!lists || !list) {
    throw new ValueError(`Module ${String(module)} does not have a parametrization on ${tensorName}`)
  }
  const { values } = list
  if (!leaveParametrized && values.length > 1) {
    throw new ValueError(
      'Cannot leave unparametrized (`leaveParametrized: false`) a tensor that is parametrized in terms of a sequence of tensors.',
    )
  }
  const [original] = values
  const value = leaveParametrized ? noGrad(() => list()) : original.detach()
  let restored: Tensor = value
  if (original instanceof Parameter) {
    if (values.length > 1) restored = new Parameter(value, original.requiresGrad)
    else {
      original.data = value.clone()
      restored = original
    }
  }
  Reflect.deleteProperty(module, tensorName)
  if (restored instanceof Parameter) module.registerParameter(tensorName, restored)
  else module.registerBuffer(tensorName, restored)
  Reflect.deleteProperty(lists, tensorName)
  if (lists.children().length === 0) Reflect.deleteProperty(module, 'parametrizations')
  return module
}
