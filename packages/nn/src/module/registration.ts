import { keep, type Tensor, ValueError } from '@gradus/core/functions'
import { defineOptions, flag } from '@gradus/core/internal'
import type { Module } from './module.ts'
import type { Parameter } from './parameter.ts'
import { guard, held, isGuarded } from './slots.ts'

/** Options of {@link Tree.registerBuffer}. */
export interface BufferOptions {
  /** Whether state dicts have it; true by default. */
  persistent?: boolean
}

export const bufferOptions = /* @__PURE__ */ defineOptions<BufferOptions>({ persistent: flag })

/** Makes a value a guarded field of a module. */
export function register(
  module: Module,
  name: string,
  kind: 'parameter' | 'buffer' | 'module',
  value: Parameter | Tensor | Module | null,
): void {
  if (typeof name !== 'string') throw new ValueError(`${kind} name should be a string. Got ${typeof name}`)
  if (name.includes('.')) throw new ValueError(`${kind} name can't contain ".", got: ${name}`)
  if (name === '') throw new ValueError(`${kind} name can't be empty string ""`)
  const again = isGuarded(module, name) && module[held][name].kind === kind
  // a field that was declared and not given a value is undefined
  if (!again && Reflect.get(module, name) !== undefined)
    throw new ValueError(`attribute '${name}' already exists`)
  if (kind === 'buffer') keep(value)
  guard(module, name, { kind, value })
}
