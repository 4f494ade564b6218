import { takeTensor } from '../tensor/kind.ts'
import { aGenerator } from '../random/kind.ts'
import { defineOptions, takeOptions, takeArgument } from '../base/options.ts'
import { flag, nullable, whole, wholes, number } from '../base/kinds.ts'
import { allocate, finish, fromRaw, splitSizes, type TensorOptions, tensorOptions } from './create.ts'
import { emptyLike } from './like.ts'
import { isFloat } from '../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../base/errors.ts'
import { encode } from '../tensor/elements.ts'
import type { Shape } from '../base/layout.ts'
import {
  bernoulli_,
  normal_,
  random_,
  uniform_,
  type RandomOptions,
  randomOptions,
} from '../ops/random/in-place-draws.ts'
import { sampled } from '../op/sampled.ts'
import { hostNumbers, hostValues, readsValues } from '../op/host-values.ts'
import { defaultGenerator } from '../random/default.ts'
import * as sample from '../random/index.ts'
import type { FloatArray, FloatDType } from '../random/index.ts'
import { broadcastShapes, checkSizes } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Options of random factories. */
export interface RandomTensorOptions extends TensorOptions, RandomOptions {}
/** The kinds of {@link RandomTensorOptions}. */
export const randomTensorOptions = /* @__PURE__ */ defineOptions<RandomTensorOptions, TensorOptions>(
  { generator: /* @__PURE__ */ nullable(aGenerator) },
  tensorOptions,
)

/** Sizes as numbers or one array, then options. */
export type SizesAndRandom =
  readonly number[] | readonly [...number[], RandomTensorOptions] | readonly [Shape, RandomTensorOptions?]

const split = (call: string, args: SizesAndRandom): { shape: Shape; options: RandomTensorOptions } =>
  splitSizes(call, args, randomTensorOptions)

/**
 * Uniform numbers in [0, 1); float32 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.rand.html
 * @example
 * g.rand(2, 3).shape // => [2, 3]
 */
export function rand(...args: SizesAndRandom): Tensor {
  const { shape, options } = split('rand', args)
  return finish(uniform_(allocate(shape, options.dtype ?? 'float32'), 0, 1, generatorAlone(options)), options)
}

/**
 * Numbers of the standard normal distribution; float32 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.randn.html
 */
export function randn(...args: SizesAndRandom): Tensor {
  const { shape, options } = split('randn', args)
  return finish(normal_(allocate(shape, options.dtype ?? 'float32'), 0, 1, generatorAlone(options)), options)
}

/** {@link rand} in the shape, dtype and memory order of another tensor. */
export function randLike(x: Tensor, options?: RandomTensorOptions): Tensor {
  takeTensor('randLike', 'x', x)

  options = takeOptions('randLike', randomTensorOptions, options)
  return finish(uniform_(emptyLike(x, dtypeAlone(options)), 0, 1, generatorAlone(options)), options)
}

/** {@link randn} in the shape, dtype and memory order of another tensor. */
export function randnLike(x: Tensor, options?: RandomTensorOptions): Tensor {
  takeTensor('randnLike', 'x', x)

  options = takeOptions('randnLike', randomTensorOptions, options)
  return finish(normal_(emptyLike(x, dtypeAlone(options)), 0, 1, generatorAlone(options)), options)
}

// drawn into first, and a leaf only then
const dtypeAlone = ({ dtype }: TensorOptions): TensorOptions => ({ dtype })
const generatorAlone = ({ generator }: RandomOptions): RandomOptions => ({ generator })

/**
 * Uniform integers in [`low`, `high`): `randint(high, shape)` or `randint(low, high, shape)`; int64 by default.
 *
 * @throws ValueError for an empty range
 * @see https://pytorch.org/docs/stable/generated/torch.randint.html
 * @example
 * g.randint(10, [2]).dtype // => 'int64'
 */
export function randint(high: number, shape: Shape, options?: RandomTensorOptions): Tensor
export function randint(low: number, high: number, shape: Shape, options?: RandomTensorOptions): Tensor
export function randint(
  a: number,
  b: number | Shape,
  c?: Shape | RandomTensorOptions,
  d?: RandomTensorOptions,
): Tensor {
  const twoSided = typeof b === 'number'
  const [low, high] = twoSided ? [a, b] : [0, a]
  // by the two forms above: the shape follows the numbers, and the options the shape
  const shape = (twoSided ? c : b) as Shape
  takeArgument('randint', 'low', whole, low)
  takeArgument('randint', 'high', whole, high)
  takeArgument('randint', 'shape', wholes, shape)
  const given = (twoSided ? d : c) as RandomTensorOptions | undefined // the form decides which of the two it is
  const options = takeOptions('randint', randomTensorOptions, given)
  return finish(
    random_(allocate(checkSizes(shape), options.dtype ?? 'int64'), low, high, generatorAlone(options)),
    options,
  )
}

