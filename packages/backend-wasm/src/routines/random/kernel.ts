import type { Distribution } from '@gradus/core/backend'
import { argumentBlock, type NameOf } from '../../argument-block.ts'
import { f32x4, i32, i32x4, i64, i64x2, i8x16, minU, ModuleBuilder, v128 } from '../../assembler/index.ts'
import type { Func, Local, Value } from '../../assembler/index.ts'
import { vectorBytes } from '../../elements/index.ts'
import { emitFusedMultiplyAdd, singles, type FusedMultiplyAdd } from './fused-multiply-add.ts'

/**
 * Words of an argument block: where draws are and results go, which may be one place, and how many results. The parameters
 * follow at a multiple of 8 bytes: start, width, upper end and the number that replaces it; mean and standard deviation; or a
 * threshold of 64 bits.
 */
export const distributionBlock = argumentBlock(['from', 'to', 'count', 'gap', ['parameters', 4]])

/** Results of a chunk. */
export const resultsOfChunk = 2 ** 11

/** Draws that one result takes. */
export const drawsOf = (distribution: Distribution): 1 | 2 => (distribution === 'bernoulli' ? 2 : 1)

/** Results come in whole vectors, or blocks of PyTorch's normal kernel. */
export const leastResults: Record<Distribution, number> = { uniform: 4, normal: 16, bernoulli: 4 }

/** Turns draws of 32 bits into results as PyTorch's vector kernels do. */
export function distributionModule(
  distribution: Distribution,
  isFused: boolean,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared })
  const fma = emitFusedMultiplyAdd(module, isFused)
  module.func({ name: 'run', params: { block: 'i32', from: 'i32', to: 'i32' } }, (f, { block, from, to }) => {
    const word = (name: NameOf<typeof distributionBlock>): Value<'i32'> => distributionBlock.read(block, name)
    const step = { uniform, normal, bernoulli }[distribution](f, fma, block)
    const results = leastResults[distribution]
    const first = f.let(i32.mul(from, resultsOfChunk))
    const end = f.let(minU(i32.mul(to, resultsOfChunk), word('count')))
    const at = f.let(i32.add(word('from'), i32.mul(first, 4 * drawsOf(distribution))))
    const out = f.let(i32.add(word('to'), i32.shl(first, 2)))
    f.while(i32.ltU(first, end), () => {
      step(at, out)
      f.add(at, 4 * results * drawsOf(distribution))
      f.add(out, 4 * results)
      f.add(first, results)
    })
  })
  return module.bytes()
}

/** Makes the fewest results that there are at once. */
type Step = (at: Local<'i32'>, out: Local<'i32'>) => void

type Vector = Value<'v128'>
const parameter = (f: Func, block: Local<'i32'>, i: number): Local<'v128'> =>
  f.let(v128.load32Splat(block, 4 * (distributionBlock.at.parameters + i)))

/** Multiples of 2^-24 in [0, 1) from the low bits of draws. */
function unit(f: Func): (draws: Vector) => Vector {
  const low = f.let(i32x4.splat(i32.const(0xffffff)))
  const scale = f.let(singles(2 ** -24))
  return (draws) => f32x4.mul(f32x4.convertI32x4S(v128.and(draws, low)), scale)
}

function uniform(f: Func, fma: FusedMultiplyAdd, block: Local<'i32'>): Step {
  const [start, width, upper, lower] = [0, 1, 2, 3].map((i) => parameter(f, block, i))
  const inUnit = unit(f)
  const value = f.local('v128')
  return (at, out) => {
    f.set(value, fma(inUnit(v128.load(at)), width, start))
    f.do(v128.store(out, v128.bitselect(lower, value, f32x4.eq(value, upper))))
  }
}

// a draw's first word is the high one
function bernoulli(f: Func, _fma: FusedMultiplyAdd, block: Local<'i32'>): Step {
  const threshold = f.let(v128.load64Splat(block, 4 * distributionBlock.at.parameters))
  const low = f.let(i64x2.splat(i64.const(0x1fffff)))
  const one = f.let(singles(1))
  const words = f.local('v128')
  const below = (draws: Vector): Vector => {
    f.set(words, draws)
    return i64x2.ltS(v128.or(i64x2.shl(v128.and(words, low), 32), i64x2.shrU(words, 32)), threshold)
  }
  return (at, out) => {
    const first = f.let(below(v128.load(at)))
    const masks = i8x16.shuffle(first, below(v128.load(at, vectorBytes)), lowWords)
    f.do(v128.store(out, v128.and(one, masks)))
  }
}

const lowWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]

/** Box and Muller on the pairs (i, i + 8) of every 16 draws. */
function normal(f: Func, fma: FusedMultiplyAdd, block: Local<'i32'>): Step {
  const [mean, deviation] = [0, 1].map((i) => parameter(f, block, i))
  const inUnit = unit(f)
  const one = f.let(singles(1))
  const radius = f.local('v128')
  return (at, out) => {
    for (const offset of [0, vectorBytes]) {
      const draw = f32x4.sub(one, inUnit(v128.load(at, offset)))
      f.set(radius, f32x4.sqrt(f32x4.mul(singles(-2), logarithm(f, fma, f.let(draw)))))
      const angle = f32x4.mul(
        singles(Math.fround(2 * Math.PI)),
        inUnit(v128.load(at, 2 * vectorBytes + offset)),
      )
      const { sine, cosine } = sineAndCosine(f, fma, f.let(angle))
      f.do(
        v128.store(out, fma(f32x4.mul(radius, cosine), deviation, mean), offset),
        v128.store(out, fma(f32x4.mul(radius, sine), deviation, mean), 2 * vectorBytes + offset),
      )
    }
  }
}

const polynomial = (fma: FusedMultiplyAdd, x: Local<'v128'>, [first, ...rest]: readonly number[]): Vector =>
  rest.reduce<Vector>((sum, c) => fma(sum, x, singles(c)), singles(first))

// as core's random/cephes.ts, which names the source of the numbers; the same operations in the same order make it exact
function logarithm(f: Func, fma: FusedMultiplyAdd, x: Local<'v128'>): Vector {
  const mantissa = f.let(v128.or(v128.and(x, words(0x007fffff)), words(0x3f000000)))
  const isSmall = f.let(i32x4.ltS(mantissa, words(0x3f3504f3)))
  const exponent = f.let(f32x4.convertI32x4S(i32x4.add(i32x4.sub(i32x4.shrU(x, 23), words(126)), isSmall)))
  const y = f.let(f32x4.sub(f32x4.add(mantissa, v128.and(mantissa, isSmall)), singles(1)))
  const coefficients = [
    7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
  ] // prettier-ignore
  const p = f.let(polynomial(fma, y, coefficients))
  const square = f.let(f32x4.mul(y, y))
  const low = fma(f32x4.mul(p, y), square, f32x4.mul(exponent, singles(-2.1219444e-4)))
  const sum = f32x4.add(y, f32x4.sub(low, f32x4.mul(square, singles(0.5))))
  return f32x4.add(sum, f32x4.mul(exponent, singles(0.693359375)))
}

function sineAndCosine(
  f: Func,
  fma: FusedMultiplyAdd,
  angle: Local<'v128'>,
): { sine: Vector; cosine: Vector } {
  const octant = f.let(
    v128.and(
      i32x4.add(i32x4.truncSatF32x4S(f32x4.mul(angle, singles(1.27323954473516))), words(1)),
      words(~1),
    ),
  )
  const turns = f.let(f32x4.convertI32x4S(octant))
  const parts = [-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8]
  const x = f.let(parts.reduce<Vector>((rest, part) => fma(turns, singles(part), rest), angle))
  const square = f.let(f32x4.mul(x, x))
  const c = polynomial(fma, square, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2])
  const halfSquare = f32x4.neg(f32x4.mul(square, singles(0.5)))
  const cosine = f.let(f32x4.add(fma(f32x4.mul(c, square), square, halfSquare), singles(1)))
  const s = polynomial(fma, square, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])
  const sine = f.let(fma(f32x4.mul(s, square), x, x))
  const swap = f.let(i32x4.ne(v128.and(octant, words(2)), words(0)))
  const sineSign = i32x4.shl(v128.and(octant, words(4)), 29)
  const cosineSign = i32x4.shl(v128.andnot(words(4), i32x4.sub(octant, words(2))), 29)
  return {
    sine: f.let(v128.xor(v128.bitselect(cosine, sine, swap), sineSign)),
    cosine: f.let(v128.xor(v128.bitselect(sine, cosine, swap), cosineSign)),
  }
}

const words = (value: number): Vector => i32x4.splat(i32.const(value | 0))
