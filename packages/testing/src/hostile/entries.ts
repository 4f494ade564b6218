import * as onnx from '@gradus/onnx'
import * as gradus from 'gradus'
import type { Api } from './api.ts'

/** A public function, constructor or method. */
export interface Entry {
  /** `add`, `nn.Linear`, `Tensor.view`, `optim.Optimizer.step`: the namespaces are those of the package gradus. */
  readonly name: string
  /** As its report has it: `add`, `new Linear`, `Tensor.view`. */
  readonly declared: string
  /** Calls it; the first argument of a method is what it is called on. */
  call(args: readonly unknown[]): unknown
  /** The other names of the same function. */
  readonly aliases: readonly string[]
  /** Whether the first argument is what a method is called on. */
  readonly method: boolean
}

type AnyFunction = (...args: readonly unknown[]) => unknown
type Class = (new (...args: readonly unknown[]) => object) & { readonly prototype: object }

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

/** Whether a value is a namespace; bundlers make an object of getters of it. */
const isSpace = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Object.prototype.toString.call(value) === '[object Module]' ||
    Object.values(Object.getOwnPropertyDescriptors(value)).some(({ get }) => get !== undefined))

/** Every public function, constructor and method, once: what two namespaces export counts for the first. */
export function readEntries(api: Api): Entry[] {
  const seen = new Map<unknown, string[]>()
  const found: Entry[] = []
  const walk = (space: object, prefix: string): void => {
    // what stands in no namespace first
    const members = Object.entries(space).sort(([, a], [, b]) => Number(isSpace(a)) - Number(isSpace(b)))
    for (const [key, value] of members) {
      const name = prefix + key
      const known = seen.get(value)
      if (known !== undefined) {
        known.push(name)
        continue
      }
      const aliases: string[] = []
      if (isClass(value)) {
        seen.set(value, aliases)
        found.push({
          name,
          declared: `new ${declaredName(api, name, 'new ')}`,
          aliases,
          method: false,
          call: (args): unknown => Reflect.construct(value, args),
        })
        found.push(...methodsOf(api, name, key, value))
      } else if (typeof value === 'function') {
        seen.set(value, aliases)
        const fn = value as AnyFunction // of the exports, and no class
        found.push({
          name,
          declared: declaredName(api, name, ''),
          aliases,
          method: false,
          call: (args) => fn(...args),
        })
      } else if (isSpace(value)) {
        walk(value, `${name}.`)
      }
    }
  }
  walk(gradus, '')
  walk(onnx, 'onnx.')
  return found
}

/** The name under which a report declares it: without the namespaces that only gradus has. */
function declaredName(api: Api, name: string, kind: string): string {
  const parts = name.split('.')
  for (let from = 0; from < parts.length; from++) {
    const candidate = parts.slice(from).join('.')
    if (api.calls.has(kind + candidate)) return candidate
  }
  return parts.at(-1)!
}

// what `Object` makes of a value is an object
const objectOf = (value: unknown): object => Object(value) as object
// a prototype is an object or null
const protoOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null
// a call of what is no function throws, which is what is tried here
const functionOf = (value: unknown): AnyFunction => value as AnyFunction

/** The methods and setters of a class that its report declares. */
function methodsOf(api: Api, name: string, key: string, value: Class): Entry[] {
  const found: Entry[] = []
  const names = new Set<string>()
  let proto: object | null = value.prototype
  // what a class inherits is its own where its report says so: the methods of a tensor, the members of a module
  const inherits = key === 'Tensor' || key === 'Module'
  while (proto !== null && proto !== Object.prototype) {
    const own = inherits || proto === value.prototype
    for (const [member, property] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (member === 'constructor' || names.has(member)) continue
      const declared = [`${name}.${member}`, `${key}.${member}`, `lrScheduler.${key}.${member}`].find((n) =>
        api.calls.has(n),
      )
      const isCall = member === 'forward' && value.prototype instanceof gradus.nn.Module
      const settable = property.set !== undefined && api.members.get(key)?.has(member) === true
      if (!(own && (declared !== undefined || settable)) && !isCall) continue
      // without parameters there is nothing to replace
      if (declared !== undefined && api.calls.get(declared)?.every((list) => list.length === 0) === true)
        continue
      names.add(member)
      found.push({
        name: settable ? `${name}.${member}=` : `${name}.${member}`,
        declared: declared ?? `${key}.${member}`,
        aliases: [],
        method: true,
        call: ([receiver, ...rest]) =>
          settable
            ? Reflect.set(objectOf(receiver), member, rest[0])
            : Reflect.apply(functionOf(Reflect.get(objectOf(receiver), member)), receiver, rest),
      })
    }
    proto = protoOf(proto)
  }
  for (const [member, { value: fn }] of Object.entries(Object.getOwnPropertyDescriptors(value)))
    if (typeof fn === 'function' && api.calls.has(`static ${key}.${member}`))
      found.push({
        name: `${name}.${member}`,
        declared: `static ${key}.${member}`,
        aliases: [],
        method: true,
        call: ([receiver, ...rest]) => Reflect.apply(functionOf(fn), receiver, rest),
      })
  return found
}
