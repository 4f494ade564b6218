import { ValueError } from '@gradus/core/functions'
import { defineOptions, flag } from '@gradus/core/internal'
import type { Module } from './module.ts'
import { nameOf } from './name-of.ts'

/** Options of {@link Module.setSubmodule}. */
export interface SetSubmoduleOptions {
  /** Refuses a path where there is no module yet; false by default. */
  strict?: boolean
}

export const setSubmoduleOptions = /* @__PURE__ */ defineOptions<SetSubmoduleOptions>({ strict: flag })

/** Puts a module at a path below another. */
export function setModule(root: Module, path: string, module: Module, strict: boolean): void {
  if (path === '') throw new ValueError('Cannot set the submodule without a target name!')
  const isThere = root.namedModules({ removeDuplicate: false }).some(([name]) => name === path)
  const parts = path.split('.')
  // the longest path to a module; what is left is a field, and places of arrays in it
  let owner: Module = root
  let rest = parts
  for (const [name, found] of root.namedModules({ removeDuplicate: false })) {
    const depth = name === '' ? 0 : name.split('.').length
    if (
      depth < parts.length &&
      (name === '' || path.startsWith(`${name}.`)) &&
      parts.length - depth < rest.length
    ) {
      owner = found
      rest = parts.slice(depth)
    }
  }
  const last = rest[rest.length - 1]
  if (strict && !isThere) throw new ValueError(`${nameOf(owner)} has no attribute \`${last}\``)
  let place: unknown = owner
  for (const part of rest.slice(0, -1))
    place =
      typeof place === 'object' || typeof place === 'function' ? Reflect.get(place ?? {}, part) : undefined
  if (place === owner) {
    if (isThere) Reflect.set(owner, last, module)
    else owner.registerModule(last, module)
  } else if (Array.isArray(place)) place[Number(last)] = module
  else throw new ValueError(`\`${parts.slice(0, -1).join('.')}\` is not an nn.Module`)
}
