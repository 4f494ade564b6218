import { Tensor, ValueError } from '@gradus/core/functions'
import { aTensor, finite, listOf, nullable, takeArgument, text, warn } from '@gradus/core/internal'
import { completed, type GivenOptions, type Kinds } from './options.ts'

/** Parameters of one group: tensors, or pairs of a name and a tensor. */
export type GroupParams = Tensor | Iterable<Tensor | readonly [string, Tensor]>

/** A group as it is given: parameters and the options in which it differs from the optimizer's defaults. */
export type GroupInput<O> = {
  params: GroupParams
  paramNames?: readonly string[]
  initialLr?: number
} & GivenOptions<O>

/** Parameters of an optimizer: tensors, pairs of a name and a tensor, or groups. */
export type ParamsInput<O> = Iterable<Tensor | readonly [string, Tensor] | GroupInput<O>>

const tensors = /* @__PURE__ */ listOf(aTensor)
const nameList = /* @__PURE__ */ nullable(/* @__PURE__ */ listOf(text))

/** Parameters that share options. An optimizer's groups also have its options: `group.lr`. */
export class Group {
  readonly params: Tensor[]
  /** Names, if the parameters were given with them. */
  declare paramNames?: string[]

  constructor(params: Tensor[], names: string[] | null) {
    takeArgument('Group', 'params', tensors, params)
    takeArgument('Group', 'names', nameList, names)
    this.params = params
    if (names) this.paramNames = names
  }

  /**
   * The gradients of the group's parameters, in their order; null where there is none.
   *
   * @example
   * const w = g.ones(2, { requiresGrad: true })
   * const optimizer = new g.optim.SGD([w], { lr: 0.1 })
   * w.mul(3).sum().backward()
   * String(optimizer.paramGroups[0].grads()[0]) // => 'tensor([3., 3.])'
   */
  grads(): (Tensor | null)[] {
    return this.params.map((p) => p.grad)
  }
}

/** A group of an optimizer with options `O`. Schedulers keep the learning rate it began with. */
export type ParamGroup<O> = Group & O & { initialLr?: number }

const typeOf = (x: unknown): string =>
  x === null ? 'null' : x instanceof Tensor ? `Tensor (${x.dtype})` : Array.isArray(x) ? 'Array' : typeof x

const isIterable = (x: unknown): x is Iterable<unknown> =>
  typeof x === 'object' &&
  x !== null &&
  Symbol.iterator in x &&
  !(x instanceof Tensor) &&
  !ArrayBuffer.isView(x)

/**
 * The groups that the first argument of an optimizer stands for.
 *
 * @throws ValueError for a single tensor, something else that is not iterable, or nothing in it
 */
export function groupsOf<O>(params: ParamsInput<O>): GroupInput<O>[] {
  if (!isIterable(params)) {
    throw new ValueError(
      `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${typeOf(params)}`,
      { hint: 'put it into an array: [x]' },
    )
  }
  const list = [...params]
  if (list.length === 0) throw new ValueError('optimizer got an empty parameter list')
  // groups are told from parameters by the first entry, as in PyTorch; makeGroup checks them
  if (isGroup(list[0])) return list as GroupInput<O>[]
  // a group without overrides: all of Partial<O> is optional
  return [{ params: list } as unknown as GroupInput<O>]
}

const isGroup = (x: unknown): boolean =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && 'params' in x

/** Kinds of the options that schedulers keep in a group. */
export const groupKinds = {
  initialLr: finite,
  minLr: finite,
  maxLr: finite,
  swaLr: finite,
  baseMomentum: finite,
  maxMomentum: finite,
}

/**
 * Checks a group and completes it with defaults; an option that is `undefined` has its default.
 *
 * @param name - of the optimizer, for errors
 * @param kinds - of its options
 * @throws ValueError with PyTorch's messages
 * @throws ArgumentError for an option that is not known, or has a value of another kind
 */
export function makeGroup<O extends object>(
  name: string,
  given: GroupInput<O>,
  kinds: Kinds,
  defaults: O,
  existing: readonly ParamGroup<O>[],
): ParamGroup<O> {
  // anything may come from JavaScript
  if (!isGroup(given)) throw new ValueError(`param_group must be a dict, but got ${typeOf(given)}`)
  const { params, paramNames, ...overrides } = given
  const { tensors, names } = namedTensors(params, paramNames)
  if (existing.some((group) => (group.paramNames !== undefined) !== (names !== null))) {
    throw new ValueError(
      'all param groups should be with/without names. cannot add param group ' +
        (names ? 'with names to the optimizer' : 'without names to the optimizer'),
    )
  }
  if (new Set(tensors).size < tensors.length) {
    warn(
      'optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; ' +
        'see github.com/pytorch/pytorch/issues/40967 for more information',
    )
  }
  const taken = new Set(existing.flatMap((group) => group.params))
  if (tensors.some((p) => taken.has(p)))
    throw new ValueError('some parameters appear in more than one parameter group')
  const options = completed(name, { ...kinds, ...groupKinds }, { ...overrides }, defaults)
  return Object.assign(new Group(tensors, names), options)
}

/** The parameters of a group, and their names if they have any. */
function namedTensors(
  params: GroupParams,
  given: readonly string[] | undefined,
): { tensors: Tensor[]; names: string[] | null } {
  const list: readonly unknown[] =
    params instanceof Tensor ? [params] : isIterable(params) ? [...params] : [params]
  const pairs = list.filter(Array.isArray)
  if (pairs.length > 0 && pairs.length < list.length) {
    throw new ValueError('All optimizer params should be with/without names. Some param names are missing')
  }
  if (pairs.length > 0) {
    return {
      tensors: pairs.map((pair): Tensor => trainable(pair[1])),
      names: pairs.map(([name]) => String(name)),
    }
  }
  if (given && given.length !== list.length) {
    throw new ValueError(`a group of ${list.length} parameters has ${given.length} names`)
  }
  return { tensors: list.map(trainable), names: given ? [...given] : null }
}

function trainable(x: unknown): Tensor {
  if (!(x instanceof Tensor)) {
    throw new ValueError(`optimizer can only optimize Tensors, but one of the params is ${typeOf(x)}`)
  }
  if (!x.isLeaf) {
    throw new ValueError("can't optimize a non-leaf Tensor", {
      hint: 'it is the result of recorded operations; make a Parameter of it, or detach() it first',
    })
  }
  // a lazy module's parameter has no shape before the first call, and says so
  void x.shape
  return x
}
