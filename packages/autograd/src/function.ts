import { GradError, isGradEnabled, Tensor, zerosLike, type Meta } from '@gradus/core/functions'
import {
  aTensor,
  flag,
  internals,
  listOf,
  nullable,
  outsideScope,
  ownerOf,
  sameShape,
  sumTo,
  takeArgument,
  takeTensors,
} from '@gradus/core/internal'
import { asList } from './as-list.ts'
import { noGrad } from './modes.ts'
import { differentiable, Node, type Edge } from './node.ts'
import { SavedTensor } from './saved.ts'
import { attach, edgeOf, overwrittenBy, rebase } from './history.ts'
import { tape } from './tape.ts'
import { checkWrite } from './views.ts'

/** The state of a custom function between forward and backward. Further fields may be added freely. */
export class Context {
  /** Per argument of `forward`: whether its gradient is asked for. */
  needsInputGrad: readonly boolean[] = []
  /** The arguments of {@link Context.saveForBackward}; the tape takes them over. */
  toSave: readonly (Tensor | null)[] = []
  readonly dirty = new Set<Tensor>()
  readonly nonDifferentiable = new Set<Tensor>()
  materialize = true
  private unpack: () => readonly (Tensor | null)[] = () => this.toSave;
  [key: string]: unknown

  /** Keeps tensors for backward: checked for in-place writes, and freed with the graph. */
  saveForBackward(...tensors: readonly (Tensor | null)[]): void {
    this.toSave = takeArgument('saveForBackward', 'tensors', tensorsOrNull, tensors)
  }

  /** The values that {@link Context.saveForBackward} kept. */
  get savedTensors(): readonly Tensor[] {
    // null entries are the function's own, which it knows of
    return this.unpack() as readonly Tensor[]
  }

  /** Says that forward wrote these inputs in place. */
  markDirty(...tensors: readonly Tensor[]): void {
    takeTensors('markDirty', 'tensors', tensors)
    for (const x of tensors) this.dirty.add(x)
  }

  /** Says that these outputs have no gradient. */
  markNonDifferentiable(...tensors: readonly Tensor[]): void {
    takeTensors('markNonDifferentiable', 'tensors', tensors)
    for (const x of tensors) this.nonDifferentiable.add(x)
  }

  /** With false, gradients that never arrive are null instead of zeros. */
  setMaterializeGrads(value: boolean): void {
    this.materialize = takeArgument('setMaterializeGrads', 'value', flag, value)
  }

  /** The tape's side of {@link Context.savedTensors}. */
  readFrom(unpack: () => readonly (Tensor | null)[]): void {
    this.unpack = unpack
  }
}

const tensorsOrNull = /* @__PURE__ */ listOf(/* @__PURE__ */ nullable(aTensor))

type Grads = Tensor | null | readonly (Tensor | null)[]

/** The static side of a custom function. */
export interface FunctionClass<Args extends readonly unknown[], Out extends Tensor | readonly Tensor[]> {
  readonly name: string
  forward(ctx: Context, ...args: Args): Out
  backward?(ctx: Context, ...grads: Tensor[]): Grads
}

/**
 * An operation with a gradient by hand: a class with static `forward(ctx, …)` and `backward(ctx, …gradients)`, called
 * through `apply`. Forward runs without recording; backward returns one gradient per argument of forward.
 *
 * @see https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 * @example
 * class Square extends g.autograd.Function {
 *   static forward(ctx, x) { ctx.saveForBackward(x); return x.mul(x) }
 *   static backward(ctx, grad) { return grad.mul(ctx.savedTensors[0]).mul(2) }
 * }
 * const x = g.tensor([3], { requiresGrad: true })
 * Square.apply(x).backward()
 * x.grad.tolist() // => [6]
 */
export abstract class Function {
  /** Runs `forward` on the arguments and records `backward`. */
  static apply<Args extends readonly unknown[], Out extends Tensor | readonly Tensor[]>(
    this: FunctionClass<Args, Out>,
    ...args: Args
  ): Out {
    const ctx = new Context()
    const edges = isGradEnabled()
      ? args.map((a) => (a instanceof Tensor && differentiable(a) ? edgeOf(a) : null))
      : args.map(() => null)
    ctx.needsInputGrad = edges.map((e) => e !== null)
    const given = outsideScope(() => noGrad(() => this.forward(ctx, ...args)), args)
    const outputs = outputsOf(this.name, given)
    if (!edges.some((e) => e !== null)) {
      // a view that is on no tape may be one of a tensor that is
      if (isGradEnabled())
        for (const x of ctx.dirty) if (internals(ownerOf(x)).ownTape !== null) checkWrite(x)
      return given
    }
    checkDirty(ctx, args, outputs)
    const results = outputs.map((x) =>
      args.includes(x) && !ctx.dirty.has(x) ? internals(x).alias(x.layout) : x,
    )
    const node = new FunctionNode(this, ctx, edges, args, results)
    results.forEach((x, i) => {
      if (ctx.dirty.has(x)) {
        internals(x).counter.value++
        rebase(x, overwrittenBy(x), { node, output: i, input: args.indexOf(x) }, tape)
        return
      }
      markView(x, args, results)
      if (!ctx.nonDifferentiable.has(outputs[i])) attach(x, node, i, tape)
    })
    node.save(ctx, outputs, results)
    // one tensor where forward gave one, a list where it gave a list
    return (given instanceof Tensor ? results[0] : results) as Out
  }
}

function outputsOf(name: string, given: unknown): readonly Tensor[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  for (const x of list) {
    if (!(x instanceof Tensor)) {
      throw new TypeError(
        `${name}.forward returned ${x === null ? 'null' : typeof x}: it returns a tensor, or an array of tensors`,
      )
    }
  }
  return list as readonly Tensor[] // each was looked at
}

