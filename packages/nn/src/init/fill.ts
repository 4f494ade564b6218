import { noGrad } from '@gradus/autograd'
import {
  normal_ as drawNormal,
  type RandomOptions,
  type Tensor,
  uniform_ as drawUniform,
} from '@gradus/core/functions'
import {
  anything,
  defineOptions,
  kind,
  type OptionTable,
  real,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { tensor } from '../module/arguments.ts'

// the draws look at the generator
export const randomOptions: OptionTable<RandomOptions> = /* @__PURE__ */ defineOptions<RandomOptions>({
  generator: /* @__PURE__ */ anything(),
})

// NaN is a value to fill with
const number = /* @__PURE__ */ kind<number>('a number', (x) => typeof x === 'number')

/** The tensor to fill, looked at. */
export const filled = (call: string, x: Tensor): Tensor => takeArgument(call, 'x', tensor, x)

/**
 * Fills with uniform numbers in `[a, b)`, [0, 1) by default.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html
 */
export function uniform_(x: Tensor, a = 0, b = 1, options?: RandomOptions): Tensor {
  filled('uniform_', x)
  takeArgument('uniform_', 'a', real, a)
  takeArgument('uniform_', 'b', real, b)
  const given = takeOptions('uniform_', randomOptions, options)
  return noGrad(() => drawUniform(x, a, b, given))
}

/** Fills with normally distributed numbers, of mean 0 and standard deviation 1 by default. */
export function normal_(x: Tensor, mean = 0, std = 1, options?: RandomOptions): Tensor {
  filled('normal_', x)
  takeArgument('normal_', 'mean', real, mean)
  takeArgument('normal_', 'std', real, std)
  const given = takeOptions('normal_', randomOptions, options)
  return noGrad(() => drawNormal(x, mean, std, given))
}

/** Fills with one number. */
export function constant_(x: Tensor, value: number): Tensor {
  filled('constant_', x)
  return noGrad(() => x.fill_(takeArgument('constant_', 'value', number, value)))
}

/** Fills with ones. */
export const ones_ = (x: Tensor): Tensor => noGrad(() => filled('ones_', x).fill_(1))

/** Fills with zeros. */
export const zeros_ = (x: Tensor): Tensor => noGrad(() => filled('zeros_', x).fill_(0))
