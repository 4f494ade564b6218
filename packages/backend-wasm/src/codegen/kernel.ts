import type { Program } from '@gradus/core/backend'
import { i32, i32x4, select, v128 } from '../assembler/index.ts'
import type { Func, FuncRef, Local, Params, Value, ValueType } from '../assembler/index.ts'
import { loadLanes, loadSplat, storeLanes, type Extent, type Place } from './access.ts'
import { Emitter } from './emitter.ts'
import { Accumulator, identityOf } from './fold.ts'
import type { Form, Operand } from './form.ts'
import type { KernelBlock } from './kernel-block.ts'
import { stages, type Node } from './graph.ts'
import { rootsOf, type Pass, type Plan } from './passes.ts'
import { iota, packMask, splatOf, splatParam, validLanes, wideMask } from './splat.ts'
import { UnitWalk } from './unit-walk.ts'

type I32 = Local<'i32'>
type Vector = Value<'v128'>

/** Turns of the innermost loop in which float32 is summed before it is carried to float64. */
const runLength = 128

/** Writes the function of a kernel: `(block, from, to)` runs chunks `from` to `to` of the work in the argument block. */
export class KernelWriter {
  protected readonly f: Func
  protected readonly block: I32
  protected readonly program: Program
  protected readonly form: Form
  readonly #operands: readonly Operand[]
  protected readonly plan: Plan
  readonly #layout: KernelBlock
  protected readonly emitter: Emitter
  protected readonly walk: UnitWalk
  /** Addresses of the operands at the current unit, and in the loops inside it. */
  protected readonly addresses: readonly I32[]
  protected at: readonly I32[]
  readonly #laneStrides: I32[]
  protected readonly innerStrides: readonly I32[][]
  readonly #innerSizes: I32[]
  protected readonly identities = new Map<number, Vector>()
  readonly #failed: Local<'v128'>[]
  protected accumulators: Accumulator[] = []
  #results: Local<'v128'>[][][] = []
  protected readonly zero: Local<'v128'>
  /** Positions relative to that of the first lane, of several vectors side by side. */
  readonly #iotas: Local<'v128'>[]

  constructor(
    f: Func,
    block: I32,
    func: (name: string) => FuncRef<Params, ValueType>,
    context: { program: Program; form: Form; operands: readonly Operand[]; plan: Plan; layout: KernelBlock },
  ) {
    const { program, form, operands, plan, layout } = context
    this.f = f
    this.block = block
    this.program = program
    this.form = form
    this.#operands = operands
    this.plan = plan
    this.#layout = layout
    this.emitter = new Emitter(f, func, (node, way, extent) => this.#leaf(node, way, extent))
    const { unitAxes, innerAxes, operandWords } = layout
    const word = (operand: number, i: number): I32 =>
      f.let(layout.read(block, 'operands', operand * operandWords + i))
    this.walk = new UnitWalk(f, block, layout, operands.length)
    this.addresses = this.walk.addresses
    this.at = this.addresses
    this.innerStrides = operands.map((_, o) =>
      Array.from({ length: innerAxes }, (_, a) => word(o, 1 + unitAxes + a)),
    )
    this.#laneStrides = operands.map((_, o) => word(o, 1 + unitAxes + innerAxes))
    this.#innerSizes = Array.from({ length: innerAxes }, (_, a) => f.let(layout.read(block, 'innerSizes', a)))
    this.#failed = program.checks.map(() => f.local('v128'))
    this.zero = f.let(i32x4.splat(0))
    const counts = operands.some((o) => o.kind === 'position' && o.access === 'unit')
    this.#iotas = Array.from({ length: counts ? plan.ways : 0 }, (_, way) =>
      f.let(i32x4.add(iota, i32x4.splat(4 * way))),
    )
  }

