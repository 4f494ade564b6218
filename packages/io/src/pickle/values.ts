/** How deep values may lie in each other, read and written: a walk over them must not exhaust the stack. */
export const deepest = 1000

/** A dictionary while it is being read: keys may be anything. */
export class PyDict extends Map<unknown, unknown> {
  /** Whether attributes may be set on it, as PyTorch does on the OrderedDict of a state dict. */
  readonly ordered: boolean

  constructor(ordered = false) {
    super()
    this.ordered = ordered
  }
}

/** A class or function that a pickle names and that is allowed: what it is called with becomes data. */
export interface Global {
  /** As an error names it, `collections.OrderedDict`. */
  readonly name: string
  /** What a call gives. */
  readonly call?: (args: readonly unknown[], machine: { spend(bytes: number): void }) => unknown
  /** What it stands for where it is no call: a dtype, a class of storages. */
  readonly value?: unknown
}

export const isGlobal = (value: unknown): value is Global =>
  typeof value === 'object' && value !== null && globals.has(value)

const globals = new WeakSet<object>()

/** Marks what pickles may name. */
export function defineGlobal(global: Global): Global {
  globals.add(global)
  return global
}

/** What gives a pickle the classes that it may name, and what its persistent ids stand for. */
export interface PickleRules {
  /** @returns null for what is not allowed */
  find(module: string, name: string): Global | null
  /** Why a global is not allowed, if there is more to say. */
  refuse(module: string, name: string): string
  persistent(id: unknown): unknown
}
