import { isFloat, Tensor, type DType } from '@gradus/core/functions'
import { defineOptions, dtypeName, takeOptions } from '@gradus/core/internal'
import { inRegion, region, type Region } from './autocast.ts'

/** The region that each call of a custom function ran in. */
const forwards = new WeakMap<object, Region | null>()

/** Options of {@link customFwd}. */
export interface CustomFwdOptions {
  /** The dtype that floating inputs come in; as they are by default. */
  castInputs?: DType
}

const customFwdOptions = /* @__PURE__ */ defineOptions<CustomFwdOptions>({ castInputs: dtypeName })

/**
 * Makes the `forward` of a custom function behave under autocast: with `castInputs`, its floating tensors (not float64) come
 * in that dtype and nothing inside is cast; without, it runs as any code in the region.
 *
 * @see https://pytorch.org/docs/stable/amp.html#torch.amp.custom_fwd
 * @example
 * class Double extends g.autograd.Function {
 *   static forward = g.amp.customFwd((ctx, x) => x.mul(2), { castInputs: 'float32' })
 *   static backward = g.amp.customBwd((ctx, grad) => grad.mul(2))
 * }
 * const x = g.ones([2], { dtype: 'bfloat16' })
 * g.autocast({}, () => Double.apply(x)).dtype // => 'float32'
 */
export function customFwd<C extends object, A extends readonly unknown[], R>(
  forward: (ctx: C, ...args: A) => R,
  options?: CustomFwdOptions,
): (ctx: C, ...args: A) => R {
  const { castInputs } = takeOptions('customFwd', customFwdOptions, options)
  return (ctx, ...args) => {
    const outer = region()
    if (castInputs === undefined) {
      forwards.set(ctx, outer)
      return forward(ctx, ...args)
    }
    forwards.set(ctx, null)
    if (outer === null || !outer.enabled) return forward(ctx, ...args)
    // casting keeps the place and kind of each argument
    const given = args.map((x) => castTo(x, castInputs)) as readonly unknown[] as A
    return inRegion({ ...outer, enabled: false }, () => forward(ctx, ...given))
  }
}

/**
 * Makes the `backward` of a custom function run under the autocast that its forward, made by {@link customFwd}, ran under.
 *
 * @see https://pytorch.org/docs/stable/amp.html#torch.amp.custom_bwd
 */
export function customBwd<C extends object, A extends readonly unknown[], R>(
  backward: (ctx: C, ...grads: A) => R,
): (ctx: C, ...grads: A) => R {
  return (ctx, ...grads) => inRegion(forwards.get(ctx) ?? null, () => backward(ctx, ...grads))
}

function castTo(x: unknown, dtype: DType): unknown {
  if (x instanceof Tensor) return isFloat(x.dtype) && x.dtype !== 'float64' ? x.to(dtype) : x
  if (Array.isArray(x)) return x.map((item) => castTo(item, dtype))
  if (typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype) {
    return Object.fromEntries(Object.entries(x).map(([key, item]) => [key, castTo(item, dtype)]))
  }
  return x
}
