import { bytesOf, IndexError, Layout } from '@gradus/core/backend'
import type { Binding, Block, Program, View } from '@gradus/core/backend'
import { CompiledProgram, isFlat, writeBlock, writeFlat, type Flat } from './codegen/compiled-program.ts'
import type { Kernel } from './codegen/compile.ts'
import { lengthOf, type Plan, type Space } from './codegen/plan.ts'
import { cellOf, pin, type Cell, type Heap } from './heap/index.ts'
import type { Code, Machine } from './machine.ts'
import { missing } from './parts/part.ts'
import { PlanCache } from './plan-cache.ts'
import { entryNames } from './threads/index.ts'

const entries = { run: entryNames.indexOf('run'), runMany: entryNames.indexOf('runMany') }

/** Elements from which on many bindings together are worth several threads. */
const parallelElements = 2 ** 17

/** A kernel and an argument block that is written. */
interface Task {
  readonly code: Code
  readonly block: number
  readonly chunks: number
}

interface Planned {
  readonly plan: Plan
  readonly code: Code
  /** Inputs of a map that lie in another memory order than the output: they are first copied into the order of the output. */
  readonly crossed: { readonly inputs: readonly number[]; readonly space: Space } | null
  /** The program that combines partial results, from the first call on. */
  second: Second | null
}

interface Second {
  readonly runner: ProgramRunner
  readonly planned: Planned
  readonly space: Space
  /** Bytes of the parts of each reduction. */
  readonly bytes: readonly number[]
  /** Inputs of the whole program that it reads too, and lengths of axes that it takes as params. */
  readonly inputs: readonly number[]
  readonly lengths: readonly number[]
}

// cells and addresses of one call; calls do not nest
const cells: Cell[] = []
const addresses: number[] = []

/** As {@link pin}, and writes where the operands are to {@link addresses}. */
function place(heap: Heap, operands: readonly View[]): void {
  let missing = false
  for (let i = 0; i < operands.length; i++) {
    const cell = cellOf(operands[i].storage.block)
    cells[i] = cell
    if (heap.use(cell)) missing = true
  }
  if (missing) for (let i = 0; i < operands.length; i++) heap.restore(cells[i])
  for (let i = 0; i < operands.length; i++) addresses[i] = cells[i].address
}

/** Runs one program: the entry of this backend in {@link Program.compiled}. */
export class ProgramRunner {
  readonly #machine: Machine
  readonly #compiled: CompiledProgram
  readonly #codes: Map<Kernel, Code>
  readonly #checks: number
  readonly #flat: Flat | null
  #flatCode: Code | null = null
  readonly #plans = new PlanCache<Planned>()
  readonly #combining = new Map<CompiledProgram, ProgramRunner>()

  constructor(machine: Machine, compiled: CompiledProgram, codes = new Map<Kernel, Code>()) {
    this.#machine = machine
    this.#compiled = compiled
    this.#codes = codes
    this.#checks = compiled.program.checks.length
    this.#flat = compiled.flat
  }

  static of(machine: Machine, program: Program): ProgramRunner {
    const { relaxed, shared, functions } = machine
    return new ProgramRunner(machine, new CompiledProgram(program, { relaxed, shared, functions }))
  }

  run(bindings: readonly Binding[]): void {
    if (bindings.length === 1) this.runOne(bindings[0])
    else if (bindings.length > 1) this.#runMany(bindings)
  }

