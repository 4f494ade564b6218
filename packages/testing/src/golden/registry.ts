import * as core from '@gradus/core'
import { adapters, type Call } from './adapters.ts'
import { asGiven, bind, camelCase, parseSignature } from './signature.ts'
import { signatures } from './signatures.ts'
import { plainArgument } from './values.ts'

type AnyFunction = (...args: readonly unknown[]) => unknown

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A function of gradus by its place, `sum` or `masked.sum`, or a method of its tensors called with the tensor first. */
export function find(place: string): AnyFunction | null {
  const found = place.split('.').reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), core)
  if (typeof found === 'function') return found as AnyFunction // what it takes is checked by running it
  const method: unknown = Reflect.get(core.Tensor.prototype, place)
  if (typeof method !== 'function') return null
  return (x, ...rest) => Reflect.apply(method, x, rest)
}

/** Modules of PyTorch whose functions gradus has without their module's name. */
const flat = /^(nn\.functional\.)?\w+$/
/** Modules that gradus has under their own names. */
const placed = /^(fft|linalg|masked|signal\.windows|special)\.\w+$/

/** Starts the generator as the samples of random operators were drawn. */
export function seed(): void {
  find('manualSeed')?.(42)
}

/** How gradus computes an operator of PyTorch, or null where it has it not. */
export function resolveOp({ name, op }: { name: string; op: string }): Call | null {
  const adapter = adapters[name] ?? adapters[op]
  if (adapter) {
    const functions: Record<string, AnyFunction> = {}
    for (const wanted of adapter.uses) {
      const found = find(wanted)
      if (!found) return null
      functions[wanted] = found
    }
    return (args, kwargs) =>
      adapter.call(functions, adapter.tuples === true ? args : args.map(plainArgument), kwargs)
  }
  if (!flat.test(op) && !placed.test(op)) return null
  const signature = signatureOf(name, op)
  const fn = find(signature?.name ?? shortName(op))
  if (!fn) return null
  return (args, kwargs) => {
    const list = args.map(plainArgument)
    const options = Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [k, plainArgument(v)]))
    return fn(...(signature ? bind(signature, list, options) : asGiven(list, options)))
  }
}

function signatureOf(name: string, op: string): ReturnType<typeof parseSignature> | null {
  const text = signatures[name] ?? signatures[op]
  return text === undefined ? null : parseSignature(text.startsWith('(') ? shortName(op) + text : text)
}

/** The functions of gradus that compute an operator of PyTorch. */
export function functionsOf({ name, op }: { name: string; op: string }): readonly string[] {
  const adapter = adapters[name] ?? adapters[op]
  return adapter ? adapter.uses : [signatureOf(name, op)?.name ?? shortName(op)]
}

const shortName = (op: string): string =>
  placed.test(op) ? op.split('.').map(camelCase).join('.') : camelCase(op.split('.').at(-1)!)
