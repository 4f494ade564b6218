import type {
  Backend,
  Binding,
  Block,
  Epilogue,
  Memory,
  Scan,
  Scatter,
  View,
  Window,
} from '../backend/types.ts'
import {
  checkConv,
  checkCopy,
  checkGather,
  checkMatmul,
  checkPool,
  checkScan,
  checkScatter,
  checkSort,
} from '../backend/check-routine.ts'
import { checkBinding, checkView, checkWrite } from '../backend/check.ts'
import { nextSlot } from '../backend/types.ts'
import type { TypedArray } from '../base/dtype.ts'
import { unreachable } from '../base/errors.ts'
import type { Program } from '../program/program.ts'
import { denseBits } from './access.ts'
import { HostBlock, hostBlock } from './block.ts'
import { conv } from './conv.ts'
import { gather, scatter } from './indexing.ts'
import { Interpreter } from './interpret.ts'
import { matmul } from './matmul.ts'
import { copy, scan, sort } from './ordering.ts'
import { maxPool, sumPool } from './pool.ts'

let shared: ReferenceBackend | undefined

/**
 * The backend that defines the results of programs and routines, by plain loops over typed arrays. The same one at each call.
 *
 * Floats are computed in double and rounded once per node, sum, product of matrices and convolution. It runs wherever
 * JavaScript does and generates no code; it is slow.
 *
 * @example
 * referenceBackend().name // => 'reference'
 */
export const referenceBackend = (): Backend => (shared ??= new ReferenceBackend())

/** Bytes from which on a block is counted by `memory()`. */
const counted = 4096

class ReferenceBackend implements Backend {
  readonly name = 'reference'
  readonly slot = nextSlot()
  private live = 0
  private peak = 0
  // a block that was dropped rather than freed is collected with its buffer: its bytes are no longer live.
  // Finalizers do not run before a synchronous loop ends and their entries pile up until then, so that only blocks
  // large enough to matter have one; the small ones are not counted
  private readonly collected = new FinalizationRegistry<number>((bytes) => (this.live -= bytes))

  alloc(bytes: number): Block {
    const block = new HostBlock(bytes)
    if (bytes >= counted) {
      this.live += bytes
      this.peak = Math.max(this.peak, this.live)
      this.collected.register(block, bytes, block)
    }
    return block
  }

  free(block: Block): void {
    if (!hostBlock(block).release() || block.bytes < counted) return
    this.collected.unregister(block)
    this.live -= block.bytes
  }

  write(block: Block, data: TypedArray): void {
    checkWrite(block, data.byteLength)
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const target = hostBlock(block).as('uint8')
    if (target instanceof Uint8Array) target.set(bytes)
  }

  read(x: View): Promise<TypedArray> {
    return Promise.resolve(this.readSync(x))
  }

  readSync(x: View): TypedArray {
    checkView(x, 'what is read')
    return denseBits(x)
  }

  memory(): Memory {
    return { live: this.live, peak: this.peak, resident: this.live, evicted: 0 }
  }

  run(program: Program, bindings: readonly Binding[]): void {
    const interpreter = this.interpreterOf(program)
    for (const binding of bindings) checkBinding(program, binding)
    for (const binding of bindings) interpreter.check(binding)
    for (const binding of bindings) interpreter.run(binding)
  }

  private interpreterOf(program: Program): Interpreter {
    const compiled = (program.compiled[this.slot] ??= new Interpreter(program))
    return compiled instanceof Interpreter
      ? compiled
      : unreachable('a slot of Program.compiled is not its owner’s')
  }

  matmul(x: View, y: View, out: View, options: { accumulate?: boolean; epilogue?: Epilogue } = {}): void {
    checkMatmul(x, y, out, options.epilogue)
    matmul(x, y, out, options.accumulate ?? false)
    if (options.epilogue) {
      const { program, operands, params } = options.epilogue
      const outer = out.layout.shape
      this.run(program, [{ outer, inner: [], operands: [out, ...operands, out], params }])
    }
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
    conv(pass, x, weight, out, window, groups, bias)
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
    if (kind !== 'max') sumPool(kind, x, out, kernel, window)
    else maxPool(x, out, kernel, window, indices ?? unreachable('pool max without a view for indices'))
  }

  gather(x: View, index: View, axis: number, out: View): void {
    checkGather(x, index, axis, out)
    gather(x, index, axis, out)
  }

  scatter(kind: Scatter, source: View, index: View, axis: number, out: View): void {
    checkScatter(source, index, axis, out)
    scatter(kind, source, index, axis, out)
  }

  scan(kind: Scan, x: View, axis: number, out: View, indices?: View): void {
    checkScan(x, axis, out, indices)
    scan(kind, x, axis, out, indices)
  }

  sort(x: View, axis: number, descending: boolean, values: View, indices: View): void {
    checkSort(x, axis, values, indices)
    sort(x, axis, descending, values, indices)
  }

  copy(x: View, out: View): void {
    checkCopy(x, out)
    copy(x, out)
  }
}
