import { keep, Tensor, ArgumentError } from '@gradus/core/functions'
import { describeValue } from '@gradus/core/internal'
import { Callable } from './callable.ts'
import type { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/** Where a module keeps the values of its guarded fields, by name. */
export const held: unique symbol = /* @__PURE__ */ Symbol('held')

/** A field that a module knows: its value, or how it is computed. */
export type Slot =
  | { readonly kind: 'parameter' | 'buffer' | 'module'; readonly value: unknown }
  | {
      readonly kind: 'computed'
      readonly read: (module: Module) => unknown
      readonly write: (module: Module, value: unknown) => void
    }

/** What {@link Slot}s of a kind hold, as errors say it. */
const expected = {
  parameter: { as: 'parameter', takes: 'nn.Parameter' },
  buffer: { as: 'buffer', takes: 'Tensor' },
  module: { as: 'child module', takes: 'nn.Module' },
} as const

// one descriptor per name, so that modules of a class have one hidden class
const accessors = /* @__PURE__ */ new Map<string, PropertyDescriptor>()

function accessorOf(name: string): PropertyDescriptor {
  let accessor = accessors.get(name)
  if (!accessor) {
    accessor = {
      configurable: true,
      enumerable: true,
      get(this: Module): unknown {
        const slot = this[held][name]
        return slot.kind === 'computed' ? slot.read(this) : slot.value
      },
      set(this: Module, value: unknown): void {
        assign(this, name, value)
      },
    }
    accessors.set(name, accessor)
  }
  return accessor
}

/** The kind of slot that holds a value; null for a value that none does. */
const kindOf = (value: unknown): 'parameter' | 'buffer' | 'module' | null =>
  value instanceof Parameter
    ? 'parameter'
    : value instanceof Tensor
      ? 'buffer'
      : // Module alone extends Callable
        value instanceof Callable
        ? 'module'
        : null

/**
 * Makes a field one that refuses values of another kind, as PyTorch's modules do: a tensor in place of a parameter would be
 * lost to `parameters()` and to the state dict.
 */
export function guard(module: Module, name: string, slot: Slot): void {
  module[held][name] = slot
  const accessor = accessorOf(name)
  Object.defineProperty(
    module,
    name,
    slot.kind === 'computed' ? { ...accessor, enumerable: false } : accessor,
  )
}

/** Whether a field is guarded. */
export const isGuarded = (module: Module, name: string): boolean =>
  Object.hasOwn(module[held], name) &&
  Object.getOwnPropertyDescriptor(module, name)?.get === accessorOf(name).get

function assign(module: Module, name: string, value: unknown): void {
  const slot = module[held][name]
  if (slot.kind === 'computed') {
    slot.write(module, value)
    return
  }
  const kind = kindOf(value)
  const isNone = value === null || value === undefined
  // as in PyTorch a parameter or a module takes the place of anything; a list of modules is registered as they are
  if (isNone || kind === slot.kind || kind === 'parameter' || kind === 'module') {
    if (kind === 'buffer') keep(value as Tensor) // `kindOf` calls only tensors buffers
    module[held][name] = { kind: isNone ? slot.kind : (kind ?? slot.kind), value }
  } else if (Array.isArray(value) && slot.kind === 'module') {
    Reflect.deleteProperty(module[held], name)
    Object.defineProperty(module, name, { value, configurable: true, enumerable: true, writable: true })
  } else throw refusal(slot.kind, name, value)
}

function refusal(kind: keyof typeof expected, name: string, value: unknown): ArgumentError {
  const { as, takes } = expected[kind]
  const hint =
    kind === 'parameter' && value instanceof Tensor
      ? `new nn.Parameter(x) makes a parameter; noGrad(() => p.copy_(x)) gives the one there is other values`
      : `${as} '${name}' was registered; delete the field first to make it something else`
  return new ArgumentError(
    `cannot assign ${describeValue(value)} as ${as} '${name}' (${takes} or null expected)`,
    { hint },
  )
}