  write(from: I32, to: I32): void {
    const f = this.f
    const perChunk = f.let(this.word('unitsPerChunk'))
    const units = f.let(this.word('units'))
    const unit = f.let(i32.mul(from, perChunk))
    const end = f.let(i32.mul(to, perChunk))
    f.set(end, select(i32.ltU(end, units), end, units))
    this.emitter.beginUnit(1)
    for (const [r, { combine, value }] of this.program.reductions.entries()) {
      this.identities.set(r, f.let(splatOf(value.type, identityOf(combine, value.type))))
    }
    this.emitter.hoistToEntry(this.plan.hoisted(stages.entry))
    f.if(i32.ltU(unit, end), () => {
      this.walk.locate(unit)
      f.loop((again) => {
        this.unit()
        f.add(unit, 1)
        f.if(i32.ltU(unit, end), () => {
          this.walk.advance(unit)
          f.br(again)
        })
      })
    })
    this.#failed.forEach((failed, check) => {
      f.if(v128.anyTrue(failed), () => f.do(i32.store8(this.word('flag'), 1, check)))
    })
  }

  protected word(
    name: 'units' | 'unitsPerChunk' | 'splitTotal' | 'splitLength' | 'lanes' | 'flag',
  ): Value<'i32'> {
    return this.#layout.read(this.block, name)
  }

  protected unit(): void {
    if (this.form.mode === 'row') return this.#body(1, 'full')
    const f = this.f
    const { ways } = this.plan
    const column = this.walk.last
    const left = f.let(i32.sub(this.word('lanes'), i32.mul(column, 4 * ways)))
    const narrow = (): void => {
      const start = this.addresses.map((address) => f.let(address))
      const step = (): void => {
        this.addresses.forEach((address, o) => this.bumpLanes(address, o, 4))
        f.set(left, i32.sub(left, 4))
      }
      if (ways > 1) {
        f.while(i32.geU(left, 4), () => {
          this.#body(1, 'full')
          step()
        })
      }
      f.if(left, () => this.#body(1, left))
      this.addresses.forEach((address, o) => f.set(address, start[o]))
    }
    f.if(i32.geU(left, 4 * ways), () => this.#body(ways, 'full'), narrow)
  }

  /** All passes over the current unit; in column form over `ways` vectors of columns. */
  #body(ways: number, extent: Extent): void {
    const { reductions, levels } = this.program
    const { passes, hoisted } = this.plan
    const across = this.form.mode === 'row'
    this.emitter.beginUnit(ways)
    this.at = this.addresses
    this.#results = Array.from({ length: ways }, () => reductions.map(() => []))
    this.accumulators = reductions.map(({ combine, value }, r) => {
      const pass = passes.find(({ folds }) => folds.some(({ reduction }) => reduction === r))
      const carries = combine === 'sum' && value.type === 'f32'
      return new Accumulator(this.f, combine, value.type, { across, carries }, (across && pass?.ways) || ways)
    })
    const hoist = (stage: number): void => {
      for (let way = 0; way < ways; way++) this.emitter.hoistToUnit(hoisted(stage), way, extent)
    }
    hoist(stages.unit)
    passes.forEach((pass, at) => {
      for (const { reduction } of pass.folds) {
        const identity = this.identities.get(reduction) ?? this.zero
        this.accumulators[reduction].begin(identity, this.zero)
      }
      const loops = (): void => {
        if (across) this.#rowLoops(pass, 0)
        else this.#columnLoops(pass, 0, ways, extent)
      }
      if (pass.when.length === 0) loops()
      else {
        const wanted = Array.from({ length: ways }, (_, way) => this.emitter.emit(pass.when, way, extent)[0])
        this.f.if(v128.anyTrue(wanted.reduce((any, mask) => v128.or(any, mask))), loops)
      }
      this.at = this.addresses
      for (const { reduction } of pass.folds) {
        for (let way = 0; way < ways; way++) {
          this.#results[way][reduction] = this.accumulators[reduction].finish(way, this.form.partial)
        }
      }
      if (at < Math.max(0, ...levels)) hoist(stages.unit + at + 1)
    })
    for (let way = 0; way < ways; way++) this.#finish(way, extent)
  }

  /** The length of an inner axis: of a segment, where it is the one that is split. */
  protected lengthOf(axis: number): Value<'i32'> {
    const total = axis < this.#innerSizes.length ? this.#innerSizes[axis] : this.word('lanes')
    if (!this.form.split || axis > 0) return total
    const length = this.word('splitLength')
    const done = i32.mul(this.walk.counters[this.form.outerAxes], length)
    const left = this.f.let(i32.sub(this.word('splitTotal'), done))
    return select(i32.ltU(left, length), left, length)
  }

  protected copies(operands: ReadonlySet<number>): I32[] {
    return this.at.map((address, o) => (operands.has(o) ? this.f.let(address) : address))
  }

  #rowLoops(pass: Pass, axis: number): void {
    const f = this.f
    const outside = this.at
    this.at = this.copies(pass.operands)
    if (axis === this.form.innerAxes) this.#rowRun(pass)
    else {
      const left = f.let(this.lengthOf(axis))
      f.while(left, () => {
        this.#rowLoops(pass, axis + 1)
        for (const o of pass.operands) f.add(this.at[o], this.innerStrides[o][axis])
        f.set(left, i32.sub(left, 1))
      })
    }
    this.at = outside
  }

  #rowRun(pass: Pass): void {
    const f = this.f
    const { ways } = pass
    const width = 4 * ways
    const left = f.let(this.lengthOf(this.form.innerAxes))
    this.emitter.hoistToRun(pass.atRun)
    const step = (lanes: number): void => {
      for (const o of pass.operands) this.bumpLanes(this.at[o], o, lanes)
      f.set(left, i32.sub(left, lanes))
    }
    const wide = (): void => {
      for (let way = 0; way < ways; way++) this.vector(pass, way, way, 'full')
      step(width)
    }
    const carried = pass.folds.map((x) => this.accumulators[x.reduction]).filter((a) => a.carries)
    const flush = (): void => {
      for (const accumulator of carried) accumulator.flush(this.zero)
    }
    if (carried.length === 0) f.while(i32.geU(left, width), wide)
    else {
      f.while(i32.geU(left, width), () => {
        const most = width * runLength
        const limit = f.let(
          select(i32.gtU(left, most + width - 1), i32.sub(left, most), i32.const(width - 1)),
        )
        f.doWhile(wide, i32.gtU(left, limit))
        f.if(i32.geU(left, width), flush)
      })
    }
    if (ways > 1) {
      f.while(i32.geU(left, 4), () => {
        this.vector(pass, 0, 0, 'full')
        step(4)
      })
    }
    f.if(left, () => this.vector(pass, 0, 0, left))
    flush()
  }

  #columnLoops(pass: Pass, axis: number, ways: number, extent: Extent): void {
    const f = this.f
    const outside = this.at
    this.at = this.copies(pass.operands)
    const left = f.let(this.lengthOf(axis))
    const step = (): void => {
      for (const o of pass.operands) f.add(this.at[o], this.innerStrides[o][axis])
      f.set(left, i32.sub(left, 1))
    }
    if (axis < this.form.innerAxes - 1) {
      f.while(left, () => {
        this.#columnLoops(pass, axis + 1, ways, extent)
        step()
      })
    } else {
      const turn = (): void => {
        this.emitter.hoistToRun(pass.atRun)
        for (let way = 0; way < ways; way++) this.vector(pass, way, way, extent)
        step()
      }
      const carried = pass.folds.map((x) => this.accumulators[x.reduction]).filter((a) => a.carries)
      if (carried.length === 0) f.while(left, turn)
      else {
        f.while(left, () => {
          const limit = f.let(select(i32.gtU(left, runLength), i32.sub(left, runLength), i32.const(0)))
          f.doWhile(turn, i32.gtU(left, limit))
          for (const accumulator of carried) accumulator.flush(this.zero)
        })
      }
    }
    this.at = outside
  }

  /** One vector of a pass, folded into a way of the accumulators. */
  protected vector(pass: Pass, way: number, accumulator: number, extent: Extent): void {
    const f = this.f
    const masked = this.form.mode === 'row' && typeof extent === 'object'
    const valid = masked && pass.folds.length > 0 ? f.let(validLanes(extent)) : undefined
    const values = this.emitter.emit(rootsOf(pass), way, extent)
    let next = 0
    for (const { reduction, value, factors } of pass.folds) {
      const identity = this.identities.get(reduction) ?? this.zero
      const x = (factors.length > 0 ? factors : value).map((_, i, { length }) => {
        const lanes = values[next++]
        if (!valid) return lanes
        // two factors that are 0 are the identity of a sum
        const half = Math.floor((i * value.length) / length)
        return v128.bitselect(lanes, identity, value.length === 1 ? valid : wideMask(valid, half))
      })
      if (factors.length > 0) this.accumulators[reduction].takeProducts(accumulator, x)
      else this.accumulators[reduction].take(accumulator, x)
    }
    // every value is there before the first store: an output may be an input
    if (pass.stores.length + pass.checks.length > 1) {
      for (let i = next; i < values.length; i++) values[i] = f.let(values[i])
    }
    for (const { operand, raw } of pass.stores) {
      raw.forEach((_, half) => this.#store(operand, half, way, extent, values[next++]))
    }
    for (const { check } of pass.checks) this.fail(check, values[next++], extent)
  }

  #store(operand: number, half: number, way: number, extent: Extent, value: Vector): void {
    storeLanes(this.f, this.#place(operand, way), half === 0 ? 0 : 1, extent, value)
  }

  protected fail(check: number, mask: Vector, extent: Extent): void {
    const failed = this.#failed[check]
    this.f.set(
      failed,
      v128.or(failed, typeof extent === 'object' ? v128.and(mask, validLanes(extent)) : mask),
    )
  }

  /** Writes the results of a unit. */
  #finish(way: number, extent: Extent): void {
    const { partial, mode } = this.form
    const { stores, checks } = this.plan.outer
    const where: Extent = mode === 'row' ? 'first' : extent
    const roots = [...stores.flatMap((x) => x.raw), ...checks.map((x) => x.fail)]
    const values = this.emitter.emit(roots, way, extent).map((value) => this.f.let(value))
    let next = 0
    for (const { operand, raw } of stores) {
      raw.forEach((_, half) => this.#storeResult(operand, half, way, where, values[next++]))
    }
    for (const { check } of checks) this.fail(check, values[next++], extent)
    if (!partial) return
    this.program.reductions.forEach((_, r) => this.storePartial(r, this.#results[way][r], way, where))
  }

  /** Writes the result of a reduction as it is: a mask as bytes of 0 and 1. */
  protected storePartial(reduction: number, result: Local<'v128'>[], way: number, extent: Extent): void {
    const { inputs, reductions } = this.program
    const lanes = reductions[reduction].value.type === 'bool' ? packMask(result[0]) : result
    lanes.forEach((x, half) => this.#storeResult(inputs.length + reduction, half, way, extent, x))
  }

  // in row form a result is one element, whose lanes are all equal
  #storeResult(operand: number, half: number, way: number, extent: Extent, value: Vector): void {
    if (extent !== 'first' || half === 0) this.#store(operand, half, way, extent, value)
  }

  #place(operand: number, way: number): Place {
    const { dtype, access } = this.#operands[operand]
    return { dtype, access, address: this.at[operand], stride: this.#laneStrides[operand], way }
  }

  protected bumpLanes(address: I32, operand: number, lanes: number): void {
    const { access, unit } = this.#operands[operand]
    if (access === 'unit') this.f.add(address, lanes * unit)
    if (access === 'strided') this.f.add(address, i32.mul(this.#laneStrides[operand], lanes))
  }

  /** The code of a value that the loops supply. */
  #leaf({ leaf }: Node, way: number, extent: Extent): Vector {
    switch (leaf?.kind) {
      case 'load': {
        const { dtype, over } = this.#operands[leaf.operand]
        const perRow = over !== 'all' && this.form.mode === 'row'
        if (perRow || over === 'scalar') return loadSplat(dtype, this.addresses[leaf.operand])
        return loadLanes(this.f, this.#place(leaf.operand, way), leaf.half, extent)
      }
      case 'position': {
        const { access, over } = this.#operands[leaf.operand]
        const at = this.at[leaf.operand]
        const stride = this.#laneStrides[leaf.operand]
        if (access === 'constant' || (over !== 'all' && this.form.mode === 'row')) return i32x4.splat(at)
        if (access === 'unit') return i32x4.add(i32x4.splat(at), this.#iotas[way])
        const first = way === 0 ? at : i32.add(at, i32.mul(stride, 4 * way))
        return i32x4.add(i32x4.splat(first), i32x4.mul(i32x4.splat(stride), iota))
      }
      case 'param':
        return splatParam(this.program.params[leaf.i], this.block, this.#layout.params + 8 * leaf.i)
      case 'size':
        return i32x4.splat(this.#layout.read(this.block, 'sizes', leaf.i))
      case 'reduced':
        return this.#results[way][leaf.i][leaf.half]
      default:
        throw new Error('a leaf has a kind')
    }
  }
}
