import { FileError } from '../file-error.ts'
import { deepest, isGlobal, PyDict } from './values.ts'

/**
 * Turns what a pickle gave into what JavaScript has: dictionaries into objects without a prototype, or maps where a key is not text. Shared
 * values stay shared.
 *
 * @param leaf - turns what is neither a container nor plain; undefined for what it does not know
 * @param bytes - length of the pickle: what it would be with every shared value written out may be some times longer
 * @throws FileError for values that contain themselves, are nested too deeply, or would be endless if walked
 */
export function toPlain(root: unknown, leaf: (value: object) => unknown, bytes: number): unknown {
  const { value, elements } = new Walk(leaf).visit(root, 0)
  if (elements > 1e6 + 100 * bytes) {
    throw new FileError(
      `values share each other so that a walk would meet ${elements.toExponential(1)} elements: too many for a file of this size`,
    )
  }
  return value
}

interface Visited {
  readonly value: unknown
  /** Elements below, counted as often as a walk would meet them. */
  readonly elements: number
  readonly height: number
}

class Walk {
  private readonly leaf: (value: object) => unknown
  private readonly done = new Map<object, Visited | null>()

  constructor(leaf: (value: object) => unknown) {
    this.leaf = leaf
  }

  visit(value: unknown, depth: number): Visited {
    if (typeof value !== 'object' || value === null) return { value, elements: 1, height: 0 }
    const known = this.done.get(value)
    if (known === null) throw new FileError('a list or dictionary of the file contains itself')
    if (depth + (known?.height ?? 0) > deepest)
      throw new FileError(`values are nested too deeply: more than ${deepest} levels`)
    if (known) return known
    this.done.set(value, null)
    const visited = this.convert(value, depth)
    this.done.set(value, visited)
    return visited
  }

  private convert(value: object, depth: number): Visited {
    if (value instanceof PyDict) return this.dict(value, depth)
    if (Array.isArray(value)) {
      const items = value.map((item) => this.visit(item, depth + 1))
      return gathered(
        items.map((item) => item.value),
        items,
      )
    }
    if (value instanceof Set) {
      const items = Array.from(value, (item) => this.visit(item, depth + 1))
      return gathered(new Set(items.map((item) => item.value)), items)
    }
    if (isGlobal(value)) {
      if (value.value === undefined) throw new FileError(`${value.name} is a class or function, not data`)
      return { value: value.value, elements: 1, height: 0 }
    }
    return { value: value instanceof Uint8Array ? value : this.leaf(value), elements: 1, height: 0 }
  }

  private dict(dict: PyDict, depth: number): Visited {
    const pairs = Array.from(
      dict,
      ([key, value]) => [this.visit(key, depth + 1), this.visit(value, depth + 1)] as const,
    )
    const textual = pairs.every(([key]) => typeof key.value === 'string')
    const entries = pairs.map(([key, value]) => [key.value, value.value] as const)
    return gathered(textual ? objectOf(entries) : new Map(entries), pairs.flat())
  }
}

function objectOf(entries: readonly (readonly [unknown, unknown])[]): object {
  // without a prototype no name means anything: __proto__ is a key like any other
  const object: Record<string, unknown> = Object.create(null)
  for (const [key, value] of entries) object[String(key)] = value
  return object
}

function gathered(value: unknown, parts: readonly Visited[]): Visited {
  let elements = 1
  let height = 0
  for (const part of parts) {
    elements += part.elements
    if (part.height >= height) height = part.height + 1
  }
  return { value, elements, height }
}
