import { i32, minU, ModuleBuilder, select } from '../../assembler/index.ts'
import type { Features, Func, Local, MemoryImport, Value } from '../../assembler/index.ts'
import { arithmeticOf, computeTypeOf } from '../../elements/index.ts'
import type { ElementType } from '../../elements/index.ts'
import { emitAxpyBlock } from './axpy.ts'
import { axisBlock, axisBytes, field } from './descriptor.ts'
import type { Path } from './descriptor.ts'
import { emitDirectBlock } from './direct.ts'
import { emitDotBlock } from './dot.ts'
import { narrowTileRows, tallTileRows } from './micro-kernel.ts'
import { emitPackedBlock } from './packed.ts'
import type { BlockKernel } from './packed.ts'

/** Which products a module computes. */
export interface GemmModuleOptions {
  /** The loops that the plan of a product chose: a module holds those alone, as few programs need all. */
  path: Path
  /** The type of A and B. */
  input: ElementType
  /** The type of C and the bias: that of A and B by default, or the one they are computed in. */
  output?: ElementType
  /** Whether multiply-add may round once. Needs relaxed SIMD; false by default. */
  relaxed?: boolean
  /** Rows of a tile, even: {@link tileRowsFor} this engine. 4 by default. */
  tileRows?: number
  memory?: MemoryImport
}

/**
 * The bytes of a module with one export, `gemm(descriptor, from, to)`, which computes blocks `from` to `to` of the
 * product that the descriptor at this address describes. Blocks are independent: they may run in any order, on any
 * thread, and their number does not change the result.
 *
 * Imports are `env.memory` and `env.thread`, the number of the thread: each has its part of the workspace.
 *
 * @example
 * const module = new WebAssembly.Module(gemmModule({ path: plan.path, input: 'float32' }))
 * const { gemm } = new WebAssembly.Instance(module, { env: { memory, thread: 0 } }).exports
 */
export function gemmModule(options: GemmModuleOptions): Uint8Array<ArrayBuffer> {
  const { memory } = options
  const module = new ModuleBuilder(memory)
  const thread = module.importGlobal('thread', 'i32')
  emitEntry(module, thread, emitBlock(module, options))
  return module.bytes()
}

function emitBlock(module: ModuleBuilder, options: GemmModuleOptions): BlockKernel {
  const { path, input, output = input, relaxed = false, tileRows = narrowTileRows } = options
  const x = arithmeticOf(computeTypeOf(input), relaxed)
  const types = { input, output }
  switch (path) {
    case 'packed':
      return emitPackedBlock(module, x, types, tileRows)
    case 'direct':
      return emitDirectBlock(module, x, input)
    case 'dot':
      return emitDotBlock(module, x, types)
    case 'axpy':
      return emitAxpyBlock(module, x, types)
  }
}

/**
 * Rows of a tile that an engine computes fastest: tall ones if multiplication and addition are one instruction (apart
 * they need a register more) and the engine does not spill.
 */
export function tileRowsFor(input: ElementType, relaxed: boolean, features: Features): number {
  const isFloat = computeTypeOf(input) === 'f32' || computeTypeOf(input) === 'f64'
  return isFloat && relaxed && features.keepsLoadsInPlace ? tallTileRows : narrowTileRows
}

function emitEntry(module: ModuleBuilder, thread: Value<'i32'>, block: BlockKernel): void {
  const params = { descriptor: 'i32', from: 'i32', to: 'i32' } as const
  module.func({ name: 'gemm', params }, (f, { descriptor, from, to }) => {
    const base = f.let(
      i32.add(field(descriptor, 'workspace'), i32.mul(thread, field(descriptor, 'workspaceBytes'))),
    )
    const columnBlocks = f.let(field(descriptor, 'columnBlocks'))
    const grid = f.let(i32.mul(field(descriptor, 'rowBlocks'), columnBlocks))
    const at = { a: f.local('i32'), b: f.local('i32'), c: f.local('i32'), bias: f.local('i32') }
    const row = f.local('i32')
    const column = f.local('i32')
    const rows = f.local('i32')
    const columns = f.local('i32')
    f.for(from, from, to, 1, () => {
      f.set(at.a, field(descriptor, 'a'))
      f.set(at.b, field(descriptor, 'b'))
      f.set(at.c, field(descriptor, 'c'))
      enterBatch(f, descriptor, i32.divU(from, grid), at)
      f.set(row, i32.mul(i32.divU(i32.remU(from, grid), columnBlocks), field(descriptor, 'blockRows')))
      f.set(column, i32.mul(i32.remU(from, columnBlocks), field(descriptor, 'blockColumns')))
      f.set(rows, minU(i32.sub(field(descriptor, 'm'), row), field(descriptor, 'blockRows')))
      f.set(columns, minU(i32.sub(field(descriptor, 'n'), column), field(descriptor, 'blockColumns')))
      f.add(at.a, i32.mul(row, field(descriptor, 'aRow')))
      f.add(at.b, i32.mul(column, field(descriptor, 'bColumn')))
      f.add(at.c, i32.mul(row, field(descriptor, 'cRow')))
      f.add(at.c, i32.mul(column, field(descriptor, 'cColumn')))
      const biasHere = i32.add(field(descriptor, 'bias'), i32.mul(column, field(descriptor, 'biasStep')))
      f.set(at.bias, select(field(descriptor, 'bias'), biasHere, i32.const(0)))
      f.do(block.call({ descriptor, ...at, rows, columns, base }))
    })
  })
}

// moves the addresses to one product of the batch: the last axis turns fastest
function enterBatch(
  f: Func,
  descriptor: Value<'i32'>,
  index: Value<'i32'>,
  at: Record<'a' | 'b' | 'c', Local<'i32'>>,
): void {
  const rest = f.let(index)
  const axis = f.let(i32.add(descriptor, i32.mul(field(descriptor, 'batchRank'), axisBytes)))
  const end = f.let(descriptor)
  const position = f.local('i32')
  f.while(i32.gtU(axis, end), () => {
    const size = axisBlock.read(axis, 'size')
    f.set(position, i32.remU(rest, size))
    f.set(rest, i32.divU(rest, size))
    for (const name of ['a', 'b', 'c'] as const)
      f.add(at[name], i32.mul(position, axisBlock.read(axis, name)))
    f.add(axis, -axisBytes)
  })
}
