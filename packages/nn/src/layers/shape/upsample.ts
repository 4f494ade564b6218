import { interpolate, type InterpolateOptions, type Shape, type Tensor } from '@gradus/core/functions'
import {
  atLeast,
  defineOptions,
  either,
  flag,
  listOf,
  nullable,
  oneOf,
  takeOptions,
} from '@gradus/core/internal'
import { positive } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float } from '../../module/python-text.ts'

/** Options of {@link Upsample}. */
export type UpsampleOptions = Omit<InterpolateOptions, 'antialias'>

const size = /* @__PURE__ */ nullable(/* @__PURE__ */ either(positive, /* @__PURE__ */ listOf(positive)))
const factor = /* @__PURE__ */ atLeast(0, { exclusive: true })
const scaleFactor = /* @__PURE__ */ nullable(/* @__PURE__ */ either(factor, /* @__PURE__ */ listOf(factor)))
const upsampleOptions = /* @__PURE__ */ defineOptions<UpsampleOptions>({
  size,
  scaleFactor,
  mode: /* @__PURE__ */ oneOf(
    'nearest',
    'nearest-exact',
    'linear',
    'bilinear',
    'bicubic',
    'trilinear',
    'area',
  ),
  alignCorners: /* @__PURE__ */ nullable(flag),
  recomputeScaleFactor: /* @__PURE__ */ nullable(flag),
})
const scaleOptions = /* @__PURE__ */ defineOptions<Pick<UpsampleOptions, 'size' | 'scaleFactor'>>({
  size,
  scaleFactor,
})

/**
 * Images, signals or volumes `[n, c, ...]` at another resolution: `size` or `scaleFactor`, by `mode`, 'nearest' by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 * @example
 * new g.nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })(g.ones(1, 1, 2, 2)).shape // => [1, 1, 4, 4]
 */
export class Upsample extends Module {
  static override readonly layerName: string = 'Upsample'
  readonly options: UpsampleOptions

  constructor(options?: UpsampleOptions) {
    super()
    this.options = { ...takeOptions(nameOf(this), upsampleOptions, options) }
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }

  override extraRepr(): string {
    const { size = null, scaleFactor = null, mode = 'nearest' } = this.options
    const list = (value: number | Shape, one: (n: number) => string): string =>
      typeof value === 'number'
        ? one(value)
        : `(${value.map(one).join(', ')}${value.length === 1 ? ',' : ''})`
    const how =
      scaleFactor !== null ? `scale_factor=${list(scaleFactor, float)}` : `size=${list(size ?? 0, String)}`
    return `${how}, mode='${mode}'`
  }
}

/**
 * {@link Upsample} by the nearest element.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
 */
export class UpsamplingNearest2d extends Upsample {
  static override readonly layerName: string = 'UpsamplingNearest2d'
  constructor(options?: Pick<UpsampleOptions, 'size' | 'scaleFactor'>) {
    super({ ...takeOptions('UpsamplingNearest2d', scaleOptions, options), mode: 'nearest' })
  }
}

/**
 * {@link Upsample} by two linear interpolations, corners aligned.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
 */
export class UpsamplingBilinear2d extends Upsample {
  static override readonly layerName: string = 'UpsamplingBilinear2d'
  constructor(options?: Pick<UpsampleOptions, 'size' | 'scaleFactor'>) {
    const given = takeOptions('UpsamplingBilinear2d', scaleOptions, options)
    super({ ...given, mode: 'bilinear', alignCorners: true })
  }
}
