import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type OutputSize,
  type Tensor,
} from '@gradus/core/functions'
import { either, integer, listOf, nullable, takeArgument } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'

const length = /* @__PURE__ */ integer(0)
const outputSizes = /* @__PURE__ */ either(length, /* @__PURE__ */ listOf(/* @__PURE__ */ nullable(length)))

abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize

  /** @param outputSize - lengths of the result's axes; null keeps one */
  constructor(outputSize: OutputSize) {
    super()
    this.outputSize = takeArgument(nameOf(this), 'outputSize', outputSizes, outputSize)
  }

  override extraRepr(): string {
    const { outputSize } = this
    const sizes =
      typeof outputSize === 'number'
        ? String(outputSize)
        : `(${outputSize.map((n) => n ?? 'None').join(', ')})`
    return `output_size=${sizes}`
  }
}

/**
 * Means of windows chosen so that the last axis gets a given length.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 */
export class AdaptiveAvgPool1d extends AdaptivePool {
  static override readonly layerName: string = 'AdaptiveAvgPool1d'
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize)
  }
}

/**
 * Means of windows chosen so that the last two axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends AdaptivePool {
  static override readonly layerName: string = 'AdaptiveAvgPool2d'
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize)
  }
}

/**
 * Means of windows chosen so that the last three axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
 */
export class AdaptiveAvgPool3d extends AdaptivePool {
  static override readonly layerName: string = 'AdaptiveAvgPool3d'
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool3d(x, this.outputSize)
  }
}

/**
 * Largest elements of windows chosen so that the last axis gets a given length.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 */
export class AdaptiveMaxPool1d extends AdaptivePool {
  static override readonly layerName: string = 'AdaptiveMaxPool1d'
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize)
  }
}

/**
 * Largest elements of windows chosen so that the last two axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export class AdaptiveMaxPool2d extends AdaptivePool {
  static override readonly layerName: string = 'AdaptiveMaxPool2d'
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize)
  }
}

/**
 * Largest elements of windows chosen so that the last three axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
 */
export class AdaptiveMaxPool3d extends AdaptivePool {
  static override readonly layerName: string = 'AdaptiveMaxPool3d'
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool3d(x, this.outputSize)
  }
}
