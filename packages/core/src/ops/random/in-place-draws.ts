import { takeOperand, takeTensor } from '../../tensor/kind.ts'
import { aGenerator } from '../../random/kind.ts'
import { defineOptions, takeOptions, takeArgument } from '../../base/options.ts'
import { nullable, number, whole } from '../../base/kinds.ts'
import type { Distribution } from '../../backend/types.ts'
import { internals } from '../../op/internals.ts'
import { hostValues, readsValues } from '../../op/host-values.ts'
import { allocateTyped, finfo, isFloat, type DType, type TypedArray } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { tapeOfWrite } from '../../op/dispatch.ts'
import { encode } from '../../tensor/elements.ts'
import { Layout } from '../../base/layout.ts'
import { refuseOverlap } from '../../op/operands.ts'
import { defaultGenerator } from '../../random/default.ts'
import * as sample from '../../random/index.ts'
import type { FloatArray, FloatDType, Generator } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { bytesOf } from '../../base/dtype.ts'
import { copy_ } from '../elementwise/convert.ts'

/** Options of random functions. */
export interface RandomOptions {
  /** Where the numbers come from; the default generator otherwise. */
  generator?: Generator | null
}
/** The kinds of {@link RandomOptions}. */
export const randomOptions = /* @__PURE__ */ defineOptions<RandomOptions>({
  generator: /* @__PURE__ */ nullable(aGenerator),
})

const generatorOf = ({ generator }: RandomOptions): Generator => generator ?? defaultGenerator()

/** Numbers to draw into: half precision is drawn as float32 of rounded values. */
function drawn(dtype: DType, n: number): TypedArray {
  return dtype === 'float16' || dtype === 'bfloat16' ? new Float32Array(n) : allocateTyped(dtype, n)
}

/** Axes in the order of memory: PyTorch fills a tensor in it. */
const memoryOrder = ({ shape, strides }: Layout): number[] =>
  shape.map((_, a) => a).sort((a, b) => Math.abs(strides[b]) - Math.abs(strides[a]))

/** Fills `x` with one draw per element, in the order in which they lie in memory. */
export function fillDrawn(x: Tensor, draw: (into: TypedArray) => void): Tensor {
  refuseOverlap(x)
  // a freed tensor is refused before anything is drawn
  void x.storage.block
  const values = drawn(x.dtype, x.numel())
  draw(values)
  const raw = x.dtype === 'float16' || x.dtype === 'bfloat16' ? encode(numbers(values), x.dtype) : values
  const { layout, storage } = x
  if (
    tapeOfWrite(x, [x]) === null &&
    layout.dense &&
    layout.offset === 0 &&
    storage.bytes === layout.size * bytesOf(x.dtype) &&
    layout.strides.every((s) => s >= 0)
  ) {
    storage.backend.write(storage.block, raw)
    internals(x).counter.value++
    return x
  }
  const order = memoryOrder(layout)
  const own = Layout.of(order.map((a) => layout.shape[a]))
  const source = internals(x).makeAs(own, x.dtype)
  storage.backend.write(source.storage.block, raw)
  return copy_(x, source.permute(order.map((_, a) => order.indexOf(a))))
}

// fewer elements are drawn before the generator's state has gone to the backend and back
const leastForBackend = 512

/** Fills `x` by its backend, if the backend draws, takes `x` (dtype, layout, size), and nothing is recorded. */
function drawnByBackend(
  x: Tensor,
  distribution: Distribution,
  options: RandomOptions,
  first: number,
  second = 0,
): boolean {
  const { layout, dtype, storage } = x
  const { backend } = storage
  // draws for zeros and ones are the same for every dtype
  if (dtype !== 'float32' && distribution !== 'bernoulli') return false
  if (!layout.contiguous || layout.size < leastForBackend) return false
  if (backend.random === undefined || tapeOfWrite(x, [x]) !== null) return false
  const generator = generatorOf(options)
  const state = generator.getState()
  const out = dtype === 'float32' ? x : internals(x).makeAs(Layout.of(layout.shape), 'float32')
  backend.random(distribution, state, out, first, second)
  generator.setState(state)
  if (out === x) internals(x).counter.value++
  else copy_(x, out)
  return true
}

// half precision is drawn as Float32Array
const numbers = (values: TypedArray): ArrayLike<number> => values as Float32Array

function floating(name: string, x: Tensor): FloatDType {
  if (!isFloat(x.dtype)) throw new DTypeError(`"${name}" not implemented for '${x.dtype}'`)
  return x.dtype as FloatDType // every floating dtype is one
}

// of a floating dtype, as the caller has checked
const floats = (values: TypedArray): FloatArray => values as FloatArray

/**
 * Fills with uniform numbers in [`from`, `to`).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
 */
export function uniform_(x: Tensor, from = 0, to = 1, options?: RandomOptions): Tensor {
  takeTensor('uniform_', 'x', x)
  takeArgument('uniform_', 'from', number, from)
  takeArgument('uniform_', 'to', number, to)

  options = takeOptions('uniform_', randomOptions, options)
  const dtype = floating('check_uniform_bounds', x)
  const { max } = finfo('float32')
  const isRange = from >= -max && to <= max && from <= to && to - from <= max
  if (isRange && drawnByBackend(x, 'uniform', options, from, to)) return x
  return fillDrawn(x, (out) => sample.uniform(generatorOf(options), floats(out), { dtype, from, to }))
}

