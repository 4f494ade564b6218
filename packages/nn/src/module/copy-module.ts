import { noGrad } from '@gradus/autograd'
import { Tensor } from '@gradus/core/functions'
import { isUninitialized } from './is-uninitialized.ts'
import { buffersOf } from './members.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'
import { guard, held, isGuarded } from './slots.ts'

/**
 * A copy of a module and all below it, with parameters and buffers of its own: as Python's `deepcopy`, nothing is drawn.
 * Objects that the original refers to twice, the copy refers to twice. Arrays, plain objects, maps and sets are copied; other
 * objects are shared. Hooks are not copied, and neither are fields that start with `#`.
 *
 * @example
 * const layer = new g.nn.Linear(2, 3)
 * const copy = g.nn.copyModule(layer)
 * copy.weight === layer.weight // => false
 */
export function copyModule<M extends Module>(module: M): M {
  const copies = new Map<object, unknown>()
  return noGrad(() => copyOf(module, copies)) as M // a copy is of the same class
}

function copyOf(value: unknown, copies: Map<object, unknown>): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  let copy: unknown = value
  if (value instanceof Tensor && isUninitialized(value)) {
    const { dtype, requiresGrad, constructor } = value
    copy = Reflect.construct(constructor, [{ dtype, requiresGrad }])
  } else if (value instanceof Parameter) copy = new Parameter(value.detach().clone(), value.requiresGrad)
  else if (value instanceof Tensor) copy = value.detach().clone()
  else if (value instanceof Module) return copyFields(value, copies)
  else if (Array.isArray(value)) copy = value.map((x) => copyOf(x, copies))
  else if (value instanceof Map) copy = new Map([...value].map(([k, x]) => [k, copyOf(x, copies)]))
  else if (value instanceof Set) copy = new Set([...value].map((x) => copyOf(x, copies)))
  else if (Object.getPrototypeOf(value) === Object.prototype)
    copy = Object.fromEntries(Object.entries(value).map(([k, x]) => [k, copyOf(x, copies)]))
  copies.set(value, copy)
  return copy
}

function copyFields(module: Module, copies: Map<object, unknown>): Module {
  // Module's constructor alone runs, under the class of the original: no field is initialised, nothing is drawn
  const copy = Reflect.construct(Module, [], module.constructor) as Module // constructed by Module
  copies.set(module, copy)
  const buffers = buffersOf(module)
  for (const field of Object.keys(module)) {
    const slot = isGuarded(module, field) ? module[held][field] : null
    const value = copyOf(Reflect.get(module, field), copies)
    if (slot === null || slot.kind === 'computed') Reflect.set(copy, field, value)
    else guard(copy, field, { kind: slot.kind, value })
    const info = buffers.get(field)
    if (info) buffersOf(copy).set(field, info)
  }
  // computed fields are not enumerable: their values are those of other fields
  for (const [field, slot] of Object.entries(module[held])) {
    if (slot.kind === 'computed' && isGuarded(module, field)) guard(copy, field, slot)
  }
  return copy
}
