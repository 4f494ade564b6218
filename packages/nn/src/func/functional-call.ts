import { ArgumentError, Tensor, ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  describeValue,
  flag,
  synchronous,
  takeArgument,
  withDefaults,
} from '@gradus/core/internal'
import type { Module } from '../module/module.ts'
import { moduleKind } from '../module/module-kind.ts'
import { nameOf } from '../module/name-of.ts'
import { type Place, placesOf, plainPlace } from './places.ts'

/** Parameters and buffers by path. */
export type TensorDict = Record<string, Tensor>

/** Options of {@link functionalCall}. */
export interface FunctionalCallOptions {
  /** Whether a tensor that the module has under several names is replaced under all of them; true by default. */
  tieWeights?: boolean
  /** Whether missing and unexpected keys are errors; false by default. */
  strict?: boolean
}

const callOptions = /* @__PURE__ */ defineOptions<FunctionalCallOptions>({ tieWeights: flag, strict: flag })

/**
 * Calls a module with other tensors in place of its parameters and buffers; afterwards it has its own again.
 *
 * The result can be differentiated by the given tensors: `func.grad` of a function that calls it gives the gradients of all
 * parameters. Buffers that the call replaces, as `this.count = this.count.add(1)`, are replaced in a given dictionary. A key of a
 * parametrized tensor turns its parametrization off for the call; `parametrizations.weight.original` keeps it.
 *
 * @param parameterAndBufferDicts - by the keys of `stateDict()`, those that are left out stay; or several dictionaries with distinct keys
 * @param args - the arguments of the call in an array; a value that is no array is the only argument
 * @throws ValueError for a key in two dictionaries, tied tensors with two values, a path to no module, and under `strict`
 *   for keys that do not match; nothing was called then
 * @see https://pytorch.org/docs/stable/generated/torch.func.functional_call.html
 * @example
 * const layer = new g.nn.Linear(2, 1)
 * const params = { weight: g.tensor([[1, 2]]), bias: g.tensor([3]) }
 * g.func.functionalCall(layer, params, g.tensor([[10, 1]])).tolist() // => [[15]]
 */
export function functionalCall<M extends Module>(
  module: M,
  parameterAndBufferDicts: TensorDict | readonly TensorDict[],
  args?: Readonly<Parameters<M['forward']>> | Parameters<M['forward']>[0],
  options?: FunctionalCallOptions,
): ReturnType<M['forward']> {
  takeArgument('functionalCall', 'module', moduleKind, module)
  const { tieWeights, strict } = withDefaults('functionalCall', callOptions, options, {
    tieWeights: true,
    strict: false,
  })
  const given = merged(parameterAndBufferDicts)
  const places = placesOf(module)
  const values = tieWeights ? untied(given, places) : new Map(Object.entries(given))
  if (strict) checkKeys(module, values, places)
  const found = [...values].map(([key, value]): [Place, Tensor] => [
    places.get(key) ?? otherPlace(module, key),
    value,
  ])
  const list: readonly unknown[] = args === undefined ? [] : Array.isArray(args) ? args : [args]
  const taken = found.map(([place]) => place.take())
  try {
    for (const [place, value] of found) place.write(value)
    const call = (): ReturnType<M['forward']> =>
      // a module takes and gives what its forward does
      module.call(null, ...(list as Parameters<M['forward']>))
    return synchronous(call, 'functionalCall')
  } finally {
    if (given === parameterAndBufferDicts) {
      ;[...values.keys()].forEach((key, i) => {
        const now = found[i][0].read()
        if (now !== null && key in given && given[key] !== now) given[key] = now
      })
    }
    for (const t of taken.reverse()) t.putBack()
  }
}

const isDict = (x: unknown): x is TensorDict =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && !(x instanceof Tensor)

/** One dictionary of those given: itself where there is one. */
function merged(given: unknown): TensorDict {
  if (!isDict(given) && !Array.isArray(given)) {
    throw new ValueError(
      `Expected parameterAndBufferDicts to be an object of tensors, or an array of them, but got ${describeValue(given)}`,
    )
  }
  const dicts: readonly unknown[] = isDict(given) ? [given] : given
  if (!dicts.every(isDict))
    throw new ValueError('Expected all elements of parameterAndBufferDicts to be objects of tensors')
  const keys = dicts.flatMap((dict) => Object.keys(dict))
  const repeated = [...new Set(keys.filter((key, i) => keys.indexOf(key) !== i))]
  if (repeated.length > 0) {
    const names = repeated.map((key) => `'${key}'`).join(', ')
    throw new ValueError(
      `[${names}] appeared in multiple dictionaries; behavior of functional call is ambiguous`,
    )
  }
  for (const dict of dicts)
    for (const [key, value] of Object.entries(dict))
      if (!(value instanceof Tensor))
        throw new ArgumentError(`functionalCall: '${key}': ${describeValue(value)} is not a Tensor`)
  return isDict(given) ? given : Object.assign({}, ...dicts)
}

/** The given values under all names that a tensor of the module has. */
function untied(given: TensorDict, places: ReadonlyMap<string, Place>): Map<string, Tensor> {
  const names = new Map<Tensor, string[]>()
  for (const [key, place] of places) {
    const value = place.listed ? place.read() : null
    if (value !== null) names.set(value, [...(names.get(value) ?? []), key])
  }
  const values = new Map(Object.entries(given))
  for (const tied of names.values()) {
    const among = tied.filter((key) => Object.hasOwn(given, key))
    if (tied.length < 2 || among.length === 0) continue
    const value = given[among[0]]
    if (among.some((key) => given[key] !== value)) {
      const keys = [...tied].sort().map((key) => `'${key}'`)
      throw new ValueError(
        `functionalCall got multiple values for keys [${keys.join(', ')}], which are tied. Consider using tieWeights: false`,
      )
    }
    for (const key of tied) values.set(key, value)
  }
  return values
}

function checkKeys(
  module: Module,
  values: ReadonlyMap<string, Tensor>,
  places: ReadonlyMap<string, Place>,
): void {
  const has = (key: string): boolean => places.get(key)?.listed === true && places.get(key)?.read() !== null
  const quoted = (keys: readonly string[]): string => keys.map((key) => `'${key}'`).join(', ')
  const unexpected = [...values.keys()].filter((key) => !has(key))
  const missing = [...places.keys()].filter((key) => has(key) && !values.has(key))
  const messages = [
    ...(unexpected.length > 0 ? [`Unexpected key(s): ${quoted(unexpected)}.`] : []),
    ...(missing.length > 0 ? [`Missing key(s): ${quoted(missing)}.`] : []),
  ]
  if (messages.length > 0)
    throw new ValueError(`Error(s) in reparametrizing for ${nameOf(module)}:\n\t${messages.join('\n\t')}`)
}

/** A field that is no parameter or buffer, of a module that there is. */
function otherPlace(root: Module, path: string): Place {
  const parts = path.split('.')
  const field = parts.pop() ?? path
  return plainPlace(root.getSubmodule(parts.join('.')), field, false)
}
