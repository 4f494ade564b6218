import { f32, f32x4, f64, f64x2, i64, i64x2, i8x16, ModuleBuilder, v128 } from '../../assembler/index.ts'
import type { Operand, Value } from '../../assembler/index.ts'

type Vector = Operand<'v128'>
/** `x * y + z` of four singles, rounded once. */
export type FusedMultiplyAdd = (x: Vector, y: Vector, z: Vector) => Value<'v128'>

/** Whether `relaxed_madd` rounds once on this machine; asks by computing. */
export function isMaddFused(): boolean {
  const module = new ModuleBuilder()
  const params = { x: 'f32', z: 'f32' } as const
  module.func({ name: 'madd', params, result: 'f32' }, (_, { x, z }) =>
    f32x4.extractLane(f32x4.relaxedMadd(f32x4.splat(x), f32x4.splat(x), f32x4.splat(z)), 0),
  )
  const memory = new WebAssembly.Memory({ initial: 0 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } })
  const madd = exports.madd as (x: number, z: number) => number // the export of the module above
  // the product's last bit, 2^-24, is lost where it is rounded by itself
  return madd(1 + 2 ** -12, -(1 + 2 ** -11)) !== 0
}

/** By the instruction where it rounds once, else in double with rounding to odd. */
export function emitFusedMultiplyAdd(module: ModuleBuilder, isFused: boolean): FusedMultiplyAdd {
  if (isFused) return f32x4.relaxedMadd
  const params = { x: 'v128', y: 'v128', z: 'v128' } as const
  const emulated = module.func({ params, result: 'v128' }, (f, { x, y, z }) => {
    const [product, added, sum, back, error] = f.localArray('v128', 5)
    /**
     * Two lanes, with rounding to odd: the last bit of the sum is set where the sum is inexact. A second rounding then gives
     * the result of a single rounding.
     *
     * @see Boldo & Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd"
     */
    const half = (widen: (lanes: Value<'v128'>) => Value<'v128'>): Value<'v128'> => {
      f.set(product, f64x2.mul(widen(x), widen(y)))
      f.set(added, widen(z))
      f.set(sum, f64x2.add(product, added))
      f.set(back, f64x2.sub(sum, product))
      f.set(error, f64x2.add(f64x2.sub(product, f64x2.sub(sum, back)), f64x2.sub(added, back)))
      const isEven = i64x2.eq(v128.and(sum, i64x2.splat(i64.const(1))), i64x2.splat(i64.const(0)))
      const inexact = v128.and(f64x2.ne(error, f64x2.splat(f64.const(0))), isEven)
      // away from 0 where sum and error have one sign, else towards it
      const step = v128.or(i64x2.shrS(v128.xor(sum, error), 63), i64x2.splat(i64.const(1)))
      return f32x4.demoteF64x2Zero(i64x2.add(sum, v128.and(step, inexact)))
    }
    const low = f.let(half(f64x2.promoteLowF32x4))
    const high = f.let(half((lanes) => f64x2.promoteLowF32x4(i8x16.shuffle(lanes, lanes, highHalf))))
    return i8x16.shuffle(low, high, lowHalves)
  })
  return (x, y, z) => emulated.call({ x, y, z })
}

const highHalf = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]

/** Four equal singles. */
export const singles = (value: number): Value<'v128'> => f32x4.splat(f32.const(value))
