import { tapeOf } from './dispatch.ts'
import { internals } from './internals.ts'
import type { Layout } from '../base/layout.ts'
import type { AnyOp, Meta, WholeRule } from './declaration.ts'
import { makeOp } from './make-op.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** An op declared with {@link defineParts}. */
export type PartsOp<A> = AnyOp & ((x: Tensor, attrs: A) => Tensor[])

/**
 * Declares an op whose results are views of one tensor, as many as its attributes say: `unbind`, `split`.
 * The tape refuses to write one of several views in place.
 */
/*@__NO_SIDE_EFFECTS__*/
export function defineParts<A>(spec: {
  readonly name: string
  /** Layouts of the parts. */
  parts(x: Layout, attrs: A): readonly Layout[]
  /** The gradient of x from those of all parts. */
  vjp(gs: readonly Tensor[], attrs: A, x: Meta): Tensor
}): PartsOp<A> {
  const whole: WholeRule = {
    save: [],
    // a call is recorded with the attributes it was made with, which the function below types
    all: (gs, _saved, _needs, call) => [spec.vjp(gs, call.attrs as A, call.inputMeta[0]!)],
  }
  return makeOp(
    {
      name: spec.name,
      inputs: ['x'],
      isView: true,
      run(op, inputs, attrs) {
        // the function below calls with one tensor and its attributes, and interceptors keep the kinds of both
        const [x, given] = [inputs[0] as Tensor, attrs as A]
        const outputs = spec.parts(x.layout, given).map((layout) => internals(x).alias(layout, 'several'))
        tapeOf(inputs)?.record({ op, inputs, attrs, outputs, aux: [] })
        return outputs
      },
      whole: () => whole,
    },
    (invoke) =>
      (x: Tensor, attrs: A): Tensor[] => [...invoke([x], attrs)],
  )
}
