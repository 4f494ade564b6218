import { defineOptions, flag, number, real, takeOptions, text } from '@gradus/core/internal'
import { BackendError, warn } from '@gradus/core/backend'
import { probeFeatures, type Features } from './assembler/index.ts'
import { Heap, LinearMemory, reservedBytes } from './heap/index.ts'
import { functionsOf, missing, type Functions, type Part, type Transposes } from './parts/part.ts'
import { allowance, refusesCode } from './refusal.ts'
import { control, entryNames, type Pool } from './threads/index.ts'

/** How a backend uses the machine. */
export interface WasmOptions {
  /**
   * Bytes of WebAssembly memory, 1 GiB by default, at most 4 GiB. Blocks that do not fit are moved out to arrays of JavaScript
   * until they are used again.
   */
  memoryBudget?: number
  /** Threads, the main one included; by default as many as the machine runs at once, at most 8. */
  threads?: number
  /** The same bits on every machine: without fused multiply-add, and slower. False by default. */
  deterministic?: boolean
  /** Address of a script with the text of `workerSource`, for pages whose policy forbids scripts from blobs. */
  workerUrl?: string
}

/** The kinds of {@link WasmOptions}. */
export const wasmOptions = /* @__PURE__ */ defineOptions<WasmOptions>({
  memoryBudget: real,
  threads: number,
  deterministic: flag,
  workerUrl: text,
})

const defaultBudget = 2 ** 30
const largestBudget = 2 ** 32 - reservedBytes
const smallestBudget = 2 ** 20

export type Entry = (argument: number, from: number, to: number) => void

/** A module that is ready to run. */
export interface Code {
  readonly id: number
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Its exports, by their number in {@link entryNames}. */
  readonly entries: readonly Entry[]
  /** Whether workers may run it: they have all its imports. */
  readonly threaded: boolean
  /** Where workers find it, once it was needed there. */
  address: number
  /** How often it was run on this thread alone. */
  launches: number
}

/** What keeps threads away, or an empty text. */
function unthreaded(features: Features, canSpawn: boolean): string {
  if (!canSpawn) return 'workers cannot be made here'
  if (features.threads) return ''
  return typeof crossOriginIsolated === 'boolean' && !crossOriginIsolated
    ? 'the page has no shared memory, which takes the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
    : 'the engine has no shared memory'
}

/** Launches after which the engine's fastest code is taken to be in place: it replaces code after some hundred calls at most. */
const warmUp = 200

/** Room for the arguments of calls. */
const arenaBegin = Math.ceil(control.end / 64) * 64

/** One memory, the code that runs on it, and the threads. */
export class Machine {
  readonly memory: LinearMemory
  readonly heap: Heap
  readonly features: Features
  readonly relaxed: boolean
  readonly pool: Pool | null
  readonly functions: Functions
  readonly transposes: Transposes | null
  /** Why threads that were asked for, or are there by default, cannot be had; empty where they can. */
  readonly alone: string
  #codes = 0
  readonly #modules = new Map<string, Code>()
  #arena = arenaBegin
  /** Arguments beyond the arena: address and bytes, in turn. */
  readonly #overflow: number[] = []

