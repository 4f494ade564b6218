import { indexSelect, scatter, tensor, type DType, type Tensor } from '@gradus/core'
import { sameShape } from '@gradus/core/internal'

/*
 * The functional model of a program of views and writes: nothing in it shares memory. A root is one flat tensor that is
 * replaced by every write; a variable is a root and the positions of its elements. Writes that are not recorded, and
 * those through other roots of the same memory, change values and leave gradients alone.
 */

/** The model refuses what the tape must refuse. */
export class Refusal extends Error {}

export interface Root {
  /** Value of each position, with its gradient; its history is that of the last recorded write. */
  node: Tensor
  /** Counts recorded writes. */
  writes: number
  readonly leaf: boolean
  /** Made by `.data`: the tape notices no writes through it, and of values saved from it none. */
  readonly silent: boolean
  /** Numbers by place, which the roots of one memory share. */
  readonly memory: number[]
  /** Places of the positions. */
  readonly places: readonly number[]
}

export interface Variable {
  readonly root: Root
  /** Positions of the elements in row-major order. */
  readonly at: readonly number[]
  readonly shape: readonly number[]
  readonly creation: 'default' | 'several' | 'no-grad' | 'custom'
  /** The value with its gradient after the write of this number; null for the owner of the root. */
  node: Tensor | null
  writes: number
  /** Whether the gradient of its latest value is kept. */
  retains: boolean
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const index = (at: readonly number[]): Tensor => tensor(Int32Array.from(at))
const numbers = (x: Tensor): number[] => Array.from(x.detach().readSync(), Number)

/** A value whose numbers were changed behind the back of its history. */
function corrected(x: Tensor, now: readonly number[]): Tensor {
  const differences = numbers(x).map((v, i) => now[i] - v)
  if (differences.every((d) => d === 0)) return x
  return x.add(tensor(differences, { dtype: x.dtype }).view(x.shape))
}

/** A tensor with memory of its own. */
export function owner(value: Tensor, leaf = false): Variable {
  const n = value.numel()
  const root: Root = {
    node: leaf ? value : value.reshape([n]),
    writes: 0,
    leaf,
    silent: false,
    memory: numbers(value),
    places: range(n),
  }
  return {
    root,
    at: range(n),
    shape: value.shape,
    creation: 'default',
    node: null,
    writes: 0,
    retains: false,
  }
}

export const isOwner = (v: Variable): boolean => v.node === null && v.creation === 'default'
const isConstant = (v: Variable): boolean => v.creation === 'no-grad'
const dtypeOf = (v: Variable): DType => v.root.node.dtype
const valuesOf = (v: Variable): number[] => v.at.map((p) => v.root.memory[v.root.places[p]])
const whole = (root: Root): Tensor =>
  corrected(
    root.node,
    root.places.map((p) => root.memory[p]),
  )

function pick(v: Variable): Tensor {
  const flat = v.root.leaf ? whole(v.root).reshape([v.root.places.length]) : whole(v.root)
  return indexSelect(flat, 0, index(v.at)).reshape(v.shape)
}

/** Brings a view up to the last recorded write to its base. */
function renew(v: Variable): void {
  if (v.node === null || v.writes === v.root.writes) return
  if (v.creation === 'no-grad' || v.creation === 'custom') throw new Refusal(`stale ${v.creation}`)
  v.node = pick(v)
  v.writes = v.root.writes
}

export const tracked = (v: Variable): boolean =>
  v.node === null || v.writes !== v.root.writes ? v.root.node.requiresGrad : v.node.requiresGrad

/** The value of a variable, as operations read it; without its gradient where nothing is recorded. */
export function read(v: Variable, recording = true): Tensor {
  if (!recording) return tensor(valuesOf(v), { dtype: dtypeOf(v) }).reshape(v.shape)
  renew(v)
  return v.node === null ? pick(v) : corrected(v.node, valuesOf(v))
}

/** A view of the elements that `choose` picks from their row-major numbers. */
export function view(
  v: Variable,
  shape: readonly number[],
  at: readonly number[],
  creation: 'default' | 'several' | 'no-grad' = 'default',
): Variable {
  if (creation !== 'no-grad') renew(v)
  const positions = at.map((i) => v.at[i])
  const untracked = v.creation === 'no-grad' || v.creation === 'custom'
  const fresh = creation === 'no-grad' && !v.root.node.requiresGrad ? 'default' : creation
  const made = untracked || fresh === 'default' ? v.creation : fresh
  const off = isConstant(v) || fresh === 'no-grad'
  const from = off ? read(v, false) : read(v)
  const node = indexSelect(from.reshape([v.at.length]), 0, index(at)).reshape(shape)
  return { root: v.root, at: positions, shape, creation: made, node, writes: v.root.writes, retains: false }
}

/** The result of a function that returns its argument, with a history of its own. */
export function returned(v: Variable, node: Tensor): Variable {
  return {
    root: v.root,
    at: v.at,
    shape: v.shape,
    creation: 'custom',
    node,
    writes: v.root.writes,
    retains: false,
  }
}

/** Another root of the same memory, without history. */
export function detached(v: Variable, silent: boolean): Variable {
  const root: Root = {
    node: tensor(valuesOf(v), { dtype: dtypeOf(v) }),
    writes: 0,
    leaf: false,
    silent: silent || v.root.silent,
    memory: v.root.memory,
    places: v.at.map((p) => v.root.places[p]),
  }
  return {
    root,
    at: range(v.at.length),
    shape: v.shape,
    creation: 'default',
    node: null,
    writes: 0,
    retains: false,
  }
}

/** @throws Refusal where the tape cannot follow a write that it has to record */
function checkWrite(v: Variable): void {
  if (v.creation !== 'default') throw new Refusal(v.creation)
  if (v.root.leaf) throw new Refusal('leaf')
  if (new Set(v.root.places).size < v.root.places.length) throw new Refusal('shared memory')
}

/** Writes a value; `flows` says whether an operand is tracked. */
export function write(v: Variable, recording: boolean, flows: boolean, value: () => Tensor): void {
  const { root } = v
  if (new Set(v.at).size < v.at.length) throw new Refusal('overlap')
  if (new Set(v.at.map((p) => root.places[p])).size < v.at.length) throw new Refusal('overlap')
  const recorded = recording && (flows || root.node.requiresGrad)
  if (recorded) checkWrite(v)
  const given = value().to(root.node.dtype)
  const written = (sameShape(given.shape, v.shape) ? given : given.expand(v.shape)).reshape([v.at.length])
  const values = numbers(written)
  if (recorded) {
    const node = scatter(whole(root), 0, index(v.at), written)
    root.memory.forEach((_, place) => {
      const p = root.places.indexOf(place)
      if (p >= 0) root.memory[place] = numbers(node)[p]!
    })
    root.node = node
    root.writes++
    renew(v)
  } else v.at.forEach((p, i) => (root.memory[root.places[p]] = values[i]!))
}

/** The value whose gradient a variable retains: a view's is renewed when it is read or written. */
export const latest = (v: Variable): Tensor => v.node ?? v.root.node

/** The value whose gradient a hook on this variable sees now. */
export function probe(v: Variable): Tensor {
  renew(v)
  return latest(v)
}
