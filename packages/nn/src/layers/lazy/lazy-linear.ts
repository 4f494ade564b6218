import { takeArgument } from '@gradus/core/internal'
import { count } from '../../module/arguments.ts'
import { firstInput } from '../../module/first-input.ts'
import { nameOf } from '../../module/name-of.ts'
import { UninitializedParameter } from '../../module/uninitialized.ts'
import { Linear, type LinearOptions } from '../dense/linear.ts'
import { hasUninitialized, initialize, materialize, setFields } from './lazy.ts'

/**
 * A {@link Linear} that takes `inFeatures` from its first input, and is a `Linear` from then on.
 *
 * Until then its parameters have no shape ({@link UninitializedParameter}): an optimizer or a state dict that meets them is an
 * error. Loading a state dict gives them theirs. This holds for all lazy modules.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html
 * @example
 * const layer = new g.nn.LazyLinear(3)
 * layer(g.ones(2, 5)).shape // => [2, 3]
 * String(layer) // => 'Linear(in_features=5, out_features=3, bias=True)'
 */
export class LazyLinear extends Linear {
  static override readonly layerName: string = 'LazyLinear'

  constructor(outFeatures: number, options?: LinearOptions) {
    super(0, 0, options)
    setFields<Linear>(this, { outFeatures: takeArgument(nameOf(this), 'outFeatures', count, outFeatures) })
    const { dtype } = this.weight
    this.weight = new UninitializedParameter({ dtype })
    if (this.bias !== null) this.bias = new UninitializedParameter({ dtype })
  }

  /** Draws weight and bias anew, once they have a shape. */
  override resetParameters(): void {
    if (this.inFeatures > 0 && !hasUninitialized(this)) super.resetParameters()
  }

  /** @internal */
  override [firstInput](args: readonly unknown[]): void {
    const { outFeatures } = this
    initialize<Linear>(this, args, {
      becomes: Linear,
      sizesOf: (x) => ({ inFeatures: x.shape.at(-1) ?? 0 }),
      materialize: () => {
        materialize(this.weight, [outFeatures, this.inFeatures])
        materialize(this.bias, [outFeatures])
      },
    })
  }
}