  constructor(options: WasmOptions, parts: readonly Part[]) {
    takeOptions('wasmBackend', wasmOptions, options)
    const refusal = refusesCode()
    if (refusal !== '')
      throw new BackendError(refusal, {
        hint: `${allowance}, or call setBackend(referenceBackend()) with referenceBackend of '@gradus/core/reference'`,
      })
    const budget = Math.min(options.memoryBudget ?? defaultBudget, largestBudget)
    if (!(budget >= smallestBudget))
      throw new BackendError(`memoryBudget is at least 1 MB, got ${options.memoryBudget}`)
    const source = parts.find((part) => part.threads)?.threads
    if (source === undefined && (options.threads ?? 1) > 1) throw missing('threads', 'threads')
    const threads = options.threads ?? Math.min(8, source?.hardwareThreads() ?? 1)
    if (!Number.isInteger(threads) || threads < 1)
      throw new BackendError(`threads is a whole number from 1 on, got ${threads}`)
    this.features = probeFeatures()
    this.relaxed = this.features.relaxedSimd && options.deterministic !== true
    this.alone = threads > 1 ? unthreaded(this.features, source?.canSpawn() === true) : ''
    const shared = threads > 1 && this.alone === ''
    if (!shared && (options.threads ?? 1) > 1)
      warn(`init() was given ${threads} threads; everything runs on one: ${this.alone}`)
    this.memory = new LinearMemory(budget, shared)
    this.heap = new Heap(this.memory, budget)
    this.pool = source && shared ? source.pool(this.memory, threads, options.workerUrl) : null
    this.functions = functionsOf(parts)
    this.transposes = parts.find((part) => part.transposes)?.transposes ?? null
  }

  get shared(): boolean {
    return this.memory.shared
  }

  /** Compiles a module on this thread. */
  load(
    bytes: Uint8Array<ArrayBuffer>,
    imports: Readonly<Record<string, WebAssembly.ImportValue>> = {},
    threaded = true,
  ): Code {
    const env = { memory: this.memory.memory, thread: 0, ...imports }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env })
    // modules of this package export functions of this signature under these names, or not at all
    const entries = entryNames.map((name) => exports[name] as Entry)
    return { id: ++this.#codes, bytes, entries, threaded, address: 0, launches: 0 }
  }

  /** The module of a routine, compiled at its first use. The key begins with the routine's name. */
  module(key: string, bytes: (shared: boolean) => Uint8Array<ArrayBuffer>): Code {
    let code = this.#modules.get(key)
    if (!code) this.#modules.set(key, (code = this.load(bytes(this.shared))))
    return code
  }

  /** Runs chunks of a function of a module, on all threads if `parallel`. */
  launch(
    code: Code,
    entry: number,
    argument: number,
    chunks: number,
    grain: number,
    parallel: boolean,
  ): void {
    const run = code.entries[entry]
    const { pool } = this
    if (parallel && chunks > grain && pool !== null && pool.isOn && code.threaded) {
      this.#share(code)
      pool.run(
        { id: code.id, address: code.address, bytes: code.bytes.length },
        run,
        entry,
        argument,
        chunks,
        grain,
      )
      return
    }
    // the engine replaces code by faster code between calls only, so there are many until it has
    const turn = code.launches > warmUp ? chunks : grain
    for (let from = 0; from < chunks; from += turn) run(argument, from, Math.min(chunks, from + turn))
    code.launches++
  }

  #share(code: Code): void {
    if (code.address !== 0) return
    code.address = this.heap.workspace(code.bytes.length)
    this.memory.u8.set(code.bytes, code.address)
  }

  /** Memory for arguments of the current call, aligned to 8 bytes. */
  arguments(bytes: number): number {
    const address = this.#arena
    const end = address + Math.ceil(bytes / 8) * 8
    if (end <= reservedBytes) {
      this.#arena = end
      return address
    }
    const more = this.heap.workspace(bytes)
    this.#overflow.push(more, bytes)
    return more
  }

  /** Memory that is given back at the end of the call. */
  scratch(bytes: number): number {
    const address = this.heap.workspace(bytes)
    this.#overflow.push(address, bytes)
    return address
  }

  /** Begins a call: its arguments and workspace are its own until the next begins. */
  begin(): void {
    this.#arena = arenaBegin
    if (this.#overflow.length > 0) this.#release()
    this.heap.begin()
  }

  /** Gives back memory of {@link Machine.scratch}; at the latest the next call does. */
  end(): void {
    if (this.#overflow.length > 0) this.#release()
  }

  #release(): void {
    for (let i = 0; i < this.#overflow.length; i += 2)
      this.heap.giveBack(this.#overflow[i], this.#overflow[i + 1])
    this.#overflow.length = 0
  }
}
