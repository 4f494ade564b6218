import type { Program, View } from '@gradus/core/backend'
import { bytesOf } from '@gradus/core/backend'
import { combiningOf, type Combining } from './combine.ts'
import { compileProgram, type CompileOptions, type Kernel } from './compile.ts'
import { demandsOf, keyOf, type Demands, type Form } from './form.ts'
import { operandAt } from './kernel-block.ts'
import { chunkElements, planLoops, type Plan, type Space } from './plan.ts'

/** Dense operands of one layout: the case that most calls are. Words as in {@link Plan}, less what depends on the size. */
export interface Flat {
  readonly kernel: Kernel
  readonly words: Int32Array
  readonly addresses: readonly number[]
}

/** The compiled state of a program: its kernels by the form of their loops, compiled when first needed. */
export class CompiledProgram {
  readonly program: Program
  readonly demands: Demands
  readonly #options: CompileOptions
  readonly #kernels = new Map<string, Kernel>()
  readonly #combining = new Map<string, { readonly how: Combining; readonly compiled: CompiledProgram }>()
  #flat: Flat | null | undefined

  constructor(program: Program, options: CompileOptions) {
    this.program = program
    this.demands = demandsOf(program)
    this.#options = options
  }

  kernel(form: Form): Kernel {
    const key = keyOf(form)
    let kernel = this.#kernels.get(key)
    if (!kernel)
      this.#kernels.set(key, (kernel = compileProgram(this.program, this.demands, form, this.#options)))
    return kernel
  }

  /** The loops for operands that lie in a certain way. */
  plan(space: Space): Plan {
    return planLoops(this.program, this.demands, space, (form) => this.kernel(form).columns)
  }

  /** The program that folds partial results, for a plan of partial form. */
  combining({ mode }: Form): { readonly how: Combining; readonly compiled: CompiledProgram } {
    let combining = this.#combining.get(mode)
    if (!combining) {
      const how = combiningOf(this.program, mode)
      combining = { how, compiled: new CompiledProgram(how.program, this.#options) }
      this.#combining.set(mode, combining)
    }
    return combining
  }

  /** The kernel for operands that are all dense and alike, or null where the program is no such map. */
  get flat(): Flat | null {
    if (this.#flat === undefined) this.#flat = this.#makeFlat()
    return this.#flat
  }

  #makeFlat(): Flat | null {
    const { inputs, outputs } = this.program
    const { map, positions, sizes } = this.demands
    if (!map || positions.length > 0 || sizes.length > 0 || inputs.some(({ over }) => over !== 'all'))
      return null
    const operands = [...inputs, ...outputs]
    const form: Form = {
      mode: 'row',
      outerAxes: 0,
      innerAxes: 0,
      split: true,
      partial: false,
      access: operands.map(() => 'unit' as const),
    }
    const kernel = this.kernel(form)
    const { layout } = kernel
    const { at } = layout
    const words = new Int32Array(layout.params / 4)
    words[at.unitsPerChunk] = 1
    words[at.splitLength] = chunkElements
    const addresses = operands.map(({ dtype }, o) => {
      const first = operandAt(layout, o)
      words[first + 1] = chunkElements * bytesOf(dtype)
      words[first + 2] = bytesOf(dtype)
      return first
    })
    return { kernel, words, addresses }
  }
}

/** Whether all operands have the same dense layout, by identity: then {@link writeFlat} will do. */
export function isFlat(operands: readonly View[]): boolean {
  const { layout } = operands[0]
  if (!layout.contiguous || layout.offset !== 0) return false
  for (let i = 1; i < operands.length; i++) if (operands[i].layout !== layout) return false
  return true
}

/**
 * Writes an argument block for `size` dense elements.
 *
 * @param words - the memory as 32-bit words, and `doubles` as 64-bit floats
 * @param at - the byte at which the block begins, a multiple of 8
 * @param flag - where checks write, one byte each
 * @returns the number of chunks
 */
export function writeFlat(
  flat: Flat,
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  size: number,
  addresses: ArrayLike<number>,
  params: readonly number[],
  flag: number,
): number {
  const first = at >>> 2
  const template = flat.words
  for (let i = 0; i < template.length; i++) words[first + i] = template[i]
  const units = size > chunkElements ? Math.ceil(size / chunkElements) : size > 0 ? 1 : 0
  const names = flat.kernel.layout.at
  words[first + names.units] = units
  words[first + names.splitTotal] = size
  words[first + names.lanes] = size
  words[first + names.flag] = flag
  words[first + names.unitSizes] = units
  const places = flat.addresses
  for (let i = 0; i < places.length; i++) words[first + places[i]] = addresses[i]
  const firstParam = (at + flat.kernel.layout.params) >>> 3
  for (let i = 0; i < params.length; i++) doubles[firstParam + i] = params[i]
  return units
}

/** Writes the argument block of a plan; parameters as for {@link writeFlat}, addresses of storages without offsets. */
export function writeBlock(
  plan: Plan,
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  addresses: ArrayLike<number>,
  params: readonly number[],
  flag: number,
): number {
  const first = at >>> 2
  words.set(plan.words, first)
  words[first + plan.flag] = flag
  for (let i = 0; i < plan.addresses.length; i++) words[first + plan.addresses[i]] += addresses[i]
  for (let i = 0; i < params.length; i++) doubles[((at + plan.params) >>> 3) + i] = params[i]
  return plan.chunks
}
