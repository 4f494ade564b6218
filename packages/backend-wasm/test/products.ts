import { probeFeatures } from '../src/assembler/index.ts'
import { elementBytes } from '../src/elements/index.ts'
import type { ElementType } from '../src/elements/index.ts'
import { gemmModule, planGemm, writeDescriptor } from '../src/routines/gemm/index.ts'
import type { Path, Product } from '../src/routines/gemm/index.ts'
import { fromHalf, toHalf } from './half-bits.ts'

/** Every way to build the kernels that this engine takes. */
export const builds = [
  { relaxed: false, tileRows: 4 },
  { relaxed: false, tileRows: 6 },
  ...(probeFeatures().relaxedSimd ? [4, 6].map((tileRows) => ({ relaxed: true, tileRows })) : []),
]

export const memory = new WebAssembly.Memory({ initial: 512 })
const scratch = 64
const firstOperand = 4096

type Gemm = (descriptor: number, from: number, to: number) => void

const modules = new Map<string, Gemm>()

/** The compiled kernel of a path for two types; each thread has its own instance. */
function gemmOf(path: Path, { input, output = input, relaxed, tileRows }: Run, thread: number): Gemm {
  const key = [path, input, output, relaxed, tileRows, thread].join()
  const known = modules.get(key)
  if (known) return known
  const module = new WebAssembly.Module(gemmModule({ path, input, output, relaxed, tileRows }))
  const { gemm } = new WebAssembly.Instance(module, { env: { memory, thread } }).exports
  modules.set(key, gemm as Gemm) // the module's only export
  return gemm as Gemm // as above
}

/** How a matrix lies in memory: row by row, column by column, or with gaps both ways. */
export type Order = 'rows' | 'columns' | 'gaps'
export const orders: readonly Order[] = ['rows', 'columns', 'gaps']

export function stridesOf(
  order: Order,
  rows: number,
  columns: number,
): { row: number; column: number; length: number } {
  if (order === 'rows') return { row: columns, column: 1, length: rows * columns }
  if (order === 'columns') return { row: 1, column: rows, length: rows * columns }
  return { row: 2 * columns + 3, column: 2, length: rows * (2 * columns + 3) + 2 }
}

/** Elements of a dtype at an address, as plain numbers. */
export class Elements {
  readonly #view: DataView
  readonly #dtype: ElementType
  readonly address: number

  constructor(dtype: ElementType, address: number) {
    this.#view = new DataView(memory.buffer, address)
    this.#dtype = dtype
    this.address = address
  }

  get(i: number): number {
    const at = i * elementBytes(this.#dtype)
    switch (this.#dtype) {
      case 'float16':
      case 'bfloat16':
        return fromHalf(this.#dtype, this.#view.getUint16(at, true))
      case 'float32':
        return this.#view.getFloat32(at, true)
      case 'float64':
        return this.#view.getFloat64(at, true)
      case 'int64':
        return Number(this.#view.getBigInt64(at, true))
      case 'int32':
        return this.#view.getInt32(at, true)
      case 'int16':
        return this.#view.getInt16(at, true)
      case 'int8':
        return this.#view.getInt8(at)
      case 'uint8':
        return this.#view.getUint8(at)
    }
  }

  set(i: number, value: number): void {
    const at = i * elementBytes(this.#dtype)
    switch (this.#dtype) {
      case 'float16':
      case 'bfloat16':
        return this.#view.setUint16(at, toHalf(this.#dtype, value), true)
      case 'float32':
        return this.#view.setFloat32(at, value, true)
      case 'float64':
        return this.#view.setFloat64(at, value, true)
      case 'int64':
        return this.#view.setBigInt64(at, BigInt(value), true)
      case 'int32':
        return this.#view.setInt32(at, value, true)
      case 'int16':
        return this.#view.setInt16(at, value, true)
      case 'int8':
        return this.#view.setInt8(at, value)
      case 'uint8':
        return this.#view.setUint8(at, value)
    }
  }
}

/** Hands out addresses one after the other. */
export class Arena {
  #next = firstOperand

  take(dtype: ElementType, count: number, misalign = 0): Elements {
    const address = this.#next + misalign
    const bytes = count * elementBytes(dtype)
    this.#next += Math.ceil((bytes + misalign + 64) / 64) * 64
    const missing = this.#next - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / 65536))
    return new Elements(dtype, address)
  }
}

export interface Run {
  input: ElementType
  output?: ElementType
  relaxed: boolean
  tileRows: number
  threads?: number
}

/** Runs a product, its blocks last to first and by turns on each thread: no order may matter. */
export function runProduct(
  product: Product,
  operands: { a: Elements; b: Elements; c: Elements; bias?: Elements },
  arena: Arena,
  run: Run,
): string {
  const { input, output = input, threads = 1 } = run
  const plan = planGemm(product, input, output, threads)
  const workspace = arena.take('uint8', plan.workspaceBytes)
  const { a, b, c, bias } = operands
  writeDescriptor(plan, new Int32Array(memory.buffer), scratch / 4, {
    a: a.address,
    b: b.address,
    c: c.address,
    workspace: workspace.address,
    bias: bias?.address ?? 0,
  })
  for (let block = plan.blocks - 1; block >= 0; block--) {
    gemmOf(plan.path, run, block % threads)(scratch, block, block + 1)
  }
  return plan.path
}
