import { isFloat, type AnyOp, type GradNode, type Meta, type Tensor } from '@gradus/core/functions'
import {
  sumTo,
  unreachable,
  type Call,
  type GradRule,
  type RecordedCall,
  type SavedFrom,
  type WholeRule,
  internals,
} from '@gradus/core/internal'
import type { SavedTensor } from './saved.ts'
import { freed } from './saved.ts'

export type Hook = (grad: Tensor) => Tensor | null | void

/** Where a gradient goes: a node, and which of its outputs it is the gradient of. */
export interface Edge {
  readonly node: Node
  readonly index: number
}

let created = 0
let watch: ((node: Node) => void) | null = null

/** Has `next` called with each node that is made; null for none. */
export function watchNodes(next: typeof watch): void {
  watch = next
}

/** A recorded operation: from the gradients of its outputs it makes those of its inputs. */
export abstract class Node implements GradNode {
  abstract readonly name: string
  /** Later nodes run first. Accumulation into leaves runs as soon as it can. */
  readonly order: number
  /** Per input; null where no gradient goes. */
  abstract readonly edges: readonly (Edge | null)[]
  /** Shape and dtype per output, for gradients that never arrive. */
  abstract readonly outputs: readonly Meta[]
  /** Per output: called with its gradient before the node runs. Null until there is one. */
  hooks: Map<number, Set<{ readonly fn: Hook }>> | null = null
  /** Per output: tensors that keep their gradient. Null until there is one. */
  retained: Map<number, Tensor> | null = null

  constructor(order = created++) {
    this.order = order
    if (watch !== null) watch(this)
  }

  /** Keeps the gradient of an output in the `.grad` of `x`. */
  retain(index: number, x: Tensor): void {
    ;(this.retained ??= new Map()).set(index, x)
  }

  /** Gradients of the inputs, shaped like them; null for zero, and for inputs that `needs` does not ask for. */
  abstract apply(
    grads: readonly (Tensor | null)[],
    keep: boolean,
    needs: readonly boolean[],
  ): readonly (Tensor | null)[]

  addHook(index: number, hook: Hook): { remove(): void } {
    const hooks = (this.hooks ??= new Map())
    let set = hooks.get(index)
    if (!set) hooks.set(index, (set = new Set()))
    const own = { fn: hook } // the same function may be registered twice
    set.add(own)
    return { remove: () => void set.delete(own) }
  }
}

/** `Add` + `Backward0`: PyTorch's name of the node of an op. */
export const nodeName = (op: AnyOp): string => {
  const base = op.name.replace(/_$/, '')
  return `${base[0].toUpperCase()}${base.slice(1)}Backward0`
}

const metaOf = (x: Tensor): Meta => ({ shape: x.shape, dtype: x.dtype })

/** The part of a call that stays on the tape: shapes, dtypes and numbers. */
export function recorded(call: Call): RecordedCall {
  const { inputs, outputs } = call
  const numbers: (number | null)[] = []
  const inputMeta: (Meta | null)[] = []
  for (const x of inputs) {
    const isTensor = typeof x === 'object'
    numbers.push(isTensor ? null : Number(x))
    inputMeta.push(isTensor && x !== null ? metaOf(x) : null)
  }
  return { op: call.op, attrs: call.attrs, numbers, inputMeta, outputMeta: outputs.map(metaOf) }
}

interface Part {
  rule: GradRule
  saved: readonly SavedTensor[]
}
interface Whole {
  rule: WholeRule
  saved: readonly SavedTensor[]
}

const none: readonly SavedTensor[] = []

/** How {@link OpNode} gets at the values a rule saves. */
export type Save = (from: SavedFrom) => SavedTensor | null

/** The node of an op. It keeps only the values that are read by the rules of inputs that need a gradient. */
export class OpNode extends Node {
  readonly edges: readonly (Edge | null)[]
  readonly outputs: readonly Meta[]
  private readonly call: RecordedCall
  private readonly parts: (Part | null)[] = []
  private readonly whole: Whole | null = null
  private readonly saved: SavedTensor[] = []
  private used = false

  /** @param edges - per input, those without a rule already null */
  constructor(call: Call, edges: readonly (Edge | null)[]) {
    super()
    this.edges = edges
    this.call = recorded(call)
    this.outputs = this.call.outputMeta
    const whole = call.op.whole?.(call)
    if (whole) this.whole = { rule: whole, saved: none }
    else {
      for (let i = 0; i < edges.length; i++) {
        const rule = edges[i] ? call.op.rule(i, call) : null
        this.parts.push(rule && { rule, saved: none })
      }
    }
  }

  /** The values that its rules read. */
  get reads(): readonly SavedFrom[] {
    return this.whole ? this.whole.rule.save : this.parts.flatMap((part) => part?.rule.save ?? [])
  }

  /** Keeps the values that its rules read. */
  save(value: Save): void {
    if (this.whole) this.whole.saved = this.take(this.whole.rule.save, value)
    for (const part of this.parts) if (part) part.saved = this.take(part.rule.save, value)
  }

  private take(sources: readonly SavedFrom[], valueOf: Save): readonly SavedTensor[] {
    if (sources.length === 0) return none
    const values: SavedTensor[] = []
    for (const source of sources) {
      const value = valueOf(source)
      if (!value) continue
      values.push(value)
      this.saved.push(value)
    }
    return values
  }

  get name(): string {
    return nodeName(this.call.op)
  }

  get numbers(): readonly (number | null)[] {
    return this.call.numbers
  }

  apply(
    grads: readonly (Tensor | null)[],
    keep: boolean,
    needs: readonly boolean[],
  ): readonly (Tensor | null)[] {
    const { saved } = this
    if (this.used && saved.length > 0) throw freed()
    const inputs = this.whole ? this.applyWhole(grads, needs) : this.applyParts(grads, needs)
    if (!keep) {
      this.used = true
      for (const value of saved) value.release()
    }
    return inputs.map((g, i) => (g && this.edges[i] ? this.fit(g, i) : null))
  }

  private applyParts(grads: readonly (Tensor | null)[], needs: readonly boolean[]): (Tensor | null)[] {
    // ops with several outputs and a rule per input differentiate through the first; the rest are positions
    const g = grads[0]
    if (!g) return this.edges.map(() => null)
    return this.parts.map((part, i) =>
      part && needs[i]
        ? part.rule.grad(
            g,
            part.saved.map((s) => s.unpack()),
            this.call,
          )
        : null,
    )
  }

  private applyWhole(
    grads: readonly (Tensor | null)[],
    needs: readonly boolean[],
  ): readonly (Tensor | null)[] {
    const { rule, saved } = this.whole ?? unreachable('a node without rules')
    const like = grads.find((g) => g !== null)
    if (!like) return this.edges.map(() => null)
    const filled = this.outputs.map(
      (meta, i) => grads[i] ?? internals(like).make(meta.shape, meta.dtype).zero_(),
    )
    const values = saved.map((s) => s.unpack())
    return rule.all(filled, values, needs, this.call)
  }

  // undoes the broadcasting and promotion that dispatch did on the way in
  private fit(g: Tensor, i: number): Tensor {
    const meta = this.call.inputMeta[i] ?? unreachable('a gradient for an input that is no tensor')
    return sumTo(g, meta.shape).to(meta.dtype)
  }
}

/** Whether a gradient can flow to results of this dtype. */
export const differentiable = (x: Tensor): boolean => isFloat(x.dtype)
