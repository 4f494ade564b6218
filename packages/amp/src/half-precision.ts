import { isFloat, keep, setGradEnabled, ValueError, type Tensor } from '@gradus/core/functions'
import {
  defineOptions,
  describeValue,
  escape,
  kind,
  oneOf,
  setMaster,
  withDefaults,
  internals,
} from '@gradus/core/internal'

/** A model as {@link halfPrecision} needs it; every `nn.Module` is one. */
export interface HalfModel {
  modules(): readonly {
    parameters(options: { recurse: boolean }): readonly Tensor[]
    buffers(options: { recurse: boolean }): readonly Tensor[]
  }[]
}

/** Options of {@link halfPrecision}. */
export interface HalfPrecisionOptions {
  /** The dtype that parameters are stored and computed in; bfloat16 by default. */
  dtype?: 'bfloat16' | 'float16'
  /**
   * How updates smaller than the rounding of `dtype` are kept. `float32`, the default: the optimizer trains a float32 copy
   * and rounds it into the parameter, six bytes together. `stochastic-rounding`: no copy; the parameter is rounded up or
   * down at random so that its mean is right.
   */
  master?: 'float32' | 'stochastic-rounding'
}

const halfOptions = /* @__PURE__ */ defineOptions<HalfPrecisionOptions>({
  dtype: kind<'bfloat16' | 'float16'>(
    "'bfloat16' or 'float16'",
    (x) => x === 'bfloat16' || x === 'float16',
    (x) => `half precision is bfloat16 or float16, got ${String(x)}`,
  ),
  master: oneOf('float32', 'stochastic-rounding'),
})

const halfDefaults: Required<HalfPrecisionOptions> = { dtype: 'bfloat16', master: 'float32' }

/**
 * Converts a model to half precision in such a way that it can be trained. Without a master, an update smaller than half of
 * the rounding (2⁻⁹ of the weight in bfloat16, 2⁻¹² in float16) is lost, every time.
 *
 * Parameters and buffers become `dtype`; those of normalization layers stay float32, and so does the state of every
 * optimizer. The caller converts the inputs, and computes losses in float32:
 * `lossFn(model(x.to('bfloat16')).to('float32'), y)`. float16 needs a loss scale besides: `GradAccumulator` with a `scaler`.
 * The masters belong to `optimizer.stateDict()`, and follow the values that are loaded into the model.
 *
 * @throws ValueError for another dtype
 * @see Micikevicius et al. 2018, Mixed Precision Training, https://arxiv.org/abs/1710.03740
 * @example
 * const model = g.amp.halfPrecision(new g.nn.Linear(2, 2))
 * model.weight.dtype // => 'bfloat16'
 * model(g.ones([1, 2], { dtype: 'bfloat16' })).dtype // => 'bfloat16'
 */
export function halfPrecision<M extends HalfModel>(model: M, options?: HalfPrecisionOptions): M {
  const { dtype, master } = withDefaults('halfPrecision', halfOptions, options, halfDefaults)
  // anything may come from JavaScript
  if ((typeof model !== 'object' && typeof model !== 'function') || model === null || !('modules' in model))
    throw new ValueError(`halfPrecision takes a module, got ${describeValue(model)}`)
  setGradEnabled(false, () => {
    let seed = 0
    for (const module of model.modules()) {
      // a normalization layer has an `eps`, which it adds to a variance
      if ('eps' in module) continue
      for (const x of module.buffers({ recurse: false })) convert(x, dtype)
      for (const p of module.parameters({ recurse: false })) {
        if (!isFloat(p.dtype) || p.dtype === dtype) continue
        const value = keep(escape(p.data.to('float32')))
        convert(p, dtype)
        setMaster(
          p,
          master === 'float32'
            ? { kind: 'float32', value, version: internals(p).counter.value }
            : { kind: 'stochastic-rounding', seed: seed++, step: 0 },
        )
      }
    }
  })
  return model
}

/** Converts a parameter or buffer, and its gradient, where it stands. */
function convert(x: Tensor, dtype: 'bfloat16' | 'float16'): void {
  if (!isFloat(x.dtype)) return
  x.data = keep(escape(x.detach().to(dtype)))
  const { gradSlot } = internals(x)
  if (gradSlot !== null) internals(x).storeGrad(gradSlot.detach().to(dtype))
}
