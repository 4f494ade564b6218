import {
  allocateTyped,
  binaryOf,
  bytesOf,
  isUnary,
  Layout,
  type Binary,
  type DType,
  type Program,
  type TypedArray,
  unaryOf,
} from '@gradus/core/backend'
import { CompiledProgram, writeBlock } from '../src/codegen/compiled-program.ts'
import { instantiateKernel, type KernelFunctions } from '../src/codegen/instantiate.ts'
import type { Kernel } from '../src/codegen/compile.ts'
import { lengthOf, type Space } from '../src/codegen/plan.ts'
import { everyPart } from '../src/parts/every-part.ts'
import { functionsOf, type Functions } from '../src/parts/part.ts'

/** Elements with their layout; several may share an array. */
export interface Data {
  readonly dtype: DType
  readonly array: TypedArray
  readonly layout: Layout
}

export interface Run {
  readonly outer: readonly number[]
  readonly inner: readonly number[]
  readonly operands: readonly Data[]
  readonly params?: readonly number[]
}

export const host = (name: string): ((x: number, y: number) => number) =>
  isUnary(name) ? unaryOf(name, 'f64') : binaryOf(name as Binary, 'f64') // imports are named after primitives

/** A dense operand. */
export function dense(dtype: DType, shape: readonly number[], values: ArrayLike<number | bigint> = []): Data {
  const layout = Layout.of(shape)
  const array = allocateTyped(dtype, layout.size)
  for (let i = 0; i < values.length; i++) array[i] = values[i]
  return { dtype, array, layout }
}

/** Runs programs in a memory of their own, one kernel call per chunk so that every border is crossed. */
export class KernelRunner {
  readonly memory = new WebAssembly.Memory({ initial: 64, maximum: 16384 })
  readonly options: { readonly relaxed: boolean; readonly shared: boolean; readonly functions: Functions }
  readonly #programs = new Map<Program, CompiledProgram>()
  readonly #functions = new Map<Kernel, KernelFunctions>()
  #top = 1024

  constructor(relaxed = false) {
    this.options = { relaxed, shared: false, functions: functionsOf(everyPart()) }
  }

  compiled(program: Program): CompiledProgram {
    let compiled = this.#programs.get(program)
    if (!compiled) this.#programs.set(program, (compiled = new CompiledProgram(program, this.options)))
    return compiled
  }

  functions(kernel: Kernel): KernelFunctions {
    let functions = this.#functions.get(kernel)
    if (!functions) this.#functions.set(kernel, (functions = instantiateKernel(kernel, this.memory, host)))
    return functions
  }

  alloc(bytes: number): number {
    const at = this.#top
    this.#top += Math.ceil(bytes / 64) * 64 + 64
    const missing = this.#top - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536))
    return at
  }

  /** Runs and copies what was written back to the operands' arrays; the numbers of the checks that failed. */
  run(program: Program, { outer, inner, operands, params = [] }: Run): number[] {
    this.#top = 1024
    const places = new Map<TypedArray, number>()
    const addresses = operands.map(({ array }) => {
      let at = places.get(array)
      if (at === undefined) {
        places.set(array, (at = this.alloc(array.byteLength)))
        new Uint8Array(this.memory.buffer, at, array.byteLength).set(bytesOfArray(array))
      }
      return at
    })
    const flag = this.alloc(program.checks.length)
    new Uint8Array(this.memory.buffer, flag, program.checks.length).fill(0)
    this.#execute(
      this.compiled(program),
      { outer, inner, layouts: operands.map((o) => o.layout) },
      addresses,
      params,
      flag,
    )
    for (const [array, at] of places)
      bytesOfArray(array).set(new Uint8Array(this.memory.buffer, at, array.byteLength))
    const flags = new Uint8Array(this.memory.buffer, flag, program.checks.length)
    return [...flags.keys()].filter((k) => flags[k] !== 0)
  }

  #execute(
    compiled: CompiledProgram,
    space: Space,
    addresses: number[],
    params: readonly number[],
    flag: number,
  ): void {
    const { program } = compiled
    const plan = compiled.plan(space)
    let operands = addresses
    const rows = space.outer.reduce((a, b) => a * b, 1)
    if (plan.form.partial) {
      const { how, compiled: second } = compiled.combining(plan.form)
      const parts = program.reductions.map((_, r) =>
        this.alloc(rows * plan.segments * bytesOf(how.program.inputs[r].dtype)),
      )
      operands = [...addresses.slice(0, program.inputs.length), ...parts]
      this.#launch(compiled.kernel(plan.form), plan, operands, params, flag)
      const outer = Layout.of(space.outer)
      const part = new Layout([...space.outer, plan.segments], [...outer.strides, rows])
      const layouts = [
        ...parts.map(() => part),
        ...how.inputs.map((i) => space.layouts[i]),
        ...space.layouts.slice(program.inputs.length),
      ]
      const rest = [
        ...parts,
        ...how.inputs.map((i) => addresses[i]),
        ...addresses.slice(program.inputs.length),
      ]
      this.#execute(
        second,
        { outer: space.outer, inner: [plan.segments], layouts },
        rest,
        [...params, ...how.lengths.map((a) => lengthOf(space, a))],
        flag,
      )
    } else this.#launch(compiled.kernel(plan.form), plan, operands, params, flag)
  }

  #launch(
    kernel: Kernel,
    plan: ReturnType<CompiledProgram['plan']>,
    addresses: number[],
    params: readonly number[],
    flag: number,
  ): void {
    const block = this.alloc(plan.bytes)
    const { buffer } = this.memory
    const chunks = writeBlock(
      plan,
      new Int32Array(buffer),
      new Float64Array(buffer),
      block,
      addresses,
      params,
      flag,
    )
    const { run } = this.functions(kernel)
    for (let chunk = chunks - 1; chunk >= 0; chunk--) run(block, chunk, chunk + 1)
  }
}

const bytesOfArray = (array: TypedArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
