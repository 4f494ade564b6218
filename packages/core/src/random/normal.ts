import { isHalf } from '../base/dtype.ts'
import { ValueError } from '../base/errors.ts'
import type { FloatArray, FloatDType } from './fill.ts'
import { castTo, fillWith } from './fill.ts'
import { lanes, log, sincos } from './cephes.ts'
import { fma, fmaf } from './fma.ts'
import type { Generator } from './generator.ts'

const fround = Math.fround
const twoPi = fround(2 * Math.PI)

/** Elements from which on PyTorch fills a contiguous tensor by blocks of as many. */
const block = 16

/**
 * Fills `out` with normal values, in memory order: `Tensor.normal_`, and `torch.randn` with the defaults.
 *
 * Up to 15 elements, and for every tensor that is not contiguous, pairs of values come from four draws in
 * double; the second of a pair waits in the generator for the next call. From 16 contiguous elements on,
 * blocks of 16 are transformed in the dtype itself (half precision in float32), one draw an element (float64:
 * two); a rest is filled by drawing the last 16 elements again.
 *
 * Equal to PyTorch on x86-64 with AVX2, bit for bit, but for float64: log, sin and cos of JavaScript engines
 * differ from the C library's in the last bits, and the values with them by up to 3 units in the last place.
 *
 * @param mean - 0 by default
 * @param std - 1 by default
 * @param contiguous - whether the tensor that `out` belongs to is contiguous; true by default
 * @throws ValueError unless std >= 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
 * @example
 * const out = new Float32Array(3)
 * normal(new Generator(0), out, { dtype: 'float32' })
 * out // => Float32Array [1.5409960746765137, -0.293428897857666, -2.1787893772125244]
 */
export function normal(
  generator: Generator,
  out: FloatArray,
  {
    dtype,
    mean = 0,
    std = 1,
    contiguous = true,
  }: { dtype: FloatDType; mean?: number; std?: number; contiguous?: boolean },
): void {
  if (!(std >= 0)) throw new ValueError(`normal expects std >= 0.0, but found std ${std}`)
  if (out.length < block || !contiguous) {
    const cast = castTo(dtype)
    fillWith(out, () => cast(nextNormal(generator, mean, std)))
  } else if (dtype === 'float64') {
    const transform = (from: number, to: number) => boxMullerDouble(out, from, to, mean, std)
    fillByBlocks(out, { draw: () => generator.u53(), transform, drawsRest: true })
  } else {
    const half = isHalf(dtype)
    const cast = castTo(dtype)
    const transform = (from: number, to: number) => {
      boxMullerSingle(out, from, to, fround(mean), fround(std))
      if (half) for (let i = from; i < to; i++) out[i] = cast(out[i])
    }
    fillByBlocks(out, { draw: () => generator.u24(), transform, drawsRest: !half })
  }
}

/**
 * Fills `out` with values whose logarithm is normal, in memory order: `Tensor.log_normal_`.
 *
 * Pairs come from four draws in double, whatever the length and the dtype; float64 may differ from PyTorch in
 * the last bits, as exp of JavaScript does.
 *
 * @param mean - of the logarithm, 1 by default
 * @param std - of the logarithm, 2 by default
 * @throws ValueError unless std > 0
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.log_normal_.html
 * @example
 * logNormal(new Generator(0), new Float32Array(3), { dtype: 'float32', mean: 0, std: 1 })
 */
export function logNormal(
  generator: Generator,
  out: FloatArray,
  { dtype, mean = 1, std = 2 }: { dtype: FloatDType; mean?: number; std?: number },
): void {
  if (!(std > 0)) throw new ValueError(`log_normal_ expects std > 0.0, but found std=${std}`)
  const cast = castTo(dtype)
  fillWith(out, () => cast(Math.exp(nextNormal(generator, mean, std))))
}

/** A number of the standard normal distribution, in double: every second one waits in the generator. */
export const standardNormal = (generator: Generator): number => nextNormal(generator, 0, 1)

/** The next of a pair of normal values, in double (Box and Muller). */
function nextNormal(generator: Generator, mean: number, std: number): number {
  const cached = generator.cachedNormal
  if (cached !== undefined) {
    generator.cachedNormal = undefined
    return fma(cached, std, mean)
  }
  const angle = 2 * Math.PI * generator.u53()
  const radius = Math.sqrt(-2 * Math.log1p(-generator.u53()))
  generator.cachedNormal = radius * Math.sin(angle)
  return fma(radius * Math.cos(angle), std, mean)
}

interface Blocks {
  draw: () => number
  /** Turns the uniform values of the elements `from` to `to` - 1, a multiple of 16, into normal ones. */
  transform: (from: number, to: number) => void
  /** Whether uniform values are drawn for an incomplete block too, before the last 16 elements are drawn again. */
  drawsRest: boolean
}

function fillByBlocks(out: FloatArray, { draw, transform, drawsRest }: Blocks): void {
  const n = out.length
  const whole = n - (n % block)
  const drawn = drawsRest ? n : whole
  for (let i = 0; i < drawn; i++) out[i] = draw()
  transform(0, whole)
  if (whole === n) return
  for (let i = n - block; i < n; i++) out[i] = draw()
  transform(n - block, n)
}

const radii = new Float32Array(lanes)
const angles = new Float32Array(lanes)
const sines = new Float32Array(lanes)
const cosines = new Float32Array(lanes)

/** Position of the first value of a pair; the second is 8 elements after it. */
const positionOf = (pair: number): number => 2 * pair - (pair & 7)

/** Box and Muller in float32 on the pairs (i, i + 8) of every 16 uniform values. */
function boxMullerSingle(data: FloatArray, from: number, to: number, mean: number, std: number): void {
  for (let start = from; start < to; start += 2 * lanes) {
    const pairs = Math.min(2 * lanes, to - start) / 2
    for (let k = 0; k < pairs; k++) {
      const at = start + positionOf(k)
      radii[k] = 1 - data[at]
      angles[k] = twoPi * data[at + 8]
    }
    log(radii, pairs)
    sincos(angles, pairs, sines, cosines)
    for (let k = 0; k < pairs; k++) {
      const at = start + positionOf(k)
      const radius = fround(Math.sqrt(fround(-2 * radii[k])))
      data[at] = fmaf(fround(radius * cosines[k]), std, mean)
      data[at + 8] = fmaf(fround(radius * sines[k]), std, mean)
    }
  }
}

function boxMullerDouble(data: FloatArray, from: number, to: number, mean: number, std: number): void {
  for (let k = 0; k < (to - from) / 2; k++) {
    const at = from + positionOf(k)
    const radius = Math.sqrt(-2 * Math.log(1 - data[at]))
    const angle = 2 * Math.PI * data[at + 8]
    data[at] = fma(radius * Math.cos(angle), std, mean)
    data[at + 8] = fma(radius * Math.sin(angle), std, mean)
  }
}
