import {
  alphaDropout,
  dropout,
  featureAlphaDropout,
  featureDropout,
  type Tensor,
} from '@gradus/core/functions'
import { takeArgument } from '@gradus/core/internal'
import { probability } from '../module/arguments.ts'
import { Module } from '../module/module.ts'
import { nameOf } from '../module/name-of.ts'
import { bool, float } from '../module/python-text.ts'

abstract class AnyDropout extends Module {
  readonly p: number

  /** @param p - the probability to drop; 0.5 by default */
  constructor(p = 0.5) {
    super()
    this.p = takeArgument(nameOf(this), 'p', probability, p)
  }

  override extraRepr(): string {
    return `p=${float(this.p)}, inplace=${bool(false)}`
  }
}

/**
 * In training, sets each element to 0 with probability `p` and scales the others by 1 / (1 - p).
 *
 * @throws ArgumentError for p outside [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 * @example
 * const layer = new g.nn.Dropout(0.2)
 * layer.eval()(g.ones(3)).tolist() // => [1, 1, 1]
 */
export class Dropout extends AnyDropout {
  static override readonly layerName: string = 'Dropout'
  forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training })
  }
}

/**
 * {@link Dropout} of whole channels: `[n, c, l]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
 */
export class Dropout1d extends AnyDropout {
  static override readonly layerName: string = 'Dropout1d'
  forward(x: Tensor): Tensor {
    return featureDropout(x, this.p, { training: this.training })
  }
}

/**
 * {@link Dropout} of whole channels: `[n, c, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 */
export class Dropout2d extends Dropout1d {
  static override readonly layerName: string = 'Dropout2d'
}

/**
 * {@link Dropout} of whole channels: `[n, c, d, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
 */
export class Dropout3d extends Dropout1d {
  static override readonly layerName: string = 'Dropout3d'
}

/**
 * {@link Dropout} that keeps mean and variance of what comes out of a {@link SELU}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 */
export class AlphaDropout extends AnyDropout {
  static override readonly layerName: string = 'AlphaDropout'
  forward(x: Tensor): Tensor {
    return alphaDropout(x, this.p, { training: this.training })
  }
}

/**
 * {@link AlphaDropout} of whole channels: `[n, c, ...]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
 */
export class FeatureAlphaDropout extends AnyDropout {
  static override readonly layerName: string = 'FeatureAlphaDropout'
  forward(x: Tensor): Tensor {
    return featureAlphaDropout(x, this.p, { training: this.training })
  }
}
