import type { Program } from '@gradus/core/backend'
import { i32, ModuleBuilder } from '../assembler/index.ts'
import type { FuncRef, Params, ValueType } from '../assembler/index.ts'
import { bandColumns, operandsOf, type Demands, type Form } from './form.ts'
import { BandWriter } from './band.ts'
import { KernelWriter } from './kernel.ts'
import { kernelBlock, type KernelBlock } from './kernel-block.ts'
import { planPasses } from './passes.ts'
import type { Functions } from '../parts/part.ts'

export interface CompileOptions {
  /** Whether to use relaxed multiply-add: faster, with last bits that may differ between machines. */
  readonly relaxed: boolean
  /** Vector code of functions that are more than an instruction or two. */
  readonly functions: Functions
  /** Whether the memory is shared between threads. */
  readonly shared: boolean
}

/**
 * A program as WebAssembly. The module imports `env.memory` and the functions in `imports`, and exports
 *
 * - `run(block, from, to)`: chunks `from` to `to` of one argument block;
 * - `runMany(table, from, to)`: chunks counted over many blocks. The table is pairs of words, the first chunk of a block
 *   and the block's address, with a last pair that has the number of all chunks.
 */
export interface Kernel {
  readonly form: Form
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Functions taken from JavaScript: with any, the kernel runs on the main thread only. */
  readonly imports: readonly string[]
  readonly layout: KernelBlock
  /** Columns of a unit in column form, else 1. */
  readonly columns: number
}

/** Compiles a program for a form of loops. */
export function compileProgram(
  program: Program,
  demands: Demands,
  form: Form,
  options: CompileOptions,
): Kernel {
  const operands = operandsOf(program, demands, form)
  const layout = kernelBlock(program, demands, form, operands.length)
  const plan = planPasses(program, demands, form, operands, options)
  const module = new ModuleBuilder({ shared: options.shared })
  const funcs = new Map<string, FuncRef<Params, ValueType>>()
  const func = (name: string): FuncRef<Params, ValueType> => {
    const found = funcs.get(name)
    if (!found) throw new Error(`the function ${name} is used before it is there`)
    return found
  }
  const helpers = [...plan.graph.helpers.values()]
  // imports come before functions
  for (const helper of [...helpers.filter((h) => h.imported), ...helpers.filter((h) => !h.imported)]) {
    funcs.set(helper.name, helper.define(module, func))
  }
  const signature = { block: 'i32', from: 'i32', to: 'i32' } as const
  const run = module.func({ name: 'run', params: signature }, (f, { block, from, to }) => {
    const Writer = form.mode === 'band' ? BandWriter : KernelWriter
    new Writer(f, block, func, { program, form, operands, plan, layout }).write(from, to)
  })
  writeMany(module, run)
  return {
    form,
    bytes: module.bytes(),
    imports: helpers.filter((h) => h.imported).map((h) => h.name),
    layout,
    columns: form.mode === 'band' ? bandColumns : form.mode === 'column' ? 4 * plan.ways : 1,
  }
}

function writeMany(
  module: ModuleBuilder,
  run: FuncRef<{ block: 'i32'; from: 'i32'; to: 'i32' }, 'void'>,
): void {
  module.func(
    { name: 'runMany', params: { table: 'i32', from: 'i32', to: 'i32' } },
    (f, { table, from, to }) => {
      const end = f.local('i32')
      const first = f.local('i32')
      f.while(i32.ltU(from, to), () => {
        // the entry after this block's begins where this block ends
        f.while(i32.leU(i32.load(table, 8), from), () => f.add(table, 8))
        f.set(first, i32.load(table))
        f.set(end, i32.load(table, 8))
        f.if(i32.ltU(to, end), () => f.set(end, to))
        f.do(run.call({ block: i32.load(table, 4), from: i32.sub(from, first), to: i32.sub(end, first) }))
        f.set(from, end)
      })
    },
  )
}
