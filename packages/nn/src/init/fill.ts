import { noGrad } from '@gradus/autograd'
import { normal_ as drawNormal, uniform_ as drawUniform, type RandomOptions, type Tensor } from '@gradus/core'

/**
 * Fills with uniform numbers in `[a, b)`, [0, 1) by default.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html
 */
export const uniform_ = (x: Tensor, a = 0, b = 1, options: RandomOptions = {}): Tensor =>
  noGrad(() => drawUniform(x, a, b, options))

/** Fills with normally distributed numbers, of mean 0 and standard deviation 1 by default. */
export const normal_ = (x: Tensor, mean = 0, std = 1, options: RandomOptions = {}): Tensor =>
  noGrad(() => drawNormal(x, mean, std, options))

/** Fills with one number. */
export const constant_ = (x: Tensor, value: number): Tensor => noGrad(() => x.fill_(value))

/** Fills with ones. */
export const ones_ = (x: Tensor): Tensor => constant_(x, 1)

/** Fills with zeros. */
export const zeros_ = (x: Tensor): Tensor => constant_(x, 0)
