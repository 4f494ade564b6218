import { argumentBlock, type NameOf } from '../../argument-block.ts'
import { i32, i32x4, minU, ModuleBuilder, v128 } from '../../assembler/index.ts'
import type { Func, Local, Value } from '../../assembler/index.ts'
import { vectorBytes } from '../../elements/index.ts'

/** Words of the generator's state, and how many of them are behind those of a new state. */
export const stateWords = 624
const distance = 397

/** Words of an argument block: where the state is, how many of its words were read, where draws go, and their number. */
export const drawBlock = argumentBlock(['state', 'next', 'to', 'count'])

/** Draws of one call: the engine replaces code by faster code between calls only. */
export const drawsOfCall = 2 ** 13

/**
 * Writes the next draws of MT19937 in order; chunk i is those from `i * drawsOfCall` on. One chunk after the other.
 *
 * @see Matsumoto & Nishimura 1998, "Mersenne Twister"
 */
export function drawModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared })
  const renew = emitRenew(module)
  module.func({ name: 'run', params: { block: 'i32', from: 'i32', to: 'i32' } }, (f, { block, from, to }) => {
    const word = (name: NameOf<typeof drawBlock>): Value<'i32'> => drawBlock.read(block, name)
    const temper = tempering(f)
    const state = f.let(word('state'))
    const next = f.let(word('next'))
    const out = f.let(i32.add(word('to'), i32.shl(from, Math.log2(drawsOfCall * 4))))
    const end = f.let(minU(i32.shl(to, Math.log2(drawsOfCall)), word('count')))
    const left = f.let(i32.sub(end, i32.shl(from, Math.log2(drawsOfCall))))
    const [count, at] = f.localArray('i32', 2)
    f.while(left, () => {
      f.if(i32.geU(next, stateWords), () => {
        f.do(renew.call({ state }))
        f.set(next, 0)
      })
      f.set(count, minU(left, i32.sub(stateWords, next)))
      f.set(at, i32.add(state, i32.shl(next, 2)))
      f.add(next, count)
      f.set(left, i32.sub(left, count))
      f.while(i32.geU(count, 4), () => {
        f.do(v128.store(out, temper(v128.load(at))))
        f.add(at, vectorBytes)
        f.add(out, vectorBytes)
        f.add(count, -4)
      })
      f.while(count, () => {
        f.do(v128.store32Lane(out, temper(v128.load32Zero(at)), 0))
        f.add(at, 4)
        f.add(out, 4)
        f.add(count, -1)
      })
    })
    f.do(i32.store(block, next, 4 * drawBlock.at.next))
  })
  return module.bytes()
}

const constants = (f: Func, value: number): Local<'v128'> => f.let(i32x4.splat(i32.const(value | 0)))

function tempering(f: Func): (words: Value<'v128'>) => Value<'v128'> {
  const y = f.local('v128')
  const [first, second] = [constants(f, 0x9d2c5680), constants(f, 0xefc60000)]
  return (words) => {
    f.set(y, words)
    f.set(y, v128.xor(y, i32x4.shrU(y, 11)))
    f.set(y, v128.xor(y, v128.and(i32x4.shl(y, 7), first)))
    f.set(y, v128.xor(y, v128.and(i32x4.shl(y, 15), second)))
    return v128.xor(y, i32x4.shrU(y, 18))
  }
}

function emitRenew(module: ModuleBuilder) {
  return module.func({ params: { state: 'i32' } }, (f, { state }) => {
    const [upper, lower] = [constants(f, 0x80000000), constants(f, 0x7fffffff)]
    const [one, matrix] = [constants(f, 1), constants(f, 0x9908b0df)]
    const at = f.let(state)
    const end = f.local('i32')
    const next = f.local('v128')
    const twisted = (u: Value<'v128'>, v: Value<'v128'>, far: Value<'v128'>): Value<'v128'> => {
      f.set(next, v)
      const mixed = i32x4.shrU(v128.or(v128.and(u, upper), v128.and(next, lower)), 1)
      return v128.xor(v128.xor(far, mixed), v128.and(i32x4.neg(v128.and(next, one)), matrix))
    }
    const vectors = (to: number, far: number): void => {
      f.set(end, i32.add(state, 4 * to))
      f.while(i32.ltU(at, end), () => {
        const other = v128.load(i32.add(at, 4 * far))
        f.do(v128.store(at, twisted(v128.load(at), v128.load(at, 4), other)))
        f.add(at, vectorBytes)
      })
    }
    const single = (next: Value<'i32'>, far: number): void => {
      const other = v128.load32Zero(i32.add(at, 4 * far))
      f.do(v128.store32Lane(at, twisted(v128.load32Zero(at), v128.load32Zero(next), other), 0))
      f.add(at, 4)
    }
    const beforeWrap = stateWords - distance
    const whole = beforeWrap - (beforeWrap % 4)
    vectors(whole, distance)
    for (let i = whole; i < beforeWrap; i++) single(i32.add(at, 4), distance)
    vectors(stateWords - 1, distance - stateWords)
    single(state, distance - stateWords)
  })
}