/** {@link randint} in the shape, dtype and memory order of another tensor. */
export function randintLike(x: Tensor, low: number, high: number, options?: RandomTensorOptions): Tensor {
  takeTensor('randintLike', 'x', x)
  takeArgument('randintLike', 'low', number, low)
  takeArgument('randintLike', 'high', number, high)

  options = takeOptions('randintLike', randomTensorOptions, options)
  return finish(random_(emptyLike(x, dtypeAlone(options)), low, high, generatorAlone(options)), options)
}

/**
 * The integers below `n` in random order; int64 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.randperm.html
 */
export function randperm(n: number, options?: RandomTensorOptions): Tensor {
  options = takeOptions('randperm', randomTensorOptions, options)
  takeArgument('randperm', 'n', whole, n)
  const dtype = options.dtype ?? 'int64'
  const order = sample.randperm(options.generator ?? defaultGenerator(), n)
  return finish(fromRaw(encode(order, dtype), [n], dtype), options)
}

/**
 * 1 with the probability that each element of `x` says, else 0; of the dtype of `x`. With `p`, that probability everywhere.
 *
 * @throws ValueError unless probabilities are in [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.bernoulli.html
 */
export const bernoulli = (x: Tensor, p?: number, options?: RandomOptions): Tensor => {
  takeTensor('bernoulli', 'x', x)
  if (p !== undefined) takeArgument('bernoulli', 'p', number, p)
  return sampled(x, null, x.shape, (out) =>
    bernoulli_(out, p ?? x, takeOptions('bernoulli', randomOptions, options)),
  )
}

const normalValues = /* @__PURE__ */ readsValues('normal')

/**
 * Normal numbers of given mean and deviation: two numbers and a shape, or tensors of either.
 *
 * @throws ValueError for a negative deviation
 * @see https://pytorch.org/docs/stable/generated/torch.normal.html
 */
export function normal(mean: number, std: number, shape: Shape, options?: RandomTensorOptions): Tensor
export function normal(mean: Tensor, std: Tensor | number, options?: RandomOptions): Tensor
export function normal(mean: number, std: Tensor, options?: RandomOptions): Tensor
export function normal(
  mean: number | Tensor,
  std: number | Tensor,
  third?: Shape | RandomOptions,
  fourth?: RandomTensorOptions,
): Tensor {
  if (typeof mean === 'number' && typeof std === 'number') {
    const options = takeOptions('normal', randomTensorOptions, fourth)
    const shape = checkSizes(Array.isArray(third) ? third : [])
    const x = allocate(shape, options.dtype ?? 'float32')
    return finish(normal_(x, mean, std, generatorAlone(options)), options)
  }
  // not two numbers, so the third argument is options
  const options = takeOptions('normal', randomOptions, third as RandomOptions | undefined)
  if (typeof std === 'number' ? std < 0 : hostNumbers(normalValues, std).some((s) => s < 0)) {
    throw new ValueError('normal expects all elements of std >= 0.0')
  }
  const like = typeof mean === 'object' ? mean : (std as Tensor) // one of the two is a tensor
  const other = typeof mean === 'object' && typeof std === 'object' ? std.shape : []
  return sampled(
    like,
    like === std || typeof std === 'number' ? null : std,
    broadcastShapes(like.shape, other),
    (out) => normal_(out, 0, 1, options).mul_(detached(std)).add_(detached(mean)),
  )
}

const detached = (x: Tensor | number): Tensor | number => (typeof x === 'object' ? x.detach() : x)

/** Options of {@link multinomial}. */
export interface MultinomialOptions extends RandomOptions {
  /** Whether an index may come again; false by default. */
  replacement?: boolean
}
/** The kinds of {@link MultinomialOptions}. */
export const multinomialOptions = /* @__PURE__ */ defineOptions<MultinomialOptions, RandomOptions>(
  { replacement: flag },
  randomOptions,
)

const multinomialValues = /* @__PURE__ */ readsValues('multinomial')

/**
 * Indices drawn with probabilities in proportion to weights, per row: int64.
 *
 * @param weights - [n] or [rows, n], floating, not negative
 * @returns [numSamples] or [rows, numSamples]
 * @throws ValueError for weights that are negative, not finite or all zero, or too few of them without replacement
 * @see https://pytorch.org/docs/stable/generated/torch.multinomial.html
 */
