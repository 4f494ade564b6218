import type { Binding } from '../backend/types.ts'
import type { TypedArray } from '../base/dtype.ts'
import { IndexError } from '../base/errors.ts'
import { rowMajorStrides } from '../base/layout.ts'
import { nodesOf, reduced, type Axis, type Expr } from '../program/expr.ts'
import { spansInner, type Over, type Program } from '../program/program.ts'
import { Cursor, registerOf } from './access.ts'
import { castInto, numberAs, numberAsInt64 } from './cast.ts'
import { foldOf, type Fold } from './fold.ts'
import { stepOf, type Step } from './step.ts'

/** How many positions are computed at once. */
const width = 1024

interface Level {
  /** What a row has to meet to be folded. */
  readonly when: { readonly steps: readonly Step[]; readonly holds: TypedArray } | null
  readonly steps: readonly Step[]
  readonly folds: readonly { readonly fold: Fold; readonly into: TypedArray }[]
}

/** The iteration space of the binding that is being run. */
interface Space {
  outer: readonly number[]
  inner: readonly number[]
  rows: number
  columns: number
}

/**
 * A program as arrays and loops: one array of {@link width} values per node, one loop per node over the values of its
 * children. Typed arrays round and wrap as the number types do.
 *
 * Positions count the rows (outer positions) one after the other, each of at least one. A map knows no rows: all its
 * positions are one.
 */
export class Interpreter {
  private readonly program: Program
  private readonly isMap: boolean
  private readonly registers = new Map<Expr, TypedArray>()
  private readonly steps = new Map<Expr, Step | null>()
  private readonly levels: readonly Level[]
  private readonly allSteps: readonly Step[]
  private readonly outerSteps: readonly Step[]
  /** An outer output waits here until its row is done: its operand may be an input too. */
  private readonly waiting: readonly TypedArray[]
  private readonly checks: readonly {
    readonly steps: readonly Step[]
    readonly failed: TypedArray
    readonly inner: boolean
  }[]

  private inputs: Cursor[] = []
  private outputs: Cursor[] = []
  private space: Space = { outer: [], inner: [], rows: 1, columns: 1 }

  constructor(program: Program) {
    this.program = program
    const { inputs, reductions, outputs, checks } = program
    this.isMap = reductions.length === 0 && outputs.every((o) => o.over === 'all')
    this.levels = this.compileLevels()
    this.allSteps = this.schedule(outputs.filter((o) => o.over === 'all').map((o) => o.value))
    this.outerSteps = this.schedule(outputs.filter((o) => o.over === 'outer').map((o) => o.value))
    this.waiting = outputs.map((o) => registerOf(o.value.type, 1))
    this.checks = checks.map(({ fail }) => ({
      steps: this.schedule([fail]),
      failed: this.register(fail),
      inner: this.isMap || spansInner(fail, inputs),
    }))
  }

  /** Throws the program's first check that fails at any position. */
  check(binding: Binding): void {
    if (this.checks.length === 0) return
    this.bind(binding)
    const seen = this.checks.map(() => false)
    const look = (inner: boolean) => (p: number, n: number) =>
      this.checks.forEach((check, k) => {
        if (check.inner !== inner || seen[k]) return
        for (const step of check.steps) step(p, n)
        for (let i = 0; i < n; i++) if (check.failed[i]) seen[k] = true
      })
    this.eachRow((from, columns) => {
      this.reduce(from, columns)
      chunks(from, columns, look(true))
      look(false)(from, 1)
    })
    this.unbind()
    this.checks.forEach((_, k) => {
      if (seen[k]) throw new IndexError(this.program.checks[k].error)
    })
  }

  run(binding: Binding): void {
    this.bind(binding)
    const { outputs } = this.program
    this.eachRow((from, columns) => {
      this.reduce(from, columns)
      for (const step of this.outerSteps) step(from, 1)
      this.eachOutput('outer', (k, value) => castInto(outputs[k].value.type, value, this.waiting[k], 1))
      chunks(from, columns, (p, n) => {
        for (const step of this.allSteps) step(p, n)
        this.eachOutput('all', (k, value) => this.outputs[k].store(p, n, value))
      })
      for (let k = 0; k < outputs.length; k++) {
        if (outputs[k].over === 'outer') this.outputs[k].store(from, 1, this.waiting[k])
      }
    })
    this.unbind()
  }

  private eachOutput(over: Over, visit: (k: number, value: TypedArray) => void): void {
    const { outputs } = this.program
    for (let k = 0; k < outputs.length; k++) {
      if (outputs[k].over === over) visit(k, this.register(outputs[k].value))
    }
  }

  private eachRow(visit: (from: number, columns: number) => void): void {
    const { rows, columns, inner } = this.space
    if (this.isMap) return visit(0, rows * columns)
    // an empty axis counts as one, as cursors count it
    const step = product(inner.map((n) => Math.max(1, n)))
    for (let row = 0; row < rows; row++) visit(row * step, columns)
  }

