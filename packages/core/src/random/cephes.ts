// Cephes' logf and sincosf as vectorised in avx_mathfun.h, which PyTorch's AVX2 normal kernel uses, with the
// multiply-adds that the compiler contracts there. One pass over the lanes per step: a chain of dependent
// multiply-adds per element takes twice as long.
import { fmaf } from './fma.ts'

const fround = Math.fround

/** The most elements that `log` and `sincos` take at once. */
export const lanes = 256

const squares = new Float32Array(lanes)
const exponents = new Float32Array(lanes)
const polynomial = new Float32Array(lanes)
const octants = new Int32Array(lanes)

/** y ← y·x + c. */
function multiplyAdd(y: Float32Array, x: Float32Array, c: number, n: number): void {
  for (let i = 0; i < n; i++) y[i] = fmaf(y[i], x[i], c)
}

/** √½ as float32 bits. */
const sqrtHalf = 0x3f3504f3
const log0 = fround(7.0376836292e-2)
const log1 = fround(-1.151461031e-1)
const log2 = fround(1.167699874e-1)
const log3 = fround(-1.2420140846e-1)
const log4 = fround(1.4249322787e-1)
const log5 = fround(-1.6668057665e-1)
const log6 = fround(2.0000714765e-1)
const log7 = fround(-2.4999993993e-1)
const log8 = fround(3.3333331174e-1)
const logLow = fround(-2.1219444e-4)
const logHigh = fround(0.693359375)

/** Replaces the first `n` elements, normal and positive, by their natural logarithms. */
export function log(x: Float32Array, n: number): void {
  splitExponents(x, n)
  for (let i = 0; i < n; i++) polynomial[i] = fmaf(log0, x[i], log1)
  multiplyAdd(polynomial, x, log2, n)
  multiplyAdd(polynomial, x, log3, n)
  multiplyAdd(polynomial, x, log4, n)
  multiplyAdd(polynomial, x, log5, n)
  multiplyAdd(polynomial, x, log6, n)
  multiplyAdd(polynomial, x, log7, n)
  multiplyAdd(polynomial, x, log8, n)
  for (let i = 0; i < n; i++) {
    const square = fround(x[i] * x[i])
    const y = fmaf(fround(polynomial[i] * x[i]), square, fround(exponents[i] * logLow))
    x[i] = fround(x[i] + fround(y - fround(square * 0.5)))
  }
  // logHigh has 9 bits: product and sum are exact in double, so the store rounds once, as fmaf would
  for (let i = 0; i < n; i++) x[i] += exponents[i] * logHigh
}

/** x ← m - 1, where the old x is m·2^exponent with m in [√½, √2). */
function splitExponents(x: Float32Array, n: number): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, n)
  for (let i = 0; i < n; i++) {
    const mantissa = (bits[i] & 0x007fffff) | 0x3f000000
    // 1 below √½, else 0: as likely as not, so a branch would cost more than the arithmetic
    const small = (mantissa - sqrtHalf) >>> 31
    exponents[i] = (bits[i] >>> 23) - 126 - small
    bits[i] = mantissa
    x[i] = x[i] * (1 + small) - 1
  }
}

const fourOverPi = fround(1.27323954473516)
const reduce1 = fround(-0.78515625)
const reduce2 = fround(-2.4187564849853515625e-4)
const reduce3 = fround(-3.77489497744594108e-8)
const sin0 = fround(-1.9515295891e-4)
const sin1 = fround(8.3321608736e-3)
const sin2 = fround(-1.6666654611e-1)
const cos0 = fround(2.443315711809948e-5)
const cos1 = fround(-1.388731625493765e-3)
const cos2 = fround(4.166664568298827e-2)

/** Writes sines and cosines of the first `n` angles, from 0 to 2π, to `sine` and `cosine`. Overwrites the angles. */
export function sincos(angle: Float32Array, n: number, sine: Float32Array, cosine: Float32Array): void {
  for (let i = 0; i < n; i++) octants[i] = (Math.trunc(fround(angle[i] * fourOverPi)) + 1) & ~1
  for (let i = 0; i < n; i++) {
    // π/4 in three parts of so few bits that for angles up to 2π every sum is exact in double and rounded
    // once, as by fmaf
    let x = fround(angle[i] + octants[i] * reduce1)
    x = fround(x + octants[i] * reduce2)
    x = fround(x + octants[i] * reduce3)
    angle[i] = x
    squares[i] = x * x
  }

  for (let i = 0; i < n; i++) cosine[i] = fmaf(cos0, squares[i], cos1)
  multiplyAdd(cosine, squares, cos2, n)
  for (let i = 0; i < n; i++) {
    const square = squares[i]
    cosine[i] = fmaf(fround(cosine[i] * square), square, -fround(square * 0.5)) + 1
  }

  for (let i = 0; i < n; i++) sine[i] = fmaf(sin0, squares[i], sin1)
  multiplyAdd(sine, squares, sin2, n)
  for (let i = 0; i < n; i++) sine[i] = fmaf(fround(sine[i] * squares[i]), angle[i], angle[i])

  for (let i = 0; i < n; i++) {
    const octant = octants[i]
    const [s, c] = [sine[i], cosine[i]]
    // without branches, which no processor could predict: 1 where sine and cosine change places
    const swap = (octant >>> 1) & 1
    const keep = 1 - swap
    sine[i] = (s * keep + c * swap) * (1 - ((octant & 4) >>> 1))
    cosine[i] = (c * keep + s * swap) * ((((octant - 2) & 4) >>> 1) - 1)
  }
}
