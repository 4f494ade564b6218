import { pad, type PadOptions, type Shape, type Tensor } from '@gradus/core/functions'
import { real, takeArgument } from '@gradus/core/internal'
import { sizes } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float, tuple } from '../../module/python-text.ts'

/** Elements added before and after the padded axes, the last axis first; a number stands for all. */
export type Padding = number | Shape

/** A layer that adds elements around the last `axes` axes. */
abstract class Pad extends Module {
  static override readonly layerName: string = 'Pad'
  readonly padding: Shape
  private readonly options: PadOptions

  constructor(axes: number, padding: Padding, options: PadOptions) {
    super()
    const given = takeArgument(nameOf(this), 'padding', sizes(2 * axes, Number.MIN_SAFE_INTEGER), padding)
    this.padding = typeof given === 'number' ? new Array<number>(2 * axes).fill(given) : given
    this.options = options
  }

  forward(x: Tensor): Tensor {
    return pad(x, this.padding, this.options)
  }

  override extraRepr(): string {
    return tuple(this.padding)
  }
}

abstract class ConstantPad extends Pad {
  readonly value: number

  constructor(axes: number, padding: Padding, value: number) {
    super(axes, padding, { mode: 'constant', value })
    this.value = takeArgument(nameOf(this), 'value', real, value)
  }

  override extraRepr(): string {
    return `padding=${tuple(this.padding)}, value=${float(this.value)}`
  }
}

/**
 * Adds a number around the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
 */
export class ConstantPad1d extends ConstantPad {
  static override readonly layerName: string = 'ConstantPad1d'
  constructor(padding: Padding, value: number) {
    super(1, padding, value)
  }
}

/**
 * Adds a number around the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
 */
export class ConstantPad2d extends ConstantPad {
  static override readonly layerName: string = 'ConstantPad2d'
  constructor(padding: Padding, value: number) {
    super(2, padding, value)
  }
}

/**
 * Adds a number around the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
 */
export class ConstantPad3d extends ConstantPad {
  static override readonly layerName: string = 'ConstantPad3d'
  constructor(padding: Padding, value: number) {
    super(3, padding, value)
  }
}

/**
 * Adds zeros around the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
 */
export class ZeroPad1d extends Pad {
  static override readonly layerName: string = 'ZeroPad1d'
  constructor(padding: Padding) {
    super(1, padding, { mode: 'constant' })
  }
}

/**
 * Adds zeros around the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
 */
export class ZeroPad2d extends Pad {
  static override readonly layerName: string = 'ZeroPad2d'
  constructor(padding: Padding) {
    super(2, padding, { mode: 'constant' })
  }
}

/**
 * Adds zeros around the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
 */
export class ZeroPad3d extends Pad {
  static override readonly layerName: string = 'ZeroPad3d'
  constructor(padding: Padding) {
    super(3, padding, { mode: 'constant' })
  }
}

/**
 * Adds the mirror image, without the border itself, around the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
 */
export class ReflectionPad1d extends Pad {
  static override readonly layerName: string = 'ReflectionPad1d'
  constructor(padding: Padding) {
    super(1, padding, { mode: 'reflect' })
  }
}

/**
 * Adds the mirror image, without the border itself, around the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
 */
export class ReflectionPad2d extends Pad {
  static override readonly layerName: string = 'ReflectionPad2d'
  constructor(padding: Padding) {
    super(2, padding, { mode: 'reflect' })
  }
}

/**
 * Adds the mirror image, without the border itself, around the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
 */
export class ReflectionPad3d extends Pad {
  static override readonly layerName: string = 'ReflectionPad3d'
  constructor(padding: Padding) {
    super(3, padding, { mode: 'reflect' })
  }
}

/**
 * Repeats the border around the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
 */
export class ReplicationPad1d extends Pad {
  static override readonly layerName: string = 'ReplicationPad1d'
  constructor(padding: Padding) {
    super(1, padding, { mode: 'replicate' })
  }
}

/**
 * Repeats the border around the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
 */
export class ReplicationPad2d extends Pad {
  static override readonly layerName: string = 'ReplicationPad2d'
  constructor(padding: Padding) {
    super(2, padding, { mode: 'replicate' })
  }
}

/**
 * Repeats the border around the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
 */
export class ReplicationPad3d extends Pad {
  static override readonly layerName: string = 'ReplicationPad3d'
  constructor(padding: Padding) {
    super(3, padding, { mode: 'replicate' })
  }
}

/**
 * Adds what lies at the other end around the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
 */
export class CircularPad1d extends Pad {
  static override readonly layerName: string = 'CircularPad1d'
  constructor(padding: Padding) {
    super(1, padding, { mode: 'circular' })
  }
}

/**
 * Adds what lies at the other end around the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
 */
export class CircularPad2d extends Pad {
  static override readonly layerName: string = 'CircularPad2d'
  constructor(padding: Padding) {
    super(2, padding, { mode: 'circular' })
  }
}

/**
 * Adds what lies at the other end around the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
 */
export class CircularPad3d extends Pad {
  static override readonly layerName: string = 'CircularPad3d'
  constructor(padding: Padding) {
    super(3, padding, { mode: 'circular' })
  }
}
