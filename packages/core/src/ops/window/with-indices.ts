import type { Shape } from '../../base/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d, type OutputSize } from './adaptive-pool.ts'
import { fractionalMaxPool2d, fractionalMaxPool3d, type FractionalMaxPoolOptions } from './fractional-pool.ts'
import { maxPool1d, maxPool2d, maxPool3d, type MaxPoolOptions, type PooledWithIndices } from './pool.ts'

/*
 * The names that PyTorch has for maximum pooling with `returnIndices`.
 */

/**
 * {@link maxPool1d} with `returnIndices`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 * @example
 * g.maxPool1dWithIndices(g.tensor([[[1, 3, 2, 5]]]), 2).indices.tolist() // => [[[1, 3]]]
 */
export const maxPool1dWithIndices = (
  x: Tensor,
  kernelSize: number | Shape,
  options?: MaxPoolOptions,
): PooledWithIndices => maxPool1d(x, kernelSize, { ...options, returnIndices: true })

/** {@link maxPool2d} with `returnIndices`. */
export const maxPool2dWithIndices = (
  x: Tensor,
  kernelSize: number | Shape,
  options?: MaxPoolOptions,
): PooledWithIndices => maxPool2d(x, kernelSize, { ...options, returnIndices: true })

/** {@link maxPool3d} with `returnIndices`. */
export const maxPool3dWithIndices = (
  x: Tensor,
  kernelSize: number | Shape,
  options?: MaxPoolOptions,
): PooledWithIndices => maxPool3d(x, kernelSize, { ...options, returnIndices: true })

/** {@link adaptiveMaxPool1d} with `returnIndices`. */
export const adaptiveMaxPool1dWithIndices = (x: Tensor, size: OutputSize): PooledWithIndices =>
  adaptiveMaxPool1d(x, size, { returnIndices: true })

/** {@link adaptiveMaxPool2d} with `returnIndices`. */
export const adaptiveMaxPool2dWithIndices = (x: Tensor, size: OutputSize): PooledWithIndices =>
  adaptiveMaxPool2d(x, size, { returnIndices: true })

/** {@link adaptiveMaxPool3d} with `returnIndices`. */
export const adaptiveMaxPool3dWithIndices = (x: Tensor, size: OutputSize): PooledWithIndices =>
  adaptiveMaxPool3d(x, size, { returnIndices: true })

/** {@link fractionalMaxPool2d} with `returnIndices`. */
export const fractionalMaxPool2dWithIndices = (
  x: Tensor,
  kernelSize: number | Shape,
  options: FractionalMaxPoolOptions,
): PooledWithIndices => fractionalMaxPool2d(x, kernelSize, { ...options, returnIndices: true })

/** {@link fractionalMaxPool3d} with `returnIndices`. */
export const fractionalMaxPool3dWithIndices = (
  x: Tensor,
  kernelSize: number | Shape,
  options: FractionalMaxPoolOptions,
): PooledWithIndices => fractionalMaxPool3d(x, kernelSize, { ...options, returnIndices: true })
