import { intercepted, located, tapeOf } from './dispatch.ts'
import type { Layout } from '../base/layout.ts'
import { interceptors, type CallInputs } from './modes.ts'
import type { AnyOp, Meta, WholeRule } from './declaration.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** An op declared with {@link defineParts}. */
export type PartsOp<A> = AnyOp & ((x: Tensor, attrs: A) => Tensor[])

/**
 * Declares an op whose results are views of one tensor, as many as its attributes say: `unbind`, `split`.
 * What is written through one of several views in place is refused by the tape.
 */
/*@__NO_SIDE_EFFECTS__*/
export function defineParts<A>(spec: {
  readonly name: string
  /** Layouts of the parts. */
  parts(x: Layout, attrs: A): readonly Layout[]
  /** The gradient of x from those of all parts. */
  vjp(gs: readonly Tensor[], attrs: A, x: Meta): Tensor
}): PartsOp<A> {
  const run = (list: CallInputs, attrs: unknown): readonly Tensor[] => {
    // called with one tensor and its own attributes, by `call` or by an interceptor that passed them on
    const x = list[0] as Tensor
    try {
      const outputs = spec.parts(x.layout, attrs as A).map((layout) => x.alias(layout, 'several')) // likewise
      tapeOf(list)?.record({ op, inputs: list, attrs, outputs, aux: [] })
      return outputs
    } catch (error) {
      throw located(error, op, list, attrs)
    }
  }
  const whole: WholeRule = {
    save: [],
    // an op of one input is recorded with its meta and its own attributes
    all: (gs, _saved, _needs, call) => [spec.vjp(gs, call.attrs as A, call.inputMeta[0]!)],
  }
  const call = (x: Tensor, attrs: A): Tensor[] => [...op.invoke([x], attrs)]
  const op: PartsOp<A> = Object.assign(call, {
    inputs: ['x'],
    outputs: ['out'],
    aux: [],
    autocast: 'keep' as const,
    elementwise: false,
    inplace: false,
    isView: true,
    index: [],
    invoke: (list: CallInputs, attrs: unknown): readonly Tensor[] =>
      interceptors().length > 0 ? intercepted(op, list, attrs, run) : run(list, attrs),
    rule: () => null,
    whole: () => whole,
  })
  Object.defineProperty(op, 'name', { value: spec.name })
  return op
}
