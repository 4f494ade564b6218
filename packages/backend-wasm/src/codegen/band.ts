import { i32, select } from '../assembler/index.ts'
import type { Local } from '../assembler/index.ts'
import type { Extent } from './access.ts'
import { Accumulator } from './fold.ts'
import { bandColumns } from './form.ts'
import { stages } from './graph.ts'
import { KernelWriter } from './kernel.ts'
import { vectorsOfNum } from './lower.ts'
import type { Pass } from './passes.ts'

type I32 = Local<'i32'>

/** Writes the function of a kernel in band form, which has one pass: its reductions are of one level. */
export class BandWriter extends KernelWriter {
  protected override unit(): void {
    const { f, program, plan, walk } = this
    const parts = new Set(program.reductions.map((_, r) => program.inputs.length + r))
    const [pass] = plan.passes
    const left = f.let(i32.sub(this.word('lanes'), i32.mul(walk.last, bandColumns)))
    const columns = f.let(select(i32.ltU(left, bandColumns), left, i32.const(bandColumns)))
    this.accumulators = program.reductions.map(
      ({ combine, value }) => new Accumulator(f, combine, value.type, { across: false, carries: false }, 1),
    )
    this.emitter.beginUnit(1)
    this.at = this.copies(parts)
    this.emitter.hoistToUnit(plan.hoisted(stages.unit), 0, 'full')
    this.#along(columns, pass.ways, [[this.at, parts]], (way, extent) => {
      program.reductions.forEach(({ value }, r) => {
        const identity = f.let(this.identities.get(r) ?? this.zero)
        this.storePartial(
          r,
          Array.from({ length: vectorsOfNum(value.type) }, () => identity),
          way,
          extent,
        )
      })
    })
    this.at = this.addresses
    this.#rows(pass, 0, (axis, count) => this.#fold(pass, parts, columns, axis, count))
  }

  /** Visits the rows of a unit, several neighbours at a time where there are as many. */
  #rows(pass: Pass, axis: number, visit: (axis: number, count: number) => void): void {
    const { f } = this
    const outside = this.at
    this.at = this.copies(pass.operands)
    const left = f.let(this.lengthOf(axis))
    const turn = (count: number, body: () => void): void =>
      f.while(i32.geU(left, count), () => {
        body()
        for (const o of pass.operands) f.add(this.at[o], i32.mul(this.innerStrides[o][axis], count))
        f.set(left, i32.sub(left, count))
      })
    if (axis < this.form.innerAxes - 1) turn(1, () => this.#rows(pass, axis + 1, visit))
    else for (const count of new Set([pass.rows, 1])) turn(count, () => visit(axis, count))
    this.at = outside
  }

  /** Folds some rows side by side into the partial results. */
  #fold(pass: Pass, parts: ReadonlySet<number>, columns: I32, axis: number, count: number): void {
    const { f, emitter } = this
    const outside = this.at
    const rows = [this.copies(new Set([...pass.operands, ...parts]))]
    for (let row = 1; row < count; row++) {
      rows.push(
        rows[row - 1].map((address, o) =>
          pass.operands.has(o) ? f.let(i32.add(address, this.innerStrides[o][axis])) : address,
        ),
      )
    }
    const inRow = (row: number): void => {
      this.at = rows[row]
      emitter.inRun(row)
    }
    rows.forEach((_, row) => {
      inRow(row)
      emitter.hoistToRun(pass.atRun)
    })
    const moved = rows.map((addresses) => [addresses, pass.operands] as const)
    this.#along(columns, pass.ways, [...moved, [rows[0], parts]], (way, extent) => {
      inRow(0)
      for (const { reduction, known } of pass.folds)
        this.accumulators[reduction].resume(emitter.emit(known, way, extent), this.zero)
      rows.forEach((_, row) => {
        inRow(row)
        this.vector(pass, way, 0, extent)
      })
      for (const { reduction } of pass.folds)
        this.storePartial(reduction, this.accumulators[reduction].finish(0, false), way, extent)
    })
    this.at = outside
  }

  /** Visits the columns of a band vector by vector, and moves addresses along. */
  #along(
    columns: I32,
    ways: number,
    moved: readonly (readonly [addresses: readonly I32[], operands: ReadonlySet<number>])[],
    body: (way: number, extent: Extent) => void,
  ): void {
    const { f } = this
    const left = f.let(columns)
    for (const count of new Set([ways, 1])) {
      f.while(i32.geU(left, 4 * count), () => {
        for (let way = 0; way < count; way++) body(way, 'full')
        for (const [addresses, operands] of moved)
          for (const o of operands) this.bumpLanes(addresses[o], o, 4 * count)
        f.set(left, i32.sub(left, 4 * count))
      })
    }
    f.if(left, () => body(0, left))
  }
}
