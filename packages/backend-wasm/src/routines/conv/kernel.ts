import { ModuleBuilder } from '../../assembler/index.ts'
import type { MemoryImport } from '../../assembler/index.ts'
import { arithmeticOf, computeTypeOf } from '../../elements/index.ts'
import type { ElementType } from '../../elements/index.ts'
import { narrowTileRows } from '../gemm/micro-kernel.ts'
import { emitCorrelate } from './correlate.ts'
import { emitWeightGradient } from './weight-gradient.ts'

/** Which convolutions a module computes. */
export interface ConvModuleOptions {
  /** The type of all operands. */
  dtype: ElementType
  /** Whether multiply-add may round once. Needs relaxed SIMD; false by default. */
  relaxed?: boolean
  /** Rows of a tile, even: `tileRowsFor` this engine. 4 by default. */
  tileRows?: number
  memory?: MemoryImport
}

/**
 * The bytes of a module whose exports are the stages of convolutions, each called as `stage(descriptor, from, to)` for a
 * range of its blocks. Blocks of a stage are independent; a stage begins when the one before is done.
 *
 * Imports are `env.memory` and `env.thread`, the number of the thread: each has its part of the workspace.
 *
 * @example
 * const module = new WebAssembly.Module(convModule({ dtype: 'float32' }))
 * const stages = new WebAssembly.Instance(module, { env: { memory, thread: 0 } }).exports
 * for (const { name, blocks } of plan.stages) stages[name](descriptor, 0, blocks)
 */
export function convModule(options: ConvModuleOptions): Uint8Array<ArrayBuffer> {
  const { dtype, relaxed = false, tileRows = narrowTileRows, memory } = options
  const module = new ModuleBuilder(memory)
  const thread = module.importGlobal('thread', 'i32')
  const x = arithmeticOf(computeTypeOf(dtype), relaxed)
  emitCorrelate(module, thread, x, dtype, tileRows)
  emitWeightGradient(module, thread, x, dtype, tileRows)
  return module.bytes()
}
