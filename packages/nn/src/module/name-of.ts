import type { Module } from './module.ts'

/** The name of a module's class: as data where it is a layer of gradus, because minifiers rename classes. */
export function nameOf(module: Module): string {
  const { constructor } = module
  const named: unknown = Object.hasOwn(constructor, 'layerName')
    ? Reflect.get(constructor, 'layerName')
    : null
  return typeof named === 'string' ? named : constructor.name
}
