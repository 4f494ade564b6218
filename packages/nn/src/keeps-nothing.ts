import type { Module } from './module.ts'

/** Whether the class that `module` has its `forward` from declares {@link Module.keepsNothing}. */
export function keepsNothing(module: Module): boolean {
  let owner: object | null = module
  while (owner !== null && !Object.hasOwn(owner, 'forward')) owner = Reflect.getPrototypeOf(owner)
  // a forward in a field of the instance is the user's
  if (owner === null || owner === module) return false
  const { constructor } = owner
  return Object.hasOwn(constructor, 'keepsNothing') && Reflect.get(constructor, 'keepsNothing') === true
}
