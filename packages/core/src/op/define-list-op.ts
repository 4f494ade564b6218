import { internals } from './internals.ts'
import { listOf } from '../base/kinds.ts'
import { takeArgument } from '../base/options.ts'
import { aTensor } from '../tensor/kind.ts'
import type { Backend } from '../backend/types.ts'
import { tapeOf } from './dispatch.ts'
import type { AnyOp, Autocast, Meta } from './declaration.ts'
import { makeOp } from './make-op.ts'
import type { Tensor } from '../tensor/tensor.ts'

const tensorList = /* @__PURE__ */ listOf(aTensor)

/** An op declared with {@link defineListOp}. */
export type ListOp<A> = AnyOp & ((list: readonly Tensor[], attrs: A) => Tensor)

/** Declares an op over a list of tensors, as `cat`: its gradient with respect to each is a function of the position. */
/*@__NO_SIDE_EFFECTS__*/
export function defineListOp<A>(spec: {
  readonly name: string
  readonly autocast?: Autocast
  infer(list: readonly Meta[], attrs: A): Meta
  kernel(on: Backend, list: readonly Tensor[], out: Tensor, attrs: A): void
  vjp(g: Tensor, i: number, metas: readonly Meta[], attrs: A): Tensor
}): ListOp<A> {
  return makeOp(
    {
      name: spec.name,
      inputs: ['tensors'],
      autocast: spec.autocast ?? 'promote',
      run(op, inputs, attrs) {
        // the function below calls with tensors and its attributes, and interceptors keep the kinds of both
        const [list, given] = [inputs as readonly Tensor[], attrs as A]
        takeArgument(op.name, 'tensors', tensorList, list)
        const meta = spec.infer(list, given)
        const out = internals(list[0]).make(meta.shape, meta.dtype)
        spec.kernel(out.storage.backend, list, out, given)
        tapeOf(inputs)?.record({ op, inputs, attrs, outputs: [out], aux: [] })
        return [out]
      },
      rule: (i) => ({
        save: [],
        // every input was a tensor, so each has its meta; attributes are those of the call
        grad: (g, _, call) => spec.vjp(g, i, call.inputMeta as readonly Meta[], call.attrs as A),
      }),
    },
    (invoke) =>
      (list: readonly Tensor[], attrs: A): Tensor =>
        invoke(list, attrs)[0],
  )
}
