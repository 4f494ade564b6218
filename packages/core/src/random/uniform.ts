import type { TypedArray } from '../base/dtype.ts'
import { finfo } from '../base/dtype.ts'
import { ValueError } from '../base/errors.ts'
import type { FloatArray, FloatDType } from './fill.ts'
import { castTo, fillWith } from './fill.ts'
import { fma, fmaf } from './fma.ts'
import type { Generator } from './generator.ts'

/**
 * Fills `out` with uniform values in [`from`, `to`), in memory order: `Tensor.uniform_`.
 *
 * float64 takes two draws an element, the others one. The scaling is a fused multiply-add, as in PyTorch's
 * vector kernels.
 *
 * @param from - 0 by default
 * @param to - 1 by default
 * @throws ValueError unless `from <= to`, both and their difference within the dtype
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
 * @example
 * const out = new Float32Array(2)
 * uniform(new Generator(0), out, { dtype: 'float32' })
 * out // => Float32Array [0.49625658988952637, 0.7682217955589294]
 */
export function uniform(
  generator: Generator,
  out: FloatArray,
  { dtype, from = 0, to = 1 }: { dtype: FloatDType; from?: number; to?: number },
): void {
  checkUniform(dtype, from, to)
  const cast = castTo(dtype)
  const lower = cast(from)
  const upper = cast(to)
  if (dtype === 'float64') {
    const width = to - from
    for (let i = 0; i < out.length; i++) {
      const value = fma(generator.u53(), width, from)
      out[i] = value === to ? from : value
    }
    return
  }
  const start = Math.fround(from)
  const width = Math.fround(Math.fround(to) - start)
  if (dtype === 'float32') {
    for (let i = 0; i < out.length; i++) {
      const value = fmaf(generator.u24(), width, start)
      out[i] = value === upper ? lower : value
    }
    return
  }
  fillWith(out, () => {
    const value = cast(fmaf(generator.u24(), width, start))
    return value === upper ? lower : value
  })
}

function checkUniform(dtype: FloatDType, from: number, to: number): void {
  const { min, max } = finfo(dtype)
  if (!(from >= min && from <= max)) throw new ValueError(`from is out of bounds for ${dtype}`)
  if (!(to >= min && to <= max)) throw new ValueError(`to is out of bounds for ${dtype}`)
  if (from > to) {
    throw new ValueError(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`)
  }
  if (to - from > max) {
    throw new ValueError(
      `uniform_ expects to-from <= std::numeric_limits<${dtype}>::max(), but found to=${to} and from=${from}` +
        ' which result in to-from to exceed the limit',
    )
  }
}

/**
 * Fills `out` with 1 (probability `p`) and 0, in memory order: `Tensor.bernoulli_(p)`, which dropout uses.
 *
 * Two draws an element, whatever the dtype.
 *
 * @throws ValueError unless 0 <= p <= 1
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
 * @example
 * const out = new Uint8Array(4)
 * bernoulli(new Generator(0), out, 0.5)
 * out // => Uint8Array [0, 0, 1, 0]
 */
export function bernoulli(generator: Generator, out: TypedArray, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli_ expects p to be in [0, 1], but got p=${p}`)
  fillWith(out, () => (generator.u53() < p ? 1 : 0))
}

/**
 * Fills `out` with 1 (probability `probabilities[i]`) and 0, in memory order: `torch.bernoulli`.
 *
 * One draw an element for a Float32Array (float32 and half precision), two for a Float64Array.
 *
 * @param probabilities - as many as `out` has elements
 * @throws ValueError unless every probability is in [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.bernoulli.html
 * @example
 * const out = new Float32Array(2)
 * bernoulliFrom(new Generator(0), out, new Float32Array([0, 1]))
 * out // => Float32Array [0, 1]
 */
export function bernoulliFrom(generator: Generator, out: TypedArray, probabilities: FloatArray): void {
  for (const p of probabilities) {
    if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli expects p to be in [0, 1], but got p=${p}`)
  }
  const wide = probabilities instanceof Float64Array
  let i = 0
  fillWith(out, () => ((wide ? generator.u53() : generator.u24()) < probabilities[i++] ? 1 : 0))
}

/**
 * Fills `out` with exponentially distributed values of rate `lambda`, in memory order: `Tensor.exponential_`.
 *
 * Two draws an element, whatever the dtype; computed in double.
 *
 * @param lambda - the rate, 1 by default
 * @throws ValueError unless lambda > 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.exponential_.html
 * @example
 * exponential(new Generator(0), new Float32Array(3), { dtype: 'float32', lambda: 2 })
 */
export function exponential(
  generator: Generator,
  out: FloatArray,
  { dtype, lambda = 1 }: { dtype: FloatDType; lambda?: number },
): void {
  if (!(lambda > 0)) throw new ValueError(`exponential_ expects lambda > 0.0, but found lambda=${lambda}`)
  const cast = castTo(dtype)
  const scale = -1 / lambda
  fillWith(out, () => cast(scale * Math.log1p(-generator.u53())))
}

/**
 * Fills `out` with values of the Cauchy distribution, in memory order: `Tensor.cauchy_`.
 *
 * Two draws an element; computed in double. float64 may differ from PyTorch in the last bits, as tan of
 * JavaScript does.
 *
 * @param median - 0 by default
 * @param sigma - half the width at half the maximum, 1 by default
 * @throws ValueError unless sigma > 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.cauchy_.html
 * @example
 * cauchy(new Generator(0), new Float32Array(3), { dtype: 'float32', sigma: 2 })
 */
export function cauchy(
  generator: Generator,
  out: FloatArray,
  { dtype, median = 0, sigma = 1 }: { dtype: FloatDType; median?: number; sigma?: number },
): void {
  if (!(sigma > 0)) throw new ValueError(`cauchy_ expects sigma > 0.0, but found sigma=${sigma}`)
  const cast = castTo(dtype)
  fillWith(out, () => cast(median + sigma * Math.tan(Math.PI * (generator.u53() - 0.5))))
}

/**
 * Fills `out` with the number of trials up to the first success, 1 or more, in memory order:
 * `Tensor.geometric_`.
 *
 * Two draws an element; computed in double.
 *
 * @param p - probability of a success
 * @throws ValueError unless 0 < p < 1
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.geometric_.html
 * @example
 * geometric(new Generator(0), new Int32Array(3), { dtype: 'int32', p: 0.5 })
 */
export function geometric(
  generator: Generator,
  out: TypedArray,
  { dtype, p }: { dtype: FloatDType | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8'; p: number },
): void {
  if (!(p > 0 && p < 1)) throw new ValueError(`geometric_ expects p to be in (0, 1), but got p=${p}`)
  const cast = castTo(dtype)
  const logFailure = Math.log1p(-p)
  fillWith(out, () => cast(Math.ceil(Math.log(generator.u53()) / logFailure)))
}
