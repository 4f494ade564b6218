import { Tensor } from '@gradus/core/functions'
import { defineOptions, flag, text } from '@gradus/core/internal'
import { Callable } from './callable.ts'
import type { Module } from './module.ts'
import { Parameter } from './parameter.ts'
import { guard, isGuarded } from './slots.ts'

/** A parameter, buffer or child of one module, under the key it has in PyTorch. */
export type Member =
  | { readonly kind: 'parameter'; readonly key: string; readonly value: Parameter }
  | { readonly kind: 'buffer'; readonly key: string; readonly value: Tensor; readonly persistent: boolean }
  | { readonly kind: 'child'; readonly key: string; readonly value: Module }

interface BufferInfo {
  readonly persistent: boolean
}

const registered = new WeakMap<Module, Map<string, BufferInfo>>()

/** The fields of a module that are buffers. */
export function buffersOf(module: Module): Map<string, BufferInfo> {
  let buffers = registered.get(module)
  if (!buffers) registered.set(module, (buffers = new Map()))
  return buffers
}

/**
 * What a module consists of, read from its own fields in the order they were made: parameters, registered buffers,
 * modules, and arrays of parameters and modules (also nested), whose keys are `field.0`, `field.1`, …
 */
export function* membersOf(module: Module): Generator<Member> {
  // the class of a module is Module or one that extends it
  const { stateKeys } = module.constructor as typeof Module
  const buffers = buffersOf(module)
  for (const field of Object.keys(module)) {
    const value: unknown = Reflect.get(module, field)
    if (typeof value !== 'object' && typeof value !== 'function') continue
    const key = stateKeys[field] ?? field
    const buffer = buffers.get(field)
    adopt(module, field, value, buffer !== undefined)
    if (buffer && value instanceof Tensor) yield { kind: 'buffer', key, value, ...buffer }
    else if (!buffer) yield* membersIn(key, value)
  }
}

/** Guards a field that holds a parameter, child or registered buffer and was made by an assignment. */
function adopt(module: Module, field: string, value: unknown, isBuffer: boolean): void {
  const kind =
    value instanceof Parameter
      ? 'parameter'
      : isBuffer && value instanceof Tensor
        ? 'buffer'
        : isModule(value)
          ? 'module'
          : null
  if (kind !== null && !isGuarded(module, field)) guard(module, field, { kind, value })
}

// Module alone extends Callable
const isModule = (value: unknown): value is Module => value instanceof Callable

function* membersIn(key: string, value: unknown): Generator<Member> {
  if (value instanceof Parameter) yield { kind: 'parameter', key, value }
  else if (isModule(value)) yield { kind: 'child', key, value }
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield* membersIn(`${key}.${i}`, value[i])
  }
}

/** How members are listed. */
export interface NamedOptions {
  /** Put before every name, with a dot; none by default. */
  prefix?: string
  /** Whether those of children are listed too; true by default. */
  recurse?: boolean
  /** Whether what is reachable under several names is listed once; true by default. */
  removeDuplicate?: boolean
}

export const recurseOptions = /* @__PURE__ */ defineOptions<Pick<NamedOptions, 'recurse'>>({ recurse: flag })
export const modulesOptions = /* @__PURE__ */ defineOptions<Omit<NamedOptions, 'recurse'>>({
  prefix: text,
  removeDuplicate: flag,
})
export const namedOptions = /* @__PURE__ */ defineOptions<NamedOptions>({
  prefix: text,
  recurse: flag,
  removeDuplicate: flag,
})

/** A key below a path. */
export const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

/** The modules directly below one, with their keys. */
export function childrenOf(module: Module): [string, Module][] {
  const children: [string, Module][] = []
  for (const member of membersOf(module))
    if (member.kind === 'child') children.push([member.key, member.value])
  return children
}

/** A module and all below it with their paths, parents first. */
export function modulesBelow(
  root: Module,
  { prefix = '', removeDuplicate = true }: Omit<NamedOptions, 'recurse'> = {},
): [string, Module][] {
  const found: [string, Module][] = []
  const seen = new Set<Module>()
  const visit = (path: string, module: Module): void => {
    if (removeDuplicate && seen.has(module)) return
    seen.add(module)
    found.push([path, module])
    for (const [key, child] of childrenOf(module)) visit(join(path, key), child)
  }
  visit(prefix, root)
  return found
}

/** Members of a module and of those below it, as far as `pick` gives something for them. */
export function collect<T>(
  root: Module,
  { prefix = '', recurse = true, removeDuplicate = true }: NamedOptions,
  pick: (member: Member) => T | null,
): [string, T][] {
  const found: [string, T][] = []
  const seen = new Set<T>()
  const modules = recurse ? modulesBelow(root, { prefix, removeDuplicate }) : ([[prefix, root]] as const)
  for (const [path, module] of modules) {
    for (const member of membersOf(module)) {
      const value = pick(member)
      if (value === null || (removeDuplicate && seen.has(value))) continue
      seen.add(value)
      found.push([join(path, member.key), value])
    }
  }
  return found
}