  /** Runs one binding as part of a call that has begun. */
  runOne(binding: Binding): void {
    const { operands, params } = binding
    const machine = this.#machine
    if (this.#checks > 0 && this.#writesItsInput(operands)) return this.#runApart(binding)
    place(machine.heap, operands)
    const flag = this.#checks === 0 ? 0 : this.#flags()
    const flat = this.#flat
    if (flat !== null && isFlat(operands)) {
      const code = (this.#flatCode ??= this.#code(flat.kernel))
      const block = machine.arguments(flat.kernel.layout.bytes)
      const { words, doubles } = machine.memory
      const chunks = writeFlat(flat, words, doubles, block, operands[0].layout.size, addresses, params, flag)
      if (chunks === 1) code.entries[entries.run](block, 0, 1)
      else machine.launch(code, entries.run, block, chunks, 1, true)
    } else {
      this.#runPlanned(
        { outer: binding.outer, inner: binding.inner, layouts: operands.map((o) => o.layout) },
        addresses.slice(0, operands.length),
        params,
        flag,
      )
    }
    if (flag !== 0) this.#verify(flag)
  }

  /** Runs on addresses, as part of a call that has begun: nothing moves. Checks are not looked at. */
  runAt(space: Space, operands: readonly number[], params: readonly number[]): void {
    this.#runPlanned(space, operands, params, 0)
  }

  #code(kernel: Kernel): Code {
    let code = this.#codes.get(kernel)
    if (!code) {
      const imports = Object.fromEntries(kernel.imports.map((name) => [name, this.#hostFunction(name)]))
      code = this.#machine.load(kernel.bytes, imports, kernel.imports.length === 0)
      this.#codes.set(kernel, code)
    }
    return code
  }

  #hostFunction(name: string): (x: number, y: number) => number {
    const { ofDoubles } = this.#machine.functions
    if (ofDoubles === undefined) throw missing(`${name} of float64`, 'doubleFunctions')
    return ofDoubles(name)
  }

  #planned(space: Space): Planned {
    const known = this.#plans.get(space)
    if (known) return known
    const plan = this.#compiled.plan(space)
    const code = this.#code(this.#compiled.kernel(plan.form))
    return this.#plans.set(space, { plan, code, crossed: this.#crossed(space, plan), second: null })
  }

  #crossed({ outer, inner, layouts }: Space, { form }: Plan): Planned['crossed'] {
    const { demands, program } = this.#compiled
    const out = layouts[program.inputs.length]
    const { transposes } = this.#machine
    if (!demands.map || out === undefined || transposes === null) return null
    // the memory order of the output, without its offset
    const order = out.dense ? new Layout(out.shape, out.strides) : Layout.of(out.shape)
    const inputs = program.inputs.flatMap(({ dtype, over }, i) =>
      over === 'all' && form.access[i] === 'strided' && transposes.helps(layouts[i], order, dtype) ? [i] : [],
    )
    if (inputs.length === 0) return null
    return {
      inputs,
      space: { outer, inner, layouts: layouts.map((layout, i) => (inputs.includes(i) ? order : layout)) },
    }
  }

