import { type Context, Function as CustomFunction, isGradEnabled } from '@gradus/autograd'
import { Tensor } from '@gradus/core/functions'
import type { Gradients, Hooks } from './hooks.ts'
import type { Module } from './module.ts'

type OnGradients = (grads: Gradients) => Gradients

/** Passes tensors on as they are, and all their gradients at once through a function. */
class Observed extends CustomFunction {
  static forward(ctx: Context, onGradients: OnGradients, ...tensors: Tensor[]): Tensor[] {
    ctx['onGradients'] = onGradients
    ctx.setMaterializeGrads(false)
    return tensors
  }

  static backward(ctx: Context, ...grads: (Tensor | null)[]): Gradients {
    // forward put it there
    const onGradients = ctx['onGradients'] as OnGradients
    return [null, ...onGradients(grads)]
  }
}

/**
 * The backward hooks of one call of a module. Its inputs and outputs pass through an identity each, whose gradients are
 * those of the module.
 */
export class BackwardHooks {
  private readonly module: Module
  private readonly hooks: Hooks
  private inputs = 0
  private observesInputs = false
  private gradOutput: Gradients | null = null

  constructor(module: Module, hooks: Hooks) {
    this.module = module
    this.hooks = hooks
  }

  /** The arguments with the gradients of their tensors observed. */
  onInputs(args: readonly unknown[]): readonly unknown[] {
    this.inputs = args.length
    return observe(
      args,
      (grads) => {
        // backward did not come through the outputs
        if (this.gradOutput === null) return grads
        const replaced = this.runHooks(grads, this.gradOutput)
        this.gradOutput = null
        return replaced
      },
      () => (this.observesInputs = true),
    )
  }

  /** A tensor or an array of them with the gradients observed; other outputs pass as they are. */
  onOutput(output: unknown): unknown {
    const list = Array.isArray(output) ? output : [output]
    const observed = observe(list, (grads) => {
      let gradOutput = grads
      for (const { fn } of this.hooks.backwardPre) gradOutput = fn(this.module, gradOutput) ?? gradOutput
      if (this.observesInputs) this.gradOutput = gradOutput
      else this.runHooks(new Array<null>(this.inputs).fill(null), gradOutput)
      return gradOutput
    })
    return Array.isArray(output) ? observed : observed[0]
  }

  private runHooks(given: Gradients, gradOutput: Gradients): Gradients {
    let gradInput = given
    for (const { fn } of this.hooks.backward) gradInput = fn(this.module, gradInput, gradOutput) ?? gradInput
    return gradInput
  }
}

/** `values` with the tensors that require a gradient observed. `onGradients` has one entry per value. */
function observe(
  values: readonly unknown[],
  onGradients: OnGradients,
  found?: () => void,
): readonly unknown[] {
  const at = values.flatMap((x, i) => (x instanceof Tensor && x.requiresGrad ? [i] : []))
  if (at.length === 0 || !isGradEnabled()) return values
  found?.()
  const spread = (grads: Gradients): Gradients => {
    const all = new Array<Tensor | null>(values.length).fill(null)
    at.forEach((position, k) => (all[position] = grads[k]))
    const replaced = onGradients(all)
    return at.map((position) => replaced[position])
  }
  const tensors = at.map((i) => values[i] as Tensor) // chosen above
  const observed: readonly Tensor[] = Observed.apply(spread, ...tensors)
  const result = [...values]
  at.forEach((position, k) => (result[position] = observed[k]))
  return result
}
