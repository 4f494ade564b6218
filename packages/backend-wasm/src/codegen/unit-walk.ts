import { i32 } from '../assembler/index.ts'
import type { Func, Local, Value } from '../assembler/index.ts'
import type { KernelBlock } from './kernel-block.ts'

type I32 = Local<'i32'>

/** The addresses of all operands as a kernel goes from unit to unit. */
export class UnitWalk {
  readonly addresses: readonly I32[]
  /** Positions along the axes that a unit's number is made of. */
  readonly counters: readonly I32[]
  readonly #f: Func
  readonly #block: I32
  readonly #layout: KernelBlock

  constructor(f: Func, block: I32, layout: KernelBlock, operands: number) {
    this.#f = f
    this.#block = block
    this.#layout = layout
    this.addresses = f.localArray('i32', operands)
    this.counters = f.localArray('i32', layout.unitAxes)
  }

  /** The position along the last axis. */
  get last(): I32 {
    return this.counters[this.counters.length - 1]
  }

  /** Goes to the unit of a number. */
  locate(unit: I32): void {
    const f = this.#f
    const rest = f.let(unit)
    for (let axis = this.counters.length - 1; axis > 0; axis--) {
      f.set(this.counters[axis], i32.remU(rest, this.#size(axis)))
      f.set(rest, i32.divU(rest, this.#size(axis)))
    }
    if (this.counters.length > 0) f.set(this.counters[0], rest)
    this.addresses.forEach((address, operand) => {
      let value: Value<'i32'> = this.#word(operand, 0)
      this.counters.forEach((counter, axis) => {
        value = i32.add(value, i32.mul(counter, this.#stride(operand, axis)))
      })
      f.set(address, value)
    })
  }

  /** Goes on to a unit from the one before it. */
  advance(unit: I32): void {
    const f = this.#f
    const axis = this.counters.length - 1
    if (axis < 0) return
    f.add(this.last, 1)
    f.if(
      i32.ltU(this.last, this.#size(axis)),
      () => this.addresses.forEach((address, operand) => f.add(address, this.#stride(operand, axis))),
      () => this.locate(unit),
    )
  }

  #size(axis: number): Value<'i32'> {
    return this.#layout.read(this.#block, 'unitSizes', axis)
  }

  #stride(operand: number, axis: number): Value<'i32'> {
    return this.#word(operand, 1 + axis)
  }

  #word(operand: number, i: number): Value<'i32'> {
    return this.#layout.read(this.#block, 'operands', operand * this.#layout.operandWords + i)
  }
}
