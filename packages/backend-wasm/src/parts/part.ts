import type { Backend, Binary, Binding, Program, Unary } from '@gradus/core/backend'
import { BackendError } from '@gradus/core/backend'
import type { Graph, Node } from '../codegen/graph.ts'
import type { LinearMemory } from '../heap/index.ts'
import type { Machine } from '../machine.ts'
import type { Copies } from '../routines/copies.ts'
import type { transpose, transposeHelps } from '../routines/transpose/index.ts'
import type { Pool } from '../threads/index.ts'

/** The routines of a backend that a program may do without. */
export type Routines = Pick<
  Backend,
  'matmul' | 'conv' | 'pool' | 'gather' | 'scatter' | 'scan' | 'sort' | 'random'
>

/** The parameters that routines are made with. */
export interface Workshop {
  readonly machine: Machine
  readonly copies: Copies
  run(program: Program, bindings: readonly Binding[]): void
}

/** Vector code of functions that take more than an instruction or two. */
export interface Functions {
  /** Of four singles. */
  readonly unary?: Readonly<Partial<Record<Unary, (graph: Graph, x: Node) => Node>>>
  readonly binary?: Readonly<Partial<Record<Binary, (graph: Graph, x: Node, y: Node) => Node>>>
  /** Φ(x) of four singles. */
  readonly normalDistribution?: (graph: Graph, x: Node) => Node
  /** Functions of doubles, which kernels take from JavaScript. */
  readonly ofDoubles?: (name: string) => (x: number, y: number) => number
}

/** How threads are started. */
export interface ThreadSource {
  canSpawn(): boolean
  hardwareThreads(): number
  pool(memory: LinearMemory, threads: number, url: string | undefined): Pool
}

/** Copies in tiles between operands that are contiguous along different axes. */
export interface Transposes {
  readonly transpose: typeof transpose
  readonly helps: typeof transposeHelps
}

/** A piece of the compiled backend: see `wasmBackendOf`. */
export interface Part {
  /** Its name among the exports of this entry. */
  readonly name: string
  readonly routines?: (shop: Workshop) => Partial<Routines>
  readonly functions?: Functions
  readonly threads?: ThreadSource
  readonly transposes?: Transposes
}

/** The error of a call that needs a part which the backend was made without. */
export const missing = (what: string, part: string): BackendError =>
  new BackendError(`this backend was made without ${what}`, {
    hint: `give wasmBackendOf the part ${part} of '@gradus/backend-wasm/parts'; wasmBackend() has every part`,
  })

/** The functions of all parts together. */
export function functionsOf(parts: readonly Part[]): Functions {
  const all = parts.map((part) => part.functions ?? {})
  return {
    ...Object.assign({}, ...all),
    unary: Object.assign({}, ...all.map((f) => f.unary)),
    binary: Object.assign({}, ...all.map((f) => f.binary)),
  }
}
