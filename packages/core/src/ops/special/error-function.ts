import { hostFunction } from '../../op/host-pointwise.ts'
import { erfc as erfcOf } from '../../program/special.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { seriesAt, type Segment } from './chebyshev.ts'

// (1 + √π x) e^(x²) erfc(x) over (x - 4) / (x + 4) for x ≥ 0. Coefficients of this series were computed with mpmath 1.3 in 40 digits, by interpolation at Chebyshev nodes.
const scaled: Segment = { from: -1, to: 1, c: [1.0774332741811514, -0.05525319713335544, -0.05150917625733324, 0.04583298813997145, -0.023165266523146454, 0.008770202776716328, -0.002640332987139959, 0.0006352500325157169, -0.00011789501622301913, 1.4965094927593607e-05, -6.510366780794245e-07, -2.0712904857003024e-07, 4.8637960509449345e-08, -1.944236235309006e-09, -1.0104898568681105e-09, 1.6836563961287407e-10, 1.1815746373431068e-11, -6.037794662399221e-12, 9.552799681626513e-14, 1.8692352975062204e-13, -1.3338395083381419e-14, -5.7933424988138994e-15, 6.715951199225191e-16, 1.9254912237788022e-16, -2.827664905525236e-17] } // prettier-ignore

/** `e^(x²)` with the rounding of x² made up for. */
function expOfSquare(x: number): number {
  const high = Math.fround(x)
  return Math.exp(high * high) * Math.exp((x - high) * (x + high))
}

function erfcxOf(x: number): number {
  if (x < 0) return x < -26.7 ? Infinity : 2 * expOfSquare(x) - erfcxOf(-x)
  if (x === Infinity) return 0
  return seriesAt(scaled, (x - 4) / (x + 4)) / (1 + Math.sqrt(Math.PI) * x)
}

/**
 * `e^(x²) erfc(x)`, elementwise, which does not underflow.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.erfcx
 * @example
 * g.special.erfcx(g.tensor([0, 1])).tolist() // => [1, 0.4276]
 */
export const erfcx: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('erfcx', erfcxOf, {
  withResult: (g, x, out) =>
    g.mul(
      x
        .mul(out)
        .mul(2)
        .sub(2 / Math.sqrt(Math.PI)),
    ),
})

function logNdtrOf(x: number): number {
  const t = x * Math.SQRT1_2
  if (x < -1) return Math.log(erfcxOf(-t) / 2) - t * t
  if (x < 1) return Math.log1p(-erfcOf(t) / 2)
  return Math.log1p(-erfcxOf(t) / expOfSquare(t) / 2)
}

/**
 * The logarithm of the share of a normal distribution below `x`, elementwise, which does not underflow.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.log_ndtr
 * @example
 * g.special.logNdtr(g.tensor([0, -10])).tolist() // => [-0.6931, -53.2313]
 */
export const logNdtr = /* @__PURE__ */ hostFunction('logNdtr', logNdtrOf, (g, x) =>
  g.div(erfcx(x.mul(-Math.SQRT1_2))).mul(Math.sqrt(2 / Math.PI)),
)
