import { Tensor } from '@gradus/core'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/** A parameter, buffer or child of one module, under the key it has in PyTorch. */
export type Member =
  | { readonly kind: 'parameter'; readonly key: string; readonly value: Parameter }
  | { readonly kind: 'buffer'; readonly key: string; readonly value: Tensor }
  | { readonly kind: 'child'; readonly key: string; readonly value: Module }

/**
 * What a module consists of, read from its own fields in the order they were made: parameters, registered buffers,
 * modules, and arrays of parameters and modules (also nested), whose keys are `field.0`, `field.1`, …
 */
export function* membersOf(module: Module, buffers: ReadonlyMap<string, unknown>): Generator<Member> {
  // the class of a module is Module or one that extends it
  const { stateKeys } = module.constructor as typeof Module
  for (const field of Object.keys(module)) {
    const value: unknown = Reflect.get(module, field)
    if (typeof value !== 'object' && typeof value !== 'function') continue
    yield* membersIn(stateKeys[field] ?? field, value, buffers.has(field))
  }
}

function* membersIn(key: string, value: unknown, isBuffer: boolean): Generator<Member> {
  if (isBuffer) {
    if (value instanceof Tensor) yield { kind: 'buffer', key, value }
  } else if (value instanceof Parameter) yield { kind: 'parameter', key, value }
  else if (value instanceof Module) yield { kind: 'child', key, value }
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield* membersIn(`${key}.${i}`, value[i], false)
  }
}
