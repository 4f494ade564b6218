import { type DType, empty, keep, type Shape, Tensor, TensorError } from '@gradus/core/functions'
import { defineOptions, dtypeName, escape, flag, takeArgument, takeOptions } from '@gradus/core/internal'
import { shape as shapeKind } from './arguments.ts'
import { Parameter } from './parameter.ts'

/** Options of {@link UninitializedParameter} and {@link UninitializedBuffer}. */
export interface UninitializedOptions {
  /** Whether it accumulates gradients: true by default for a parameter, false for a buffer. */
  requiresGrad?: boolean
  /** float32 by default. */
  dtype?: DType
}

/** Options of `materialize`. */
export interface MaterializeOptions {
  /** That which the tensor was made with, by default. */
  dtype?: DType
}

const uninitializedOptions = /* @__PURE__ */ defineOptions<UninitializedOptions>({
  requiresGrad: flag,
  dtype: dtypeName,
})
const materializeOptions = /* @__PURE__ */ defineOptions<MaterializeOptions>({ dtype: dtypeName })

/** A tensor without elements and without a shape: whatever asks for that gets an error. */
function withoutShape(dtype: DType): Tensor {
  const { storage, layout } = empty([0], { dtype })
  const nowhere = new Proxy(layout, {
    get() {
      throw new TensorError('Attempted to use an uninitialized parameter or buffer, which has no shape yet', {
        hint: 'call the lazy module once with an input, as a dummy batch, before its parameters are used, saved or optimized',
      })
    },
  })
  return new Tensor(storage, nowhere, dtype)
}

function fill(x: Tensor, name: string, shape: Shape, options: MaterializeOptions | undefined): void {
  const { dtype = x.dtype } = takeOptions(name, materializeOptions, options)
  // a module keeps it, wherever its first call is made
  x.data = keep(escape(empty(takeArgument(name, 'shape', shapeKind, shape), { dtype })))
}

/**
 * A parameter whose shape is not known: of a lazy module before its first call. It counts among the parameters of its module;
 * its shape and its values cannot be used.
 *
 * @throws TensorError from every use of it that needs a shape
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedParameter.html
 * @example
 * const p = new g.nn.UninitializedParameter()
 * p.materialize([2, 3])
 * p.shape // => [2, 3]
 */
export class UninitializedParameter extends Parameter {
  constructor(options?: UninitializedOptions) {
    const { requiresGrad = true, dtype = 'float32' } = takeOptions(
      'UninitializedParameter',
      uninitializedOptions,
      options,
    )
    super(withoutShape(dtype), requiresGrad)
  }

  /** Gives it a shape, and memory that holds anything: it is a {@link Parameter} like others from here on. */
  materialize(shape: Shape, options?: MaterializeOptions): void {
    fill(this, 'materialize', shape, options)
    Object.setPrototypeOf(this, Parameter.prototype)
  }

  override toString(): string {
    return '<UninitializedParameter>'
  }
}

/**
 * A buffer whose shape is not known: see {@link UninitializedParameter}.
 *
 * @throws TensorError from every use of it that needs a shape
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.UninitializedBuffer.html
 * @example
 * const b = new g.nn.UninitializedBuffer()
 * b.materialize([2], { dtype: 'float64' })
 * b.dtype // => 'float64'
 */
export class UninitializedBuffer extends Tensor {
  constructor(options?: UninitializedOptions) {
    const { requiresGrad = false, dtype = 'float32' } = takeOptions(
      'UninitializedBuffer',
      uninitializedOptions,
      options,
    )
    const { storage, layout } = keep(withoutShape(dtype))
    super(storage, layout, dtype)
    if (requiresGrad) this.requiresGrad_()
  }

  /** Gives it a shape, and memory that holds anything: it is a tensor like others from here on. */
  materialize(shape: Shape, options?: MaterializeOptions): void {
    fill(this, 'materialize', shape, options)
    Object.setPrototypeOf(this, Tensor.prototype)
  }

  override toString(): string {
    return '<UninitializedBuffer>'
  }
}
