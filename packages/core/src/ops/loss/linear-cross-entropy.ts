import { reductionName } from './reduction.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { integer, nullable, real } from '../../base/kinds.ts'
import { isFloat } from '../../base/dtype.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape } from '../../base/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { crossEntropy, type CrossEntropyOptions } from './cross-entropy.ts'
import { linear } from '../layers/linear.ts'

/** Options of {@link linearCrossEntropy}. */
export interface LinearCrossEntropyOptions extends Omit<CrossEntropyOptions, 'ignoreIndex'> {
  /** Added to the logits: `[classes, ...]`, as the weight without its last axis. */
  linearBias?: Tensor | null
  /** Class targets of this value count for nothing; -100 by default, and refused for probabilities. */
  ignoreIndex?: number | null
}
/** The kinds of {@link LinearCrossEntropyOptions}. */
export const linearCrossEntropyOptions = /* @__PURE__ */ defineOptions<LinearCrossEntropyOptions>({
  linearBias: /* @__PURE__ */ nullable(aTensor),
  ignoreIndex: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
  weight: /* @__PURE__ */ nullable(aTensor),
  reduction: reductionName,
  labelSmoothing: real,
})

/**
 * {@link crossEntropy} of `linear(x, weight, bias)`.
 *
 * @param x - `[n, features]` or `[features]`
 * @param linearWeight - `[classes, features]`, or `[classes, ...out, features]` for several predictions per sample
 * @param target - classes `[n, ...out]`, or probabilities `[n, classes, ...out]`
 * @throws ShapeError, ValueError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear_cross_entropy.html
 * @example
 * const target = g.tensor([0], { dtype: 'int32' })
 * g.linearCrossEntropy(g.ones(1, 2), g.zeros(3, 2), target).item() // ≈ 1.0986
 */
export function linearCrossEntropy(
  x: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  options?: LinearCrossEntropyOptions,
): Tensor {
  takeTensor('linearCrossEntropy', 'x', x)
  takeTensor('linearCrossEntropy', 'linearWeight', linearWeight)
  takeTensor('linearCrossEntropy', 'target', target)

  const {
    linearBias = null,
    ignoreIndex = null,
    ...rest
  } = takeOptions('linearCrossEntropy', linearCrossEntropyOptions, options)
  if (x.ndim < 1 || x.ndim > 2) {
    throw new ShapeError(`expected input with dimensionality 1 or 2, got ${x.ndim}`)
  }
  if (linearWeight.ndim < 2) {
    throw new ShapeError(`expected linear_weight with dimensionality at least 2, got ${linearWeight.ndim}`)
  }
  const features = x.shape.at(-1)!
  if (features !== linearWeight.shape.at(-1)) {
    throw new ShapeError(
      `expected equal input and linear_weight last dimensions (in_features), got ${features} and ${linearWeight.shape.at(-1)}, respectively`,
    )
  }
  const outputs = linearWeight.shape.slice(0, -1)
  const text = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
  if (linearBias && !sameShape(linearBias.shape, outputs)) {
    throw new ShapeError(`expected linear_bias shape ${text(outputs)}, got ${text(linearBias.shape)}`)
  }
  if (outputs.length > 1 && x.ndim === 1) {
    throw new ShapeError(
      `K-dimensional loss defined by linear_weight shape ${text(linearWeight.shape)} requires batched input, (N, ${features}), got unbatched input with shape ${text(x.shape)}`,
    )
  }
  const shape = [...x.shape.slice(0, -1), ...outputs]
  if (ignoreIndex !== null && isFloat(target.dtype) && sameShape(target.shape, shape)) {
    throw new ValueError('ignore_index cannot be specified when target contains probabilities')
  }
  const rows = outputs.reduce((a, b) => a * b, 1)
  const logits = linear(x, linearWeight.reshape([rows, features]), linearBias?.reshape([rows]) ?? null)
  return crossEntropy(logits.reshape(shape), target, { ...rest, ignoreIndex: ignoreIndex ?? -100 })
}
