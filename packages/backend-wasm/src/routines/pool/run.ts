import {
  bytesOf,
  categoryOf,
  codeOf,
  DTypeError,
  dtypeOfNum,
  iinfo,
  numOf,
  unreachable,
  windowAxes,
} from '@gradus/core/backend'
import type { Num, View, Window } from '@gradus/core/backend'
import type { Code, Machine } from '../../machine.ts'
import type { Copies } from '../copies.ts'
import {
  maxPoolModule,
  poolAxisBlock,
  poolBlock,
  spreadPoolModule,
  sumPoolModule,
  type PoolType,
} from './kernel.ts'
import { Staging } from '../staging.ts'

const parallelElements = 2 ** 16

/** Windows over planes on the machine's kernels, a module per kind and dtype. */
export class Pools {
  readonly #machine: Machine
  readonly #copies: Copies

  constructor(machine: Machine, copies: Copies) {
    this.#machine = machine
    this.#copies = copies
  }

  /** The largest value of each window and its position in the plane. */
  max(x: View, out: View, kernel: readonly number[], window: Window, indices: View): void {
    const staging = new Staging(this.#machine, this.#copies, [x, out, indices])
    const type = poolType(numOf(x.dtype))
    const dtype = dtypeOfNum[type]
    const lowest = categoryOf(x.dtype) === 'int' ? iinfo(x.dtype).min : -Infinity
    const code = this.#machine.module(`pool max ${codeOf(x.dtype)}`, (shared) =>
      maxPoolModule(type, lowest, shared),
    )
    const at = [staging.read(x, dtype), staging.write(out, dtype), staging.write(indices, 'int32')]
    this.#run(code, x, out, kernel, window, at)
    staging.finish()
  }

  /** Adds windows up, or spreads each output over its window. Half precision is rounded once, at the end. */
  sum(kind: 'sum' | 'spread', x: View, out: View, kernel: readonly number[], window: Window): void {
    if (x.dtype === 'int64') throw new DTypeError('pool does not take int64')
    const staging = new Staging(this.#machine, this.#copies, [x, out])
    const type = poolType(numOf(x.dtype))
    if (type === 'i64') return
    const dtype = dtypeOfNum[type]
    const code = this.#machine.module(`pool ${kind} ${type}`, (shared) =>
      kind === 'sum' ? sumPoolModule(type, shared) : spreadPoolModule(type, shared),
    )
    const at =
      kind === 'sum'
        ? [staging.read(x, dtype), staging.write(out, dtype), 0]
        : [staging.write(x, dtype), staging.read(out, dtype), 0]
    if (kind === 'spread') this.#machine.memory.u8.fill(0, at[0], at[0] + x.layout.size * bytesOf(dtype))
    this.#run(code, x, out, kernel, window, at)
    staging.finish()
  }

  #run(
    code: Code,
    x: View,
    out: View,
    kernel: readonly number[],
    window: Window,
    addresses: readonly number[],
  ): void {
    const lead = x.layout.rank - kernel.length
    const axes = windowAxes(x.layout.shape.slice(lead), out.layout.shape.slice(lead), kernel, window)
    const plane = axes.reduce((n, { length }) => n * length, 1)
    const outPlane = axes.reduce((n, { count }) => n * count, 1)
    const planes = x.layout.shape.slice(0, lead).reduce((a, b) => a * b, 1)
    if (planes * outPlane === 0) return
    const block = this.#machine.arguments(poolBlock.bytes)
    const [from, to, positions] = addresses
    const geometry = axes.flatMap((axis) => poolAxisBlock.list({ ...axis }))
    const words = poolBlock.list({ x: from, out: to, indices: positions, plane, outPlane, axes: geometry })
    this.#machine.memory.words.set(words, block >> 2)
    const grain = Math.max(1, Math.floor(2 ** 13 / outPlane))
    this.#machine.launch(code, 0, block, planes, grain, planes * plane >= parallelElements)
  }
}

const poolType = (num: Num): PoolType => (num === 'bool' ? unreachable('pool of bool') : num)
