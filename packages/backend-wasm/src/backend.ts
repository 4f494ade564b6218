import {
  allocateTyped,
  BackendError,
  bytesOf,
  checkBinding,
  checkConv,
  checkCopy,
  checkGather,
  checkMatmul,
  checkPool,
  checkRandom,
  checkScan,
  checkScatter,
  checkSort,
  checkView,
  checkWrite,
  nextSlot,
  unreachable,
} from '@gradus/core/backend'
import type {
  Backend,
  Binding,
  Block,
  Distribution,
  Epilogue,
  Memory,
  Program,
  Scan,
  Scatter,
  TypedArray,
  View,
  Window,
} from '@gradus/core/backend'
import { cellOf, pin } from './heap/index.ts'
import { Machine, type WasmOptions } from './machine.ts'
import { ProgramRunner } from './program-runner.ts'
import { Convolutions } from './routines/conv/run.ts'
import { Copies } from './routines/copies.ts'
import { Indexing } from './routines/indexing/run.ts'
import { MatrixProducts } from './routines/gemm/run.ts'
import { Pools } from './routines/pool/run.ts'
import { RandomNumbers } from './routines/random/run.ts'
import { Scans } from './routines/scan/run.ts'
import { Sorts } from './routines/sort/run.ts'
import { placed } from './routines/placed.ts'
import { Staging } from './routines/staging.ts'

/** Compiled kernels on one WebAssembly memory: see {@link wasmBackend}. */
export class WasmBackend implements Backend {
  readonly name = 'wasm'
  readonly slot = nextSlot()
  readonly #options: WasmOptions
  #parts: Parts | null = null

  constructor(options: WasmOptions = {}) {
    this.#options = { ...options }
  }

  /** Memory and code, made at the first use. */
  #get(): Parts {
    return (this.#parts ??= new Parts(new Machine(this.#options)))
  }

  /**
   * Chooses options and waits until the threads are up.
   *
   * @throws BackendError once memory was given out, or if the threads do not start
   */
  async init(options: WasmOptions = {}): Promise<void> {
    if (Object.keys(options).length > 0) {
      if (this.#parts !== null) {
        throw new BackendError('init() comes too late: there are tensors already', {
          hint: 'call it before the first tensor is made',
        })
      }
      Object.assign(this.#options, options)
    }
    await this.#get().machine.pool?.started()
  }

  /** Whether multiplication and addition may round once together: last bits then differ between machines. */
  get relaxed(): boolean {
    return this.#get().machine.relaxed
  }

  /** Ends the threads. What comes after runs on the main thread. */
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

  matmul(x: View, y: View, out: View, options: { accumulate?: boolean; epilogue?: Epilogue } = {}): void {
    checkMatmul(x, y, out, options.epilogue)
    const { machine, products } = this.#call([])
    const { epilogue } = options
    const done = products.run(x, y, out, options.accumulate ?? false, epilogue)
    machine.end()
    if (done || epilogue === undefined) return
    const { program, operands, params } = epilogue
    this.run(program, [{ outer: out.layout.shape, inner: [], operands: [out, ...operands, out], params }])
  }

  conv(
    pass: 'forward' | 'input' | 'weight',
    x: View,
    weight: View,
    out: View,
    window: Window,
    groups: number,
    bias?: View,
  ): void {
    checkConv(x, weight, out, window, groups, bias)
    const { machine, convolutions } = this.#call([])
    convolutions.run(pass, x, weight, out, window, groups, bias)
    machine.end()
  }

  pool(
    kind: 'max' | 'sum' | 'spread',
    x: View,
    out: View,
    kernel: readonly number[],
    window: Window,
    indices?: View,
  ): void {
    checkPool(kind, x, out, kernel, window, indices)
    const { machine, pools } = this.#call([])
    if (kind !== 'max') pools.sum(kind, x, out, kernel, window)
    else pools.max(x, out, kernel, window, indices ?? unreachable('pool max without a view for indices'))
    machine.end()
  }

  gather(x: View, index: View, axis: number, out: View): void {
    checkGather(x, index, axis, out)
    const { machine, indexing } = this.#call([])
    indexing.gather(x, index, axis, out)
    machine.end()
  }

  scatter(kind: Scatter, source: View, index: View, axis: number, out: View): void {
    checkScatter(source, index, axis, out)
    const { machine, indexing } = this.#call([])
    indexing.scatter(kind, source, index, axis, out)
    machine.end()
  }

  scan(kind: Scan, x: View, axis: number, out: View, indices?: View): void {
    checkScan(x, axis, out, indices)
    const { machine, scans } = this.#call([])
    scans.run(kind, x, axis, out, indices)
    machine.end()
  }

  sort(x: View, axis: number, descending: boolean, values: View, indices: View): void {
    checkSort(x, axis, values, indices)
    const { machine, sorts } = this.#call([])
    sorts.run(x, axis, descending, values, indices)
    machine.end()
  }

  random(distribution: Distribution, state: Uint8Array, out: View, first: number, second: number): void {
    checkRandom(state, out)
    const { machine, randomNumbers } = this.#call([])
    randomNumbers.run(distribution, state, out, first, second)
    machine.end()
  }

  copy(x: View, out: View): void {
    checkCopy(x, out)
    const { machine, copies } = this.#call([x, out])
    copies.copy(placed(x), placed(out))
    machine.end()
  }

  /** Begins a call and keeps its operands in memory. */
  #call(operands: readonly View[]): Parts {
    const parts = this.#get()
    parts.machine.begin()
    if (operands.length > 0) pin(parts.machine.heap, operands)
    return parts
  }
}

/** What a backend that is in use consists of. */
class Parts {
  readonly machine: Machine
  readonly copies: Copies
  readonly products: MatrixProducts
  readonly convolutions: Convolutions
  readonly indexing: Indexing
  readonly pools: Pools
  readonly scans: Scans
  readonly sorts: Sorts
  readonly randomNumbers: RandomNumbers

  constructor(machine: Machine) {
    this.machine = machine
    this.copies = new Copies(machine)
    this.products = new MatrixProducts(machine, this.copies)
    this.convolutions = new Convolutions(machine, this.copies, this.products)
    this.indexing = new Indexing(machine, this.copies)
    this.pools = new Pools(machine, this.copies)
    this.scans = new Scans(machine, this.copies)
    this.sorts = new Sorts(machine, this.copies)
    this.randomNumbers = new RandomNumbers(machine, this.copies)
  }
}
