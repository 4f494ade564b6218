import { bytesOf, codeOf, convert, input, numOf, Program, type DType } from '@gradus/core/backend'
import type { Machine } from '../machine.ts'
import type { Placed } from './placed.ts'
import { ProgramRunner } from '../program-runner.ts'

// elements of one dtype are moved as integers of their size: NaNs and bytes that are no bool stay what they are
const bits: Record<number, DType> = { 1: 'uint8', 2: 'int16', 4: 'int32', 8: 'int64' }

/** Copies between any strides and dtypes: one program per pair of dtypes. */
export class Copies {
  readonly #machine: Machine
  readonly #runners: (ProgramRunner | undefined)[] = []

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** Copies as part of a call that has begun. Shapes are equal. */
  copy(x: Placed, out: Placed): void {
    const { layout } = out
    if (layout.size === 0) return
    const same = x.dtype === out.dtype
    const size = bytesOf(out.dtype)
    if (same && x.layout.contiguous && layout.contiguous) {
      const from = x.address + x.layout.offset * size
      this.#machine.memory.u8.copyWithin(out.address + layout.offset * size, from, from + layout.size * size)
      return
    }
    if (same && this.#machine.transposes?.transpose(this.#machine, x, out)) return
    const runner = same ? this.#runner(bits[size], bits[size]) : this.#runner(x.dtype, out.dtype)
    runner.runAt(
      { outer: layout.shape, inner: [], layouts: [x.layout, layout] },
      [x.address, out.address],
      [],
    )
  }

  #runner(from: DType, to: DType): ProgramRunner {
    return (this.#runners[codeOf(from) * 16 + codeOf(to)] ??= ProgramRunner.of(
      this.#machine,
      copyProgram(from, to),
    ))
  }
}

const copyProgram = (from: DType, to: DType): Program =>
  new Program({
    inputs: [{ dtype: from, over: 'all' }],
    outputs: [{ dtype: to, over: 'all', value: convert(input(0, numOf(from)), numOf(to)) }],
  })