/** @throws GradError for inputs marked as written in a way that the graph cannot follow */
function checkDirty(ctx: Context, args: readonly unknown[], outputs: readonly Tensor[]): void {
  for (const x of ctx.dirty) {
    if (!outputs.includes(x)) {
      throw new GradError(
        'Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.',
      )
    }
    if (!args.includes(x)) {
      throw new GradError('markDirty() was given a tensor that is not an argument of forward', {
        hint: 'it marks the arguments that forward writes in place',
      })
    }
    if (ownerOf(x) !== x && outputs.length > 1) {
      throw new GradError(
        'If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine.',
        {
          hint: 'give it x.clone(), or split it in two: one Function that writes, and one for the other results',
        },
      )
    }
    checkWrite(x)
  }
}

/** A result that is a view may not be written: its history is the function, not that of the elements of its base. */
function markView(x: Tensor, args: readonly unknown[], results: readonly Tensor[]): void {
  const owner = ownerOf(x)
  if (owner === x) return
  const isGiven = args.some((a) => a instanceof Tensor && a.storage === x.storage)
  const isShared = results.some((y) => y !== x && y.storage === x.storage)
  // a view of a tensor that only forward has seen, such as the result of a layer, owns its memory
  internals(x).viewOf =
    internals(owner).tape === null && !isGiven && !isShared
      ? null
      : { base: owner, creation: 'custom', history: internals(owner).node }
}

class FunctionNode extends Node {
  readonly name: string
  readonly edges: readonly (Edge | null)[]
  readonly outputs: readonly Meta[]
  private readonly fn: FunctionClass<never, Tensor | readonly Tensor[]>
  private readonly ctx: Context
  private readonly inputs: readonly (Meta | null)[]
  private saved: readonly (SavedTensor | null)[] = []

  constructor(
    fn: FunctionClass<never, Tensor | readonly Tensor[]>,
    ctx: Context,
    edges: readonly (Edge | null)[],
    args: readonly unknown[],
    outputs: readonly Tensor[],
  ) {
    super()
    this.name = `${fn.name}Backward`
    this.fn = fn
    this.ctx = ctx
    this.edges = edges
    this.inputs = args.map((a) => (a instanceof Tensor ? { shape: a.shape, dtype: a.dtype } : null))
    this.outputs = outputs.map((x) => ({ shape: x.shape, dtype: x.dtype }))
  }

  // an output saved by the function is saved with its new history
  save(ctx: Context, outputs: readonly Tensor[], results: readonly Tensor[]): void {
    this.saved = ctx.toSave.map((x) => {
      if (x === null) return null
      const i = outputs.indexOf(x)
      return new SavedTensor(i >= 0 ? results[i] : x)
    })
    ctx.toSave = []
    ctx.readFrom(() => this.saved.map((s) => s && s.unpack()))
  }

  apply(grads: readonly (Tensor | null)[], keep: boolean): readonly (Tensor | null)[] {
    const { backward } = this.fn
    if (!backward) {
      throw new GradError(
        'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
      )
    }
    const like = grads.find((g) => g !== null)
    if (!like) return this.edges.map(() => null)
    const filled = this.ctx.materialize
      ? grads.map((g, i) => g ?? internals(like).make(this.outputs[i].shape, this.outputs[i].dtype).zero_())
      : grads
    // without materialising, the function has said that it takes null
    const result = outsideScope(() => backward.call(this.fn, this.ctx, ...(filled as Tensor[])), filled)
    if (!keep) for (const value of this.saved) value?.release()
    return this.checked(asList<Tensor | null>(result))
  }

  private checked(grads: readonly (Tensor | null | undefined)[]): (Tensor | null)[] {
    let count = grads.length
    while (count > this.edges.length && !grads[count - 1]) count--
    if (count !== this.edges.length) {
      throw new GradError(
        `function ${this.name} returned an incorrect number of gradients (expected ${this.edges.length}, got ${grads.length})`,
      )
    }
    return this.edges.map((edge, i) => {
      const g = grads[i] ?? null
      const meta = this.inputs[i]
      if (!edge || !g || !meta) return null
      if (!sameShape(g.shape, meta.shape) && !expandsFrom(g.shape, meta.shape)) {
        throw new GradError(
          `function ${this.name} returned an invalid gradient at index ${i} - got [${g.shape.join(', ')}] but expected shape compatible with [${meta.shape.join(', ')}]`,
        )
      }
      return sumTo(g, meta.shape).to(meta.dtype)
    })
  }
}

const expandsFrom = (shape: readonly number[], from: readonly number[]): boolean =>
  shape.length >= from.length && from.every((n, i) => n === 1 || n === shape[shape.length - from.length + i])

/** Marks a backward that cannot itself be differentiated: doing so is an error instead of a wrong gradient. */
export function onceDifferentiable(
  backward: (ctx: Context, ...grads: Tensor[]) => Grads,
): (ctx: Context, ...grads: Tensor[]) => Grads {
  return (ctx, ...grads) => {
    const differentiating = isGradEnabled() && grads.some((g) => g?.requiresGrad)
    const result = noGrad(() => backward(ctx, ...grads))
    if (!differentiating) return result
    const list = asList<Tensor | null>(result)
    return list.map((g) => g && OnceDifferentiable.apply(g, ...grads.filter((x) => x !== null)))
  }
}

class OnceDifferentiable extends Function {
  static forward(_ctx: Context, g: Tensor, ..._grads: Tensor[]): Tensor {
    return zerosLike(g).add_(g)
  }
  static backward(): never {
    throw new GradError('trying to differentiate twice a function that was marked with @once_differentiable')
  }
}