export function multinomial(weights: Tensor, numSamples: number, options?: MultinomialOptions): Tensor {
  takeTensor('multinomial', 'weights', weights)

  options = takeOptions('multinomial', multinomialOptions, options)
  takeArgument('multinomial', 'numSamples', whole, numSamples)
  if (weights.ndim < 1 || weights.ndim > 2) throw new ShapeError('prob_dist must be 1 or 2 dim')
  if (!isFloat(weights.dtype)) {
    throw new DTypeError(`multinomial only supports floating-point dtypes for input, got: ${weights.dtype}`)
  }
  const n = weights.shape.at(-1)!
  const { replacement = false, generator } = options
  const dtype = weights.dtype as FloatDType // floating, as checked
  const rows = weights.ndim === 1 ? 1 : weights.shape[0]
  const data = hostValues(multinomialValues, weights) as FloatArray // likewise: half precision is read as float32
  const drawn = Array.from({ length: rows }, (_, row) =>
    sample.multinomial(generator ?? defaultGenerator(), data.subarray(row * n, (row + 1) * n), {
      dtype,
      numSamples,
      replacement,
    }),
  )
  const all = Int32Array.from(drawn.flatMap((d) => [...d]))
  return fromRaw(encode(all, 'int64'), [...weights.shape.slice(0, -1), numSamples], 'int64')
}

const poissonValues = /* @__PURE__ */ readsValues('poisson')

/**
 * A number of the Poisson distribution for each rate, in the dtype of the rates: PyTorch's from the same seed. Its gradient is
 * zero.
 *
 * @param x - the rates: floating, not negative
 * @throws DTypeError for integers; ValueError for a negative rate, or NaN
 * @see https://pytorch.org/docs/stable/generated/torch.poisson.html
 * @example
 * g.manualSeed(3)
 * g.poisson(g.tensor([0, 3, 1000])).shape // => [3]
 */
export function poisson(x: Tensor, options?: RandomOptions): Tensor {
  takeTensor('poisson', 'x', x)
  const { generator } = takeOptions('poisson', randomOptions, options)
  checkFloating('"poisson_cpu" not implemented for', x)
  const rates = hostNumbers(poissonValues, x)
  for (const rate of rates) sample.checkRate(rate)
  const source = generator ?? defaultGenerator()
  return sampled(x, null, x.shape, (out) => writeNumbers(out, (i) => sample.poisson(source, rates[i])))
}

const binomialValues = /* @__PURE__ */ readsValues('binomial')

/**
 * The number of successes among `count` trials that each succeed with probability `prob`, elementwise: PyTorch's from the
 * same seed. Its gradient is zero.
 *
 * @param count - floating; broadcast with `prob`
 * @param prob - of the dtype of `count`. 0 and below never succeeds, 1 and above always, NaN gives NaN
 * @throws DTypeError for integers, or two dtypes
 * @see https://pytorch.org/docs/stable/distributions.html#binomial
 * @example
 * g.binomial(g.tensor([5, 5]), g.tensor([0, 1])).tolist() // => [0, 5]
 */
export function binomial(count: Tensor, prob: Tensor, options?: RandomOptions): Tensor {
  takeTensor('binomial', 'count', count)
  takeTensor('binomial', 'prob', prob)
  const { generator } = takeOptions('binomial', randomOptions, options)
  checkFloating('binomial only supports floating-point dtypes for count, got:', count)
  checkFloating('binomial only supports floating-point dtypes for prob, got:', prob)
  if (prob.dtype !== count.dtype)
    throw new DTypeError(`Found dtype ${prob.dtype} but expected ${count.dtype}`, {
      where: 'binomial',
      hint: `convert one of them: prob.to('${count.dtype}')`,
    })
  const shape = broadcastShapes(count.shape, prob.shape)
  const [counts, probabilities] = [count, prob].map((x) =>
    hostNumbers(binomialValues, x.detach().expand(shape)),
  )
  const source = generator ?? defaultGenerator()
  return sampled(count, prob, shape, (out) =>
    writeNumbers(out, (i) => sample.binomial(source, counts[i], probabilities[i])),
  )
}

function checkFloating(message: string, x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(`${message} ${x.dtype}`, { hint: "convert it first: .to('float32')" })
}

/** Fills a fresh result, row-major. */
function writeNumbers(out: Tensor, at: (i: number) => number): Tensor {
  const values = Float64Array.from({ length: out.numel() }, (_, i) => at(i))
  out.backend.write(out.storage.block, encode(values, out.dtype))
  return out
}