  /** Copies inputs into the order of the output; addresses of the operands from then on. */
  #turned(
    { inputs, space }: NonNullable<Planned['crossed']>,
    from: Space,
    operands: readonly number[],
  ): number[] {
    const machine = this.#machine
    const turned = [...operands]
    for (const i of inputs) {
      const { dtype } = this.#compiled.program.inputs[i]
      const layout = space.layouts[i]
      turned[i] = machine.scratch(layout.size * bytesOf(dtype))
      // operands are crossed only where there is this part
      machine.transposes!.transpose(
        machine,
        { address: operands[i], layout: from.layouts[i], dtype },
        { address: turned[i], layout, dtype },
      )
    }
    return turned
  }

  #runPlanned(space: Space, operands: readonly number[], params: readonly number[], flag: number): void {
    this.#runAs(this.#planned(space), space, operands, params, flag)
  }

  #runAs(
    planned: Planned,
    space: Space,
    operands: readonly number[],
    params: readonly number[],
    flag: number,
  ): void {
    const { plan, code, crossed } = planned
    if (plan.form.partial) this.#runParts(space, operands, params, flag, planned)
    else if (crossed !== null)
      this.#runPlanned(crossed.space, this.#turned(crossed, space, operands), params, flag)
    else {
      const task = this.#write(planned, operands, params, flag)
      this.#machine.launch(code, entries.run, task.block, task.chunks, 1, task.chunks > 1)
    }
  }

  #write(
    { plan, code }: Planned,
    operands: readonly number[],
    params: readonly number[],
    flag: number,
  ): Task {
    const block = this.#machine.arguments(plan.bytes)
    const { words, doubles } = this.#machine.memory
    return { code, block, chunks: writeBlock(plan, words, doubles, block, operands, params, flag) }
  }

  /** Folds segments of rows, then the partial results. */
  #runParts(
    space: Space,
    operands: readonly number[],
    params: readonly number[],
    flag: number,
    planned: Planned,
  ): void {
    const machine = this.#machine
    const second = (planned.second ??= this.#second(space, planned.plan))
    const count = this.#compiled.program.inputs.length
    const parts = second.bytes.map((bytes) => machine.scratch(bytes))
    const task = this.#write(planned, [...operands.slice(0, count), ...parts], params, flag)
    machine.launch(task.code, entries.run, task.block, task.chunks, 1, task.chunks > 1)
    const rest = [...parts, ...second.inputs.map((i) => operands[i]), ...operands.slice(count)]
    second.runner.#runAs(second.planned, second.space, rest, [...params, ...second.lengths], flag)
  }

  #second(space: Space, { form, segments }: Plan): Second {
    const { how, compiled } = this.#compiled.combining(form)
    let runner = this.#combining.get(compiled)
    if (!runner)
      this.#combining.set(compiled, (runner = new ProgramRunner(this.#machine, compiled, this.#codes)))
    const parts = this.#compiled.program.reductions.map((_, r) => bytesOf(how.program.inputs[r].dtype))
    const outer = Layout.of(space.outer)
    const part = new Layout([...space.outer, segments], [...outer.strides, outer.size])
    const layouts = [
      ...parts.map(() => part),
      ...how.inputs.map((i) => space.layouts[i]),
      ...space.layouts.slice(this.#compiled.program.inputs.length),
    ]
    const own = { outer: space.outer, inner: [segments], layouts }
    return {
      runner,
      planned: runner.#planned(own),
      space: own,
      bytes: parts.map((bytes) => outer.size * segments * bytes),
      inputs: how.inputs,
      lengths: how.lengths.map((axis) => lengthOf(space, axis)),
    }
  }

  #runMany(bindings: readonly Binding[]): void {
    const machine = this.#machine
    let bytes = 0
    for (const { operands } of bindings) for (const { storage } of operands) bytes += storage.block.bytes
    // bindings that do not fit at once go piece by piece
    if (this.#checks > 0 || bytes > machine.heap.budget / 2) {
      for (const binding of bindings) {
        machine.begin()
        this.runOne(binding)
      }
      return
    }
    for (const { operands } of bindings)
      for (const { storage } of operands) machine.heap.use(cellOf(storage.block))
    for (const { operands } of bindings) pin(machine.heap, operands)
    const groups = new Map<Code, Task[]>()
    let elements = 0
    for (const binding of bindings) {
      const task = this.#task(binding)
      if (task === null || task.chunks === 0) continue
      elements += binding.operands[binding.operands.length - 1].layout.size
      const group = groups.get(task.code)
      if (group) group.push(task)
      else groups.set(task.code, [task])
    }
    for (const tasks of groups.values()) this.#launchMany(tasks, elements >= parallelElements)
  }

  /** The argument block of one of many bindings, or null where it has already run. */
  #task({ outer, inner, operands, params }: Binding): Task | null {
    const machine = this.#machine
    const flat = this.#flat
    const places = operands.map(({ storage }) => cellOf(storage.block).address)
    if (flat !== null && isFlat(operands)) {
      const code = (this.#flatCode ??= this.#code(flat.kernel))
      const block = machine.arguments(flat.kernel.layout.bytes)
      const { words, doubles } = machine.memory
      return {
        code,
        block,
        chunks: writeFlat(flat, words, doubles, block, operands[0].layout.size, places, params, 0),
      }
    }
    const space = { outer, inner, layouts: operands.map((o) => o.layout) }
    const planned = this.#planned(space)
    if (!planned.plan.form.partial) return this.#write(planned, places, params, 0)
    this.#runParts(space, places, params, 0, planned)
    return null
  }

  #launchMany(tasks: readonly Task[], parallel: boolean): void {
    const machine = this.#machine
    const { code } = tasks[0]
    const table = machine.arguments(8 * (tasks.length + 1))
    const { words } = machine.memory
    let at = table >> 2
    let chunks = 0
    for (const task of tasks) {
      words[at++] = chunks
      words[at++] = task.block
      chunks += task.chunks
    }
    words[at] = chunks
    const grain = parallel ? Math.max(1, Math.floor(chunks / 64)) : 16
    machine.launch(code, entries.runMany, table, chunks, grain, parallel)
  }

  // ---- checks

  #flags(): number {
    const flag = this.#machine.arguments(this.#checks)
    this.#machine.memory.u8.fill(0, flag, flag + this.#checks)
    return flag
  }

  #verify(flag: number): void {
    const { u8 } = this.#machine.memory
    this.#compiled.program.checks.forEach(({ error }, i) => {
      if (u8[flag + i] !== 0) throw new IndexError(error)
    })
  }

  #writesItsInput(operands: readonly View[]): boolean {
    const count = this.#compiled.program.inputs.length
    const written = operands.slice(count).map((o) => o.storage.block)
    return operands.slice(0, count).some((o) => written.includes(o.storage.block))
  }

  /** Runs into new memory first, so that a failed check leaves the inputs as they were. */
  #runApart(binding: Binding): void {
    const { heap, memory } = this.#machine
    const count = this.#compiled.program.inputs.length
    const made: Block[] = []
    const written = new Map<Block, Block>()
    try {
      const operands = binding.operands.map((view, i): View => {
        if (i < count) return view
        const { block } = view.storage
        let copy = written.get(block)
        if (!copy) {
          copy = heap.alloc(block.bytes)
          made.push(copy)
          written.set(block, copy)
        }
        return { storage: { block: copy }, dtype: view.dtype, layout: view.layout }
      })
      for (const view of binding.operands) heap.use(cellOf(view.storage.block))
      for (const [block, copy] of written) {
        heap.use(cellOf(copy))
        heap.restore(cellOf(block))
        heap.restore(cellOf(copy))
        const from = cellOf(block).address
        memory.u8.copyWithin(cellOf(copy).address, from, from + block.bytes)
      }
      this.runOne({ ...binding, operands })
      for (const [block, copy] of written) {
        const from = cellOf(copy).address
        memory.u8.copyWithin(cellOf(block).address, from, from + block.bytes)
      }
    } finally {
      for (const block of made) heap.free(block)
    }
  }
}
