import type { Module } from './module.ts'

/** A module's text: `Linear(in_features=3, out_features=4, bias=True)`, or its children on lines of their own. */
export function printModule(
  name: string,
  extra: string,
  children: readonly (readonly [string, Module])[],
): string {
  const own = extra === '' ? [] : extra.split('\n')
  const lines = [...own, ...children.map(([key, child]) => `(${key}): ${indent(String(child))}`)]
  if (lines.length === 0) return `${name}()`
  if (own.length === 1 && children.length === 0) return `${name}(${own[0]})`
  return `${name}(\n  ${lines.join('\n  ')}\n)`
}

/** A list's text: neighbours that print alike share a line, `(0-2): 3 x Linear(…)`. */
export function printList(name: string, children: readonly Module[]): string {
  if (children.length === 0) return `${name}()`
  const runs: { text: string; first: number; last: number }[] = []
  children.forEach((child, i) => {
    const text = String(child)
    const run = runs.at(-1)
    if (run?.text === text) run.last = i
    else runs.push({ text, first: i, last: i })
  })
  const lines = runs.map(({ text, first, last }) =>
    first === last
      ? `(${first}): ${indent(text)}`
      : `(${first}-${last}): ${last - first + 1} x ${indent(text)}`,
  )
  return `${name}(\n  ${lines.join('\n  ')}\n)`
}

const indent = (text: string): string => text.replaceAll('\n', '\n  ')
