import type { Module } from './module.ts'

/**
 * Whether the `forward` of `module` keeps no tensor: by default that of a layer of gradus, and any other if its class says so.
 *
 * Both are read from the class that has the `forward` itself, so that an override in a class of the user inherits neither.
 */
export function keepsNothing(module: Module): boolean {
  let owner: object | null = module
  while (owner !== null && !Object.hasOwn(owner, 'forward')) owner = Reflect.getPrototypeOf(owner)
  // a forward in a field of the instance is the user's
  if (owner === null || owner === module) return false
  const { constructor } = owner
  const own = (name: 'keepsNothing' | 'keeps' | 'layerName'): unknown =>
    Object.hasOwn(constructor, name) ? Reflect.get(constructor, name) : undefined
  return own('keepsNothing') === true || (own('layerName') !== undefined && own('keeps') === undefined)
}
