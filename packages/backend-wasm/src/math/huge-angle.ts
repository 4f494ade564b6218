import { f32, f64, i32, i64, select } from '../assembler/index.ts'
import type { Func, Local, Value } from '../assembler/index.ts'
import type { Helper } from '../codegen/graph.ts'

// 2/π after the binary point, with a word of zeros before
const twoOverPi = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab]

/**
 * Sine, cosine and tangent of float32 from 2^20 on, by M. Payne and R. Hanek, "Radian reduction for trigonometric functions"
 * (1983). Digits of x · 2/π = m 2^s · 2/π that make multiples of 4 do not matter.
 */
export const hugeSine = { sin: helper('sin'), cos: helper('cos'), tan: helper('tan') } as const

function helper(kind: 'sin' | 'cos' | 'tan'): Helper {
  return {
    name: `${kind} of huge`,
    imported: false,
    define: (module) =>
      module.func({ params: { x: 'f32' }, result: 'f32' }, (f, { x }) => {
        const result = f.let(f32.const(NaN))
        f.if(f32.lt(f32.abs(x), Infinity), () => {
          const { rest, quadrant } = reduce(f, x)
          f.set(result, f32.demoteF64(evaluate(f, kind, rest, quadrant)))
          if (kind !== 'cos') f.if(f32.lt(x, 0), () => f.set(result, f32.neg(result)))
        })
        return result
      }),
  }
}

function word(f: Func, at: Value<'i32'>): Local<'i64'> {
  const index = f.let(at)
  const result = f.local('i64')
  twoOverPi.forEach((bits, i) => f.set(result, select(i32.eq(index, i), i64.const(bits), result)))
  return result
}

function reduce(f: Func, x: Local<'f32'>): { rest: Local<'f64'>; quadrant: Local<'i32'> } {
  const bits = f.let(i32.reinterpretF32(f32.abs(x)))
  const m = f.let(i64.extendI32U(i32.or(i32.and(bits, 0x7fffff), 0x800000)))
  // the digit of weight 2 stands at s + 30, where the value is m 2^s
  const position = f.let(i32.add(i32.shrU(bits, 23), 30 - 150))
  const first = f.let(i32.shrU(position, 5))
  const shift = i64.extendI32U(i32.and(position, 31))
  const words = [0, 1, 2, 3].map((i) => word(f, i32.add(first, i)))
  const window = [0, 1, 2].map((i) =>
    f.let(i64.shrU(i64.shl(i64.or(i64.shl(words[i], 32), words[i + 1]), shift), 32)),
  )
  const high = i64.shl(i64.mul(m, window[0]), 32)
  const product = f.let(i64.add(i64.add(high, i64.mul(m, window[1])), i64.shrU(i64.mul(m, window[2]), 32)))
  const quadrant = f.let(i64.shrU(i64.add(product, 1n << 61n), 62))
  const fraction = i64.sub(product, i64.shl(quadrant, 62))
  const rest = f.let(f64.mul(f64.convertI64S(fraction), (Math.PI / 2) * 2 ** -62))
  return { rest, quadrant: f.let(i32.wrapI64(quadrant)) }
}

// Taylor's series, to 2^-40 on |r| <= π/4
const sineSeries = [1 / 6227020800, -1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1]
const cosineSeries = [1 / 479001600, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24, -1 / 2, 1]

function series(f: Func, x: Local<'f64'>, coefficients: readonly number[]): Local<'f64'> {
  const sum = f.let(f64.const(coefficients[0]))
  for (const c of coefficients.slice(1)) f.set(sum, f64.add(f64.mul(sum, x), c))
  return sum
}

function evaluate(
  f: Func,
  kind: 'sin' | 'cos' | 'tan',
  r: Local<'f64'>,
  quadrant: Local<'i32'>,
): Value<'f64'> {
  const z = f.let(f64.mul(r, r))
  const sine = f.let(f64.mul(r, series(f, z, sineSeries)))
  const cosine = series(f, z, cosineSeries)
  const odd = (turn: number): Value<'i32'> => i32.and(i32.add(quadrant, turn), 1)
  if (kind === 'tan') return select(odd(0), f64.div(f64.neg(cosine), sine), f64.div(sine, cosine))
  const turn = kind === 'sin' ? 0 : 1
  const value = f.let(select(odd(turn), cosine, sine))
  return select(i32.and(i32.add(quadrant, turn), 2), f64.neg(value), value)
}
