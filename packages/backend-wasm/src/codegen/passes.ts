import type { CompileOptions } from './compile.ts'
import type { Expr, Program } from '@gradus/core/backend'
import { nodesOf } from '@gradus/core/backend'
import { watchesNaN } from './fold.ts'
import { pack } from './format.ts'
import { positionOf, sizeOf, type Demands, type Form, type Operand } from './form.ts'
import { Graph, nodesBelow, stages, type Node } from './graph.ts'
import { Lowering, type Lanes } from './lower.ts'

/** One walk over the inner positions of a unit. */
export interface Pass {
  /** The condition without which it is left out, once per unit. */
  readonly when: Lanes
  readonly folds: readonly {
    readonly reduction: number
    readonly value: Lanes
    /** Two factors per vector of the value, where product and sum are one instruction; else empty. */
    readonly factors: Lanes
    readonly watchesNaN: boolean
    /** In band form: its result up to now. */
    readonly known: Lanes
  }[]
  readonly stores: readonly Store[]
  readonly checks: readonly { readonly check: number; readonly fail: Node }[]
  /** Values to compute before each run along the vector axis; in column form loads that all its vectors share. */
  readonly atRun: readonly Node[]
  /** Operands that it reads or writes. */
  readonly operands: ReadonlySet<number>
  /** Vectors side by side in its innermost loop. */
  readonly ways: number
  /** Rows side by side, in band form. */
  readonly rows: number
}

type Work = Pick<Pass, 'when' | 'folds' | 'stores' | 'checks'>

export interface Store {
  readonly operand: number
  readonly raw: readonly Node[]
}

/** The work of a kernel, pass by pass. */
export interface Plan {
  readonly graph: Graph
  readonly passes: readonly Pass[]
  /** Written once per unit, after its passes. */
  readonly outer: Omit<Work, 'folds' | 'when'>
  /** Values that later stages use, by the stage at which they are computed. */
  readonly hoisted: (stage: number) => readonly Node[]
  /** The most vectors side by side of any pass; in column form all have as many. */
  readonly ways: number
}

const expensive: ReadonlySet<string> = new Set([
  'exp', 'exp2', 'expm1', 'log', 'log2', 'log10', 'log1p', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh',
  'tanh', 'asinh', 'acosh', 'atanh', 'erf', 'erfc', 'erfinv', 'lgamma', 'digamma', 'pow', 'atan2',
]) // prettier-ignore

/** A node that is computed in one pass, written to an output, and read back in later ones. */
interface Kept {
  readonly value: Expr
  readonly level: number
  readonly output: number
}

/**
 * The most expensive value that a pass and the last one share, if an output can hold it meanwhile: that output must be
 * float32, and no later pass may read an input of the whole row, which may be the same memory.
 */
function keptOf(program: Program, demands: Demands): Kept | undefined {
  const { inputs, reductions, outputs, levels, checks } = program
  const output = outputs.findIndex((o) => o.over === 'all')
  if (output < 0 || reductions.length === 0 || outputs[output].dtype !== 'float32') return undefined
  const last = outputs.filter((o) => o.over === 'all').map((o) => o.value)
  const candidates = nodesOf(last).filter((e) => expensive.has(e.op) && e.type === 'f32')
  for (const value of candidates.reverse()) {
    const using = levels.filter(
      (_, r) => !reductions[r].when && nodesOf([reductions[r].value]).includes(value),
    )
    if (using.length === 0) continue
    const level = Math.min(...using)
    const later = [
      ...reductions.filter((_, r) => levels[r] > level).map((r) => r.value),
      ...last,
      ...checks.map((c) => c.fail),
    ]
    const readsRow = nodesBesides(later, value).some((e) => e.op === 'input' && inputs[e.i].over === 'all')
    if (!readsRow && !demands.map) return { value, level, output }
  }
  return undefined
}

function nodesBesides(roots: readonly Expr[], without: Expr): Expr[] {
  const inside = new Set<Expr>([without])
  const order: Expr[] = []
  const visit = (e: Expr): void => {
    if (inside.has(e)) return
    inside.add(e)
    for (const child of 'c' in e ? [e.c, e.x, e.y] : 'y' in e ? [e.x, e.y] : 'x' in e ? [e.x] : [])
      visit(child)
    order.push(e)
  }
  for (const root of roots) visit(root)
  return order
}

/** The most cache lines that rows side by side are read from: more lines, 4 KB apart, would drive each other out. */
const streams = 4

