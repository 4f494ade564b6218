import { ValueError } from '@gradus/core'
import { Module } from '../../module/module.ts'

export const noForward = (name: string): never => {
  throw new ValueError(`Module [${name}] is missing the required "forward" function`, {
    hint: 'call the modules in it',
  })
}

/** A position counted from the front. */
export function position(index: number, length: number): number {
  const at = index < 0 ? index + length : index
  if (!Number.isInteger(at) || at < 0 || at >= length) throw new ValueError(`index ${index} is out of range`)
  return at
}

/** Children by position, one that is there twice included. */
export const childEntries = (module: Module): [string, Module][] =>
  Object.entries(module).filter((entry): entry is [string, Module] => entry[1] instanceof Module)

export const isEntries = <M>(x: object): x is Iterable<readonly [string, M]> => Symbol.iterator in x