/**
 * Fills with normal numbers.
 *
 * @throws ValueError unless std >= 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
 */
export function normal_(x: Tensor, mean = 0, std = 1, options?: RandomOptions): Tensor {
  takeTensor('normal_', 'x', x)
  takeArgument('normal_', 'mean', number, mean)
  takeArgument('normal_', 'std', number, std)

  options = takeOptions('normal_', randomOptions, options)
  const dtype = floating('normal_kernel_cpu', x)
  if (std >= 0 && drawnByBackend(x, 'normal', options, mean, std)) return x
  const contiguous = x.layout.contiguous
  return fillDrawn(x, (out) =>
    sample.normal(generatorOf(options), floats(out), { dtype, mean, std, contiguous }),
  )
}

/** Fills with the exponentials of normal numbers. */
export function logNormal_(x: Tensor, mean = 1, std = 2, options?: RandomOptions): Tensor {
  takeTensor('logNormal_', 'x', x)
  takeArgument('logNormal_', 'mean', number, mean)
  takeArgument('logNormal_', 'std', number, std)

  options = takeOptions('logNormal_', randomOptions, options)
  const dtype = floating('log_normal', x)
  return fillDrawn(x, (out) => sample.logNormal(generatorOf(options), floats(out), { dtype, mean, std }))
}

/**
 * Fills with exponentially distributed numbers of rate `lambda`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.exponential_.html
 */
export function exponential_(x: Tensor, lambda = 1, options?: RandomOptions): Tensor {
  takeTensor('exponential_', 'x', x)
  takeArgument('exponential_', 'lambda', number, lambda)

  options = takeOptions('exponential_', randomOptions, options)
  const dtype = floating('exponential_cpu', x)
  return fillDrawn(x, (out) => sample.exponential(generatorOf(options), floats(out), { dtype, lambda }))
}

/** Fills with numbers of the Cauchy distribution. */
export function cauchy_(x: Tensor, median = 0, sigma = 1, options?: RandomOptions): Tensor {
  takeTensor('cauchy_', 'x', x)
  takeArgument('cauchy_', 'median', number, median)
  takeArgument('cauchy_', 'sigma', number, sigma)

  options = takeOptions('cauchy_', randomOptions, options)
  const dtype = floating('cauchy', x)
  return fillDrawn(x, (out) => sample.cauchy(generatorOf(options), floats(out), { dtype, median, sigma }))
}

/** Fills with numbers of trials up to the first success. */
export function geometric_(x: Tensor, p: number, options?: RandomOptions): Tensor {
  takeTensor('geometric_', 'x', x)
  takeArgument('geometric_', 'p', number, p)

  options = takeOptions('geometric_', randomOptions, options)
  const { dtype } = x
  if (dtype === 'bool') throw new DTypeError('"geometric_" not implemented for \'bool\'')
  return fillDrawn(x, (out) => sample.geometric(generatorOf(options), out, { dtype, p }))
}

const bernoulliValues = /* @__PURE__ */ readsValues('bernoulli_')

/**
 * Fills with 1 (probability `p`) and 0; `p` is one number, or a tensor of one per element.
 *
 * @throws ValueError unless 0 <= p <= 1
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
 */
export function bernoulli_(x: Tensor, p: number | Tensor = 0.5, options?: RandomOptions): Tensor {
  takeTensor('bernoulli_', 'x', x)
  takeOperand('bernoulli_', 'p', p)

  options = takeOptions('bernoulli_', randomOptions, options)
  if (typeof p === 'number' && p >= 0 && p <= 1 && drawnByBackend(x, 'bernoulli', options, p)) return x
  if (typeof p === 'number') return fillDrawn(x, (out) => sample.bernoulli(generatorOf(options), out, p))
  if (!isFloat(p.dtype)) {
    throw new DTypeError(`expected probabilities tensor to have floating type, got ${p.dtype}`)
  }
  const probabilities = hostValues(bernoulliValues, p.detach().expand(x.shape).permute(memoryOrder(x.layout)))
  // of a floating dtype: float16 and bfloat16 are read as float32
  return fillDrawn(x, (out) => sample.bernoulliFrom(generatorOf(options), out, probabilities as FloatArray))
}

const drawBound = /* @__PURE__ */ nullable(whole)

/**
 * Fills with uniform integers in [`from`, `to`); without bounds, all that the dtype holds from 0 on.
 *
 * @throws ValueError for an empty range or one beyond the dtype
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.random_.html
 */
export function random_(
  x: Tensor,
  from?: number | null,
  to?: number | null,
  options?: RandomOptions,
): Tensor {
  takeTensor('random_', 'x', x)

  options = takeOptions('random_', randomOptions, options)
  const { dtype } = x
  takeArgument('random_', 'from', drawBound, from ?? null)
  takeArgument('random_', 'to', drawBound, to ?? null)
  const bounds =
    from === undefined || from === null ? null : to === undefined || to === null ? [0, from] : [from, to]
  return fillDrawn(x, (out) => {
    if (bounds === null) sample.randomFull(generatorOf(options), out, { dtype })
    else sample.randint(generatorOf(options), out, { dtype, low: bounds[0], high: bounds[1] })
  })
}