/** Lowers a program for a form of loops. */
export function planPasses(
  program: Program,
  demands: Demands,
  form: Form,
  operands: readonly Operand[],
  { relaxed, functions }: Pick<CompileOptions, 'relaxed' | 'functions'>,
): Plan {
  const graph = new Graph(relaxed, functions)
  const lowering = loweringOf(graph, program, demands, form, operands)
  const { outputs, levels } = program
  const firstOutput = program.inputs.length
  const kept = form.partial ? undefined : keptOf(program, demands)
  const works: Work[] = []
  const count = Math.max(0, ...levels)
  const checks = new PendingChecks(program, lowering, stages.unit + count)
  for (let level = 1; level <= count; level++) {
    const folds = foldsOf(level, { program, lowering, form, operands, relaxed })
    const stores: Store[] = []
    if (kept?.level === level)
      stores.push({ operand: firstOutput + kept.output, raw: lowering.value(kept.value) })
    // one for all of a level
    const when = program.reductions[folds[0].reduction].when
    works.push({ when: when ? lowering.value(when) : [], folds, stores, checks: checks.inPass(level - 1) })
    if (kept?.level === level) {
      lowering.forget(new Map([[kept.value, lowering.load(firstOutput + kept.output, 'float32')]]))
    }
  }
  const storesOver = (over: 'all' | 'outer'): Store[] =>
    form.partial
      ? []
      : outputs.flatMap((o, i) =>
          o.over === over
            ? [{ operand: firstOutput + i, raw: pack(graph, o.dtype, lowering.value(o.value)) }]
            : [],
        )
  const last = { when: [], folds: [], stores: storesOver('all'), checks: checks.inPass(count) }
  if (last.stores.length > 0 || last.checks.length > 0) works.push(last)
  const outerChecks = form.partial ? [] : checks.perUnit()
  const outer = { stores: storesOver('outer'), checks: outerChecks }
  const columns = form.mode === 'column' ? columnWays(works, operands) : form.mode === 'band' ? 4 : 0
  // results of a column's own values differ from vector to vector; of the other values only loads are known to be shared
  const shared = ({ leaf, stage }: Node): boolean =>
    form.mode === 'column' &&
    stage === stages.lane &&
    !!leaf &&
    'operand' in leaf &&
    operands[leaf.operand].access === 'constant'
  const walked = operands.filter((o) => o.kind === 'input' && o.over === 'all' && o.access !== 'constant')
  const rows = Math.max(1, Math.floor(streams / Math.max(1, walked.length)))
  const passes = works.map((work) => ({ ...passOf(work, columns || rowWays(work), shared), rows }))
  return { graph, passes, outer, hoisted: hoisting(passes), ways: Math.max(1, ...passes.map((p) => p.ways)) }
}

function loweringOf(
  graph: Graph,
  program: Program,
  demands: Demands,
  form: Form,
  operands: readonly Operand[],
): Lowering {
  const stageOf = (operand: number): number => {
    const { over, access } = operands[operand]
    if (over === 'scalar' || (over === 'outer' && form.mode !== 'band')) return stages.unit
    return form.mode !== 'column' && access === 'constant' ? stages.run : stages.lane
  }
  const firstPosition = operands.length - demands.positions.length
  return new Lowering(graph, program, {
    loadStage: stageOf,
    position: (axis) => {
      const operand = firstPosition + positionOf(demands, axis)
      return { operand, stage: stageOf(operand) }
    },
    size: (axis) => sizeOf(demands, axis),
  })
}

/** Checks by the pass whose values they need. */
class PendingChecks {
  readonly #checks: readonly { check: number; level: number; fail: Expr }[]
  readonly #lowering: Lowering
  readonly #lastUnitStage: number