  // one pass over the row per level; each may use the reductions of those before it
  private reduce(from: number, columns: number): void {
    for (const { when, steps, folds } of this.levels) {
      if (when) {
        for (const step of when.steps) step(from, 1)
        if (!when.holds[0]) continue
      }
      for (const { fold } of folds) fold.begin()
      chunks(from, columns, (p, n) => {
        for (const step of steps) step(p, n)
        for (const { fold } of folds) fold.take(n)
      })
      for (const { fold, into } of folds) fold.finish(into, Math.min(width, Math.max(1, columns)))
    }
  }

  private bind(binding: Binding): void {
    const { inputs, outputs } = this.program
    const { outer, inner, operands, params } = binding
    this.space = { outer, inner, rows: product(outer), columns: product(inner) }
    const shape = [...outer, ...inner]
    const cursor = (over: Over, i: number): Cursor => {
      const { strides } = operands[i].layout
      const own = over === 'scalar' ? 0 : over === 'outer' ? outer.length : shape.length
      return new Cursor(
        operands[i],
        shape,
        shape.map((_, axis) => (axis < own ? strides[axis] : 0)),
      )
    }
    this.inputs = inputs.map(({ over }, i) => cursor(over, i))
    this.outputs = outputs.map(({ over }, i) => cursor(over, inputs.length + i))
    const { rows, columns } = this.space
    const used = Math.min(width, Math.max(1, this.isMap ? rows * columns : columns))
    for (const [e, register] of this.registers) {
      if (e.op === 'param') fill(register, params[e.i], used)
      else if (e.op === 'size') fill(register, this.lengthOf(e.of), used)
    }
  }

  // a program must not keep the memory of its last operands
  private unbind(): void {
    this.inputs = []
    this.outputs = []
  }

  private compileLevels(): Level[] {
    const { reductions, levels } = this.program
    const count = Math.max(0, ...levels)
    return Array.from({ length: count }, (_, level) => {
      const here = reductions.map((r, i) => ({ ...r, i })).filter(({ i }) => levels[i] === level + 1)
      const when = here[0].when
      return {
        when: when ? { steps: this.schedule([when]), holds: this.register(when) } : null,
        steps: this.schedule(here.map(({ value }) => value)),
        folds: here.map(({ combine, value, i }) => ({
          fold: foldOf(combine, value.type, this.register(value)),
          into: this.register(reduced(i, value.type)),
        })),
      }
    })
  }

  private schedule(roots: readonly Expr[]): Step[] {
    return nodesOf(roots).flatMap((e) => this.step(e) ?? [])
  }

  private register(e: Expr): TypedArray {
    let register = this.registers.get(e)
    if (!register) {
      register = registerOf(e.type, width)
      if (e.op === 'const') fill(register, e.value, width)
      this.registers.set(e, register)
    }
    return register
  }

  // constants, params, sizes and reductions stand in their arrays before a pass begins
  private step(e: Expr): Step | null {
    let step = this.steps.get(e)
    if (step === undefined) {
      this.steps.set(e, (step = this.compile(e)))
    }
    return step
  }

  private compile(e: Expr): Step | null {
    const register = this.register(e)
    switch (e.op) {
      case 'input':
        return (p, n) => this.inputs[e.i].load(p, n, register)
      case 'index':
        return (p, n) => this.indices(e.of, p, n, register)
      case 'const':
      case 'param':
      case 'size':
      case 'reduced':
        return null
      default:
        return stepOf(e, (child) => this.register(child))
    }
  }

  private lengthOf({ of, axis }: Axis): number {
    const shape = this.space[of]
    return axis === 'flat' ? product(shape) : shape[axis]
  }

  private indices(axis: Axis, p: number, n: number, into: TypedArray): void {
    const shape = this.space[axis.of]
    const columns = Math.max(1, this.space.columns)
    const below = axis.axis === 'flat' ? 1 : rowMajorStrides(shape)[axis.axis]
    const length = Math.max(1, this.lengthOf(axis))
    if (into instanceof BigInt64Array) throw new TypeError('positions are i32')
    for (let i = 0; i < n; i++) {
      const flat = axis.of === 'outer' ? Math.floor((p + i) / columns) : (p + i) % columns
      into[i] = Math.floor(flat / below) % length
    }
  }
}

/** Visits `count` positions from `from` on, at most {@link width} at a time. */
function chunks(from: number, count: number, visit: (p: number, n: number) => void): void {
  for (let done = 0; done < count; done += width) visit(from + done, Math.min(width, count - done))
}

function fill(register: TypedArray, value: number | bigint, n: number): void {
  if (register instanceof BigInt64Array) {
    register.fill(typeof value === 'bigint' ? value : numberAsInt64(value), 0, n)
  } else if (register instanceof Int32Array) register.fill(numberAs('i32')(Number(value)), 0, n)
  else if (register instanceof Uint8Array) register.fill(Number(value) === 0 ? 0 : 1, 0, n)
  else register.fill(Number(value), 0, n)
}

function product(sizes: readonly number[]): number {
  let size = 1
  for (const n of sizes) size *= n
  return size
}
