import type { Backend, Block } from '../backend/types.ts'
import { TensorError } from '../base/errors.ts'
import { synchronous } from '../base/synchronous.ts'

/** Counts in-place writes. Shared by a tensor and its views and by `detach()`, not by `.data`. */
export interface VersionCounter {
  value: number
}

/**
 * The memory behind one or more tensors.
 *
 * A storage has *escaped* once a handle on it may be in the user's hands. gradus itself frees only storages that have not
 * escaped: the scope it was made in does, or the tape when the last operation that saved it has used it. The garbage
 * collector frees the others.
 */
export class Storage {
  /** Makes `structuredClone` and `postMessage` fail with this advice: a copy would mean nothing elsewhere. */
  readonly notCloneable = advice
  readonly backend: Backend
  readonly bytes: number
  escaped: boolean
  /** The number of owners besides handles: saved values of the tape, gradients, arguments of {@link keep}. */
  holds = 0
  /** Whether an open {@link scope} will free it. */
  scoped: boolean
  /** Set while the scope that returns it closes. */
  returned = false
  private memory: Block | null

  constructor(backend: Backend, bytes: number) {
    this.backend = backend
    this.bytes = bytes
    this.memory = backend.alloc(bytes)
    this.scoped = open !== null
    this.escaped = open === null
    if (open !== null) open.push(this)
    if (tidying !== null) tidying.push(this)
  }

  /** @throws TensorError once freed */
  get block(): Block {
    if (this.memory === null) {
      throw new TensorError('this tensor was freed', {
        hint: 'tidy() frees what its function made and did not return; return the tensor, or read it inside',
      })
    }
    return this.memory
  }

  get freed(): boolean {
    return this.memory === null
  }

  free(): void {
    if (this.memory === null) return
    this.backend.free(this.memory)
    this.memory = null
  }

  /** The tape keeps a value of this storage for backward. */
  hold(): void {
    this.holds++
  }

  /** The tape has used it; frees the storage when nobody else can reach it. */
  release(): void {
    this.holds--
    if (this.holds === 0 && !this.escaped && !this.scoped) this.free()
  }
}

// the engines print a symbol in the error that refuses it
const advice = /* @__PURE__ */ Symbol('a tensor; send x.toJSON() and read it with fromJSON()')

/** The part of a tensor that {@link scope} reads. */
interface Owner {
  readonly storage: Storage
}

/** Storages made since the innermost scope began; null outside of scopes, where results are the user's at once. */
let open: Storage[] | null = null

/** Instances of a class that has this in its prototype are searched for tensors as plain objects are. */
export const carriesTensors: unique symbol = /* @__PURE__ */ Symbol('carriesTensors')

const isOwner = (value: unknown): value is Owner =>
  typeof value === 'object' && value !== null && 'storage' in value && value.storage instanceof Storage

function eachStorage(value: unknown, visit: (storage: Storage) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (isOwner(value)) visit(value.storage)
  else if (Array.isArray(value)) for (const item of value) eachStorage(item, visit)
  else if (Object.getPrototypeOf(value) === Object.prototype || carriesTensors in value) {
    for (const item of Object.values(value)) eachStorage(item, visit)
  }
}

/** Marks tensors as reachable by user code: hooks, custom functions, modules of the user. */
export function escape<T>(value: T): T {
  eachStorage(value, (storage) => {
    storage.escaped = true
  })
  return value
}

/**
 * Runs `fn` and frees the tensors it made, except its result (tensors, arrays and plain objects of them), values that the
 * tape saved, and tensors that have escaped. Ops, layers and optimizers run their inner work in it.
 */
export function scope<T>(fn: () => T): T {
  const outer = open
  const mine: Storage[] = []
  open = mine
  let result: T
  try {
    result = fn()
  } catch (error) {
    open = outer
    close(mine, null, outer)
    throw error
  }
  open = outer
  if (mine.length > 0) close(mine, result, outer)
  return result
}

function close(mine: Storage[], result: unknown, outer: Storage[] | null): void {
  // a mark tells returned tensors apart, so that nothing is allocated to find them
  mark(result, true)
  for (const storage of mine) {
    if (storage.returned) {
      if (outer === null) {
        storage.scoped = false
        storage.escaped = true
      } else outer.push(storage)
    } else {
      storage.scoped = false
      if (!storage.escaped && storage.holds === 0) storage.free()
    }
  }
  mark(result, false)
}

/** Storages made since the innermost {@link tidy} began. */
let tidying: Storage[] | null = null

/**
 * Runs `fn` and frees every tensor it made, except its result (tensors, arrays and plain objects of them), parameters,
 * buffers, gradients, optimizer state, and values that the tape still needs. Using a freed tensor is an error.
 *
 * No program needs it: memory is bounded without. It frees at once, so that a loop runs in less memory.
 *
 * @throws TypeError if `fn` returns a promise
 * @example
 * const y = g.tidy(() => g.ones(2).add(1).mul(3))
 * y.tolist() // => [6, 6]
 */
export function tidy<T>(fn: () => T): T {
  const outer = tidying
  const mine: Storage[] = []
  tidying = mine
  let result: T | undefined
  try {
    result = synchronous(fn, 'tidy')
    return result
  } finally {
    tidying = outer
    mark(result, true)
    for (const storage of mine) {
      if (!storage.returned && storage.holds === 0) storage.free()
      else if (!storage.freed) outer?.push(storage)
    }
    mark(result, false)
  }
}

/** Exempts tensors from {@link tidy}: the tensors of a model, an optimizer or a cache. Returns its argument. */
export function keep<T>(value: T): T {
  eachStorage(value, (storage) => storage.hold())
  return value
}

const mark = (value: unknown, returned: boolean): void =>
  eachStorage(value, (storage) => {
    storage.returned = returned
  })

/**
 * Runs `fn` as user code called from inside a scope: the scope does not free its tensors.
 *
 * @param seen - what it is given: marked by {@link escape}
 */
export function outsideScope<T>(fn: () => T, seen?: unknown): T {
  if (open === null) return fn()
  escape(seen)
  const outer = open
  open = null
  try {
    return fn()
  } finally {
    open = outer
  }
}