  /** @param lastUnitStage - checks of no later stage are made once per unit */
  constructor({ checks, levels }: Program, lowering: Lowering, lastUnitStage: number) {
    this.#checks = checks.map(({ fail }, check) => {
      return { check, level: Math.max(0, ...levelsBelow(fail, levels)), fail }
    })
    this.#lowering = lowering
    this.#lastUnitStage = lastUnitStage
  }

  /** The checks at each inner position that need the reductions of a level. */
  inPass(level: number): Work['checks'] {
    return this.#lower((own) => own === level).filter(({ fail }) => fail.stage > this.#lastUnitStage)
  }

  perUnit(): Work['checks'] {
    return this.#lower(() => true).filter(({ fail }) => fail.stage <= this.#lastUnitStage)
  }

  #lower(isWanted: (level: number) => boolean): Work['checks'] {
    const wanted = this.#checks.filter(({ level }) => isWanted(level))
    return wanted.map(({ check, fail }) => ({ check, fail: this.#lowering.value(fail)[0] }))
  }
}

/** The reductions of one level. */
function foldsOf(
  level: number,
  context: {
    program: Program
    lowering: Lowering
    form: Form
    operands: readonly Operand[]
    relaxed: boolean
  },
): Pass['folds'] {
  const { program, lowering, form, operands, relaxed } = context
  return program.reductions.flatMap(({ combine, value }, reduction) => {
    if (program.levels[reduction] !== level) return []
    const lanes = lowering.value(value)
    const operand = program.inputs.length + reduction
    return {
      reduction,
      value: lanes,
      factors: relaxed && combine === 'sum' ? factorsOf(lanes) : [],
      watchesNaN: watchesNaN(combine, value.type),
      known: form.mode === 'band' ? lowering.load(operand, operands[operand].dtype) : [],
    }
  })
}

const factorsOf = (value: Lanes): Lanes =>
  value.every(({ product, stage }) => product && stage === stages.lane) ? value.flatMap((x) => x.args) : []

function levelsBelow(e: Expr, levels: readonly number[]): number[] {
  return nodesOf([e]).flatMap((n) => (n.op === 'reduced' ? [levels[n.i]] : []))
}

/** The results of the code of a pass, in the order in which they are used. */
export const rootsOf = ({ folds, stores, checks }: Work): Node[] => [
  ...folds.flatMap((f) => (f.factors.length > 0 ? f.factors : f.value)),
  ...stores.flatMap((s) => s.raw),
  ...checks.map((c) => c.fail),
]

function passOf(work: Work, ways: number, shared: (node: Node) => boolean): Omit<Pass, 'rows'> {
  const roots = rootsOf(work)
  const below = nodesBelow(roots)
  const operands = new Set(work.stores.map((s) => s.operand))
  for (const { leaf, stage } of below) {
    if (stage >= stages.run && leaf && 'operand' in leaf) operands.add(leaf.operand)
  }
  return { ...work, operands, atRun: [...usedLater(roots, stages.run), ...below.filter(shared)], ways }
}

/** Nodes of a stage that nodes of a later one use, or that are roots. */
function usedLater(roots: readonly Node[], stage: number): Node[] {
  const found = new Set<Node>()
  for (const root of roots) if (root.stage === stage) found.add(root)
  for (const node of nodesBelow(roots)) {
    for (const arg of node.args) if (arg.stage === stage && node.stage > stage) found.add(arg)
  }
  return [...found]
}

function hoisting(passes: readonly Pass[]): Plan['hoisted'] {
  const roots = passes.flatMap((pass) => [...pass.when, ...rootsOf(pass)])
  return (stage) => usedLater(roots, stage)
}

/** Instructions for one vector, less the loops around it. */
const costOf = (work: Work): number =>
  nodesBelow(rootsOf(work)).reduce((sum, { stage, cost }) => (stage === stages.lane ? sum + cost : sum), 0)

/** Registers for the sums of one vector: extremes remember NaN in another one. */
const sumsOf = ({ folds }: Work): number =>
  folds.reduce((sum, { watchesNaN, value }) => sum + value.length * (watchesNaN ? 2 : 1), 0)

// several vectors at a time hide latencies; many values at a time do not fit into the registers
function rowWays(work: Work): number {
  const [cost, sums] = [costOf(work), sumsOf(work)]
  if (sums === 0) return cost <= 12 ? 4 : cost <= 24 ? 2 : 1
  return sums * 8 + cost <= 12 ? 8 : sums * 4 + cost <= 20 ? 4 : cost <= 40 ? 2 : 1
}

function columnWays(works: readonly Work[], operands: readonly Operand[]): number {
  if (operands.some((o) => o.access === 'strided' && o.kind !== 'position')) return 1
  // what few columns need slows none of the others
  const usual = works.filter(({ when }) => when.length === 0)
  const cost = Math.max(...usual.map(costOf))
  const sums = Math.max(...usual.map(sumsOf))
  // a row's line of memory is used whole, and the next one with it
  if (sums * 8 + cost <= 20) return 8
  if (works.length > 1) return cost <= 60 ? 4 : 1
  return sums * 4 + cost <= 16 ? 4 : cost <= 24 ? 2 : 1
}
