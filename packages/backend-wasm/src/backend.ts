import {
  allocateTyped,
  BackendError,
  bytesOf,
  checkBinding,
  checkCopy,
  checkView,
  checkWrite,
  nextSlot,
} from '@gradus/core/backend'
import type { Backend, Binding, Block, Memory, Program, TypedArray, View } from '@gradus/core/backend'
import { cellOf, pin } from './heap/index.ts'
import { Machine, type WasmOptions } from './machine.ts'
import { missing, type Part, type Routines } from './parts/part.ts'
import type { BackendStatus } from './status.ts'
import { ProgramRunner } from './program-runner.ts'
import { Copies } from './routines/copies.ts'
import { placed } from './routines/placed.ts'
import { Staging } from './routines/staging.ts'

/** Compiled kernels on one WebAssembly memory: see {@link wasmBackend}. */
export class WasmBackend implements Backend {
  readonly name = 'wasm'
  readonly slot = nextSlot()
  readonly #options: WasmOptions
  readonly #given: readonly Part[]
  #parts: InUse | null = null
  readonly matmul = this.#routine('matmul', 'matrixProducts')
  readonly conv = this.#routine('conv', 'convolutions')
  readonly pool = this.#routine('pool', 'pools')
  readonly gather = this.#routine('gather', 'indexing')
  readonly scatter = this.#routine('scatter', 'indexing')
  readonly scan = this.#routine('scan', 'scans')
  readonly sort = this.#routine('sort', 'sorts')

  constructor(parts: readonly Part[], options: WasmOptions = {}) {
    this.#given = parts
    this.#options = { ...options }
  }

  /** Memory and code, made at the first use. */
  #get(): InUse {
    return (this.#parts ??= new InUse(this, new Machine(this.#options, this.#given), this.#given))
  }

  #routine<K extends Exclude<keyof Routines, 'random'>>(name: K, part: string): Routines[K] {
    const call = (...given: unknown[]): void => {
      const routine = this.#get().routines[name]
      if (routine === undefined) throw missing(name, part)
      // it has the parameters of the function that is returned here
      ;(routine as (...given: unknown[]) => void)(...given)
    }
    return call
  }

  /** Core draws by itself where this is missing. */
  get random(): Routines['random'] {
    return this.#get().routines.random
  }

  /**
   * Chooses options and waits until the threads are up, or cannot be: {@link WasmBackend.status} then says why.
   *
   * @throws BackendError for another choice once memory was given out; what was chosen before may be said again
   */
  async init(options: WasmOptions = {}): Promise<void> {
    const chosen = Object.entries(options).filter(
      ([name, value]) => value !== undefined && value !== this.#options[name as keyof WasmOptions], // a name of its options
    )
    if (chosen.length > 0 && this.#parts !== null) {
      const names = chosen.map(([name]) => name).join(', ')
      throw new BackendError(`init() comes too late for ${names}: there are tensors already`, {
        hint: 'call it before the first tensor is made',
      })
    }
    Object.assign(this.#options, Object.fromEntries(chosen))
    await this.#get().machine.pool?.started()
  }

  /** Whether multiplication and addition may round once together: last bits then differ between machines. */
  get relaxed(): boolean {
    return this.#get().machine.relaxed
  }

  /** What it computes with. */
  status(): BackendStatus {
    const { pool, relaxed, alone } = this.#get().machine
    const workers = pool?.isOn === true ? pool.ready : 0
    const waiting = pool?.isOn === true && workers < pool.threads - 1
    return {
      backend: this.name,
      threads: 1 + workers,
      simd: relaxed ? 'relaxed' : 'simd128',
      deterministic: !relaxed,
      why: alone || pool?.lost || (waiting ? 'threads start at the first large program, or with init()' : ''),
    }
  }

  /** Ends the threads. Later calls run on the main thread. */
  stop(): void {
    this.#parts?.machine.pool?.stop()
  }

  alloc(bytes: number): Block {
    return this.#get().machine.heap.alloc(bytes)
  }

  free(block: Block): void {
    this.#get().machine.heap.free(block)
  }

  write(block: Block, data: TypedArray): void {
    checkWrite(block, data.byteLength)
    const { machine } = this.#call([])
    const cell = cellOf(block)
    if (machine.heap.use(cell)) machine.heap.restore(cell)
    machine.memory.u8.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), cell.address)
  }

  read(x: View): Promise<TypedArray> {
    return Promise.resolve(this.readSync(x))
  }

  readSync(x: View): TypedArray {
    checkView(x, 'what is read')
    const parts = this.#call([])
    const { machine } = parts
    const { layout, dtype } = x
    const result = allocateTyped(dtype, layout.size)
    if (layout.size === 0) return result
    const address = new Staging(machine, parts.copies, [x]).read(x)
    const bytes = layout.size * bytesOf(dtype)
    new Uint8Array(result.buffer).set(machine.memory.u8.subarray(address, address + bytes))
    machine.end()
    return result
  }

  memory(): Memory {
    return this.#parts?.machine.heap.statistics() ?? { live: 0, peak: 0, resident: 0, evicted: 0 }
  }

  run(program: Program, bindings: readonly Binding[]): void {
    const runner = program.compiled[this.slot] as ProgramRunner | undefined // what this backend itself puts there
    const { machine } = this.#parts ?? this.#get()
    for (let i = 0; i < bindings.length; i++) checkBinding(program, bindings[i])
    machine.begin()
    if (runner !== undefined) runner.run(bindings)
    else {
      const made = ProgramRunner.of(machine, program)
      program.compiled[this.slot] = made
      made.run(bindings)
    }
    machine.end()
  }

  copy(x: View, out: View): void {
    checkCopy(x, out)
    const { machine, copies } = this.#call([x, out])
    copies.copy(placed(x), placed(out))
    machine.end()
  }

  /** Begins a call and keeps its operands in memory. */
  #call(operands: readonly View[]): InUse {
    const parts = this.#get()
    parts.machine.begin()
    if (operands.length > 0) pin(parts.machine.heap, operands)
    return parts
  }
}

/** The parts of a backend in use. */
class InUse {
  readonly machine: Machine
  readonly copies: Copies
  readonly routines: Partial<Routines>

  constructor(backend: Pick<Backend, 'run'>, machine: Machine, parts: readonly Part[]) {
    const copies = new Copies(machine)
    const run = backend.run.bind(backend)
    this.machine = machine
    this.copies = copies
    this.routines = Object.assign({}, ...parts.map((part) => part.routines?.({ machine, copies, run })))
  }
}
