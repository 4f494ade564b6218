import { takeArgument, text } from '@gradus/core/internal'
import { ValueError } from '@gradus/core/functions'
import type { Module } from './module.ts'
import { nameOf } from './name-of.ts'

/** The entry at `path` among `named`. `what` is its kind in PyTorch's words. */
export function lookUp<T>(
  root: Module,
  named: readonly (readonly [string, T])[],
  path: string,
  what: 'an nn.Module' | 'an nn.Parameter' | 'a buffer',
): T {
  takeArgument('a module', 'path', text, path)
  const found = named.find(([name]) => name === path)
  if (found) return found[1]
  const parts = path.split('.')
  const last = parts.pop() ?? path
  const modules = new Map(root.namedModules({ removeDuplicate: false }))
  const parent = modules.get(parts.join('.')) ?? root
  throw new ValueError(
    last in parent ? `\`${last}\` is not ${what}` : `${nameOf(parent)} has no attribute \`${last}\``,
  )
}
