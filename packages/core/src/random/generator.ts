import { kind } from '../base/kinds.ts'
import { takeArgument } from '../base/options.ts'
import { ValueError } from '../base/errors.ts'
import { describeValue } from '../base/describe.ts'

const stateKind = /* @__PURE__ */ kind<Uint8Array>('a Uint8Array', (x) => x instanceof Uint8Array)
const size = 624
const stateBytes = 5056
const defaultSeed = 67280421310721n

/**
 * PyTorch's CPU generator: MT19937 with its seeding, and the normal value that Box-Muller leaves over.
 *
 * The same seed gives the same numbers as `torch.Generator`. The engine uses the low 32 bits of the seed
 * only.
 *
 * @param seed - an integer from -2^63 to 2^64 - 1; 67280421310721 by default, as in PyTorch
 * @throws ValueError if the seed is not an integer in that range
 * @see Matsumoto & Nishimura 1998, "Mersenne Twister"
 * @see https://pytorch.org/docs/stable/generated/torch.Generator.html
 * @example
 * new Generator(0).u24() // => 0.49625658988952637, the first value of torch.rand after manual_seed(0)
 */
export class Generator {
  /** The second value of the last Box-Muller pair, while nobody has taken it. Samplers read and clear it. */
  cachedNormal: number | undefined
  private readonly words = new Uint32Array(size)
  private currentSeed = defaultSeed
  /** Draws until the words are renewed, plus one. */
  private left = 1
  /** The word that the next draw reads. */
  private next = 0

  constructor(seed: number | bigint = defaultSeed) {
    this.manualSeed(seed)
  }

  /**
   * Starts the sequence of `seed` and forgets a cached normal value.
   *
   * @throws ValueError if the seed is not an integer from -2^63 to 2^64 - 1
   */
  manualSeed(seed: number | bigint): this {
    if (typeof seed !== 'bigint' && !Number.isInteger(seed)) {
      throw new ValueError(`manual_seed expected a long, but got ${describeValue(seed)}`, {
        hint: 'give an integer',
      })
    }
    const value = BigInt(seed)
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ValueError('Overflow when unpacking long long')
    this.currentSeed = BigInt.asUintN(64, value)
    const words = this.words
    words[0] = Number(this.currentSeed & 0xffffffffn)
    for (let j = 1; j < size; j++) {
      words[j] = Math.imul(1812433253, words[j - 1] ^ (words[j - 1] >>> 30)) + j
    }
    this.left = 1
    this.next = 0
    this.cachedNormal = undefined
    return this
  }

  /** Seeds with a number that differs from call to call, and returns it. */
  seed(): bigint {
    const seed =
      (BigInt(Math.floor(Math.random() * 2 ** 21)) << 32n) | BigInt(Math.floor(Math.random() * 2 ** 32))
    this.manualSeed(seed)
    return seed
  }

  /** The seed this sequence began with, as an unsigned 64-bit integer: -1 reads as 2^64 - 1. */
  initialSeed(): bigint {
    return this.currentSeed
  }

  /** A uniform integer in [0, 2^32). */
  random(): number {
    if (--this.left === 0) this.renew()
    let y = this.words[this.next++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    y ^= y >>> 18
    return y >>> 0
  }

  /** A uniform integer in [0, 2^64): two draws, the first is the high half. */
  random64(): bigint {
    const high = this.random()
    const low = this.random()
    return (BigInt(high) << 32n) | BigInt(low)
  }

  /** A uniform multiple of 2^-24 in [0, 1): one draw. */
  u24(): number {
    return (this.random() & 0xffffff) * 2 ** -24
  }

  /** A uniform multiple of 2^-53 in [0, 1): two draws. */
  u53(): number {
    const high = this.random()
    const low = this.random()
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53
  }

  /**
   * The state as the 5056 bytes of `torch.Generator.get_state()`.
   *
   * Little-endian: u64 seed, i32 left, i32 seeded, u64 next, u64 words[624], then f64 ×3 (the second is the
   * cached normal value), i32 whether there is one, and 12 bytes that PyTorch keeps for a float32 cache it
   * does not use.
   */
  getState(): Uint8Array {
    const bytes = new Uint8Array(stateBytes)
    const view = new DataView(bytes.buffer)
    view.setBigUint64(0, this.currentSeed, true)
    view.setInt32(8, this.left, true)
    view.setInt32(12, 1, true)
    view.setUint32(16, this.next, true)
    for (let j = 0; j < size; j++) view.setUint32(24 + 8 * j, this.words[j], true)
    view.setFloat64(5024, this.cachedNormal ?? 0, true)
    view.setInt32(5040, this.cachedNormal === undefined ? 0 : 1, true)
    return bytes
  }

  /**
   * Continues from a state that `getState` returned, here or in PyTorch.
   *
   * @param state - 5056 bytes
   * @throws ValueError if the length is another, or the engine's counters are out of range; nothing has
   *   changed then
   */
  setState(state: Uint8Array): this {
    takeArgument('setState', 'state', stateKind, state)
    if (state.length !== stateBytes) {
      throw new ValueError(
        `Expected a CPUGeneratorImplState of size ${stateBytes} but found the input RNG state size to be ${state.length}`,
      )
    }
    const view = new DataView(state.buffer, state.byteOffset, state.byteLength)
    const left = view.getInt32(8, true)
    const next = view.getBigUint64(16, true)
    if (view.getInt32(12, true) !== 1 || left < 1 || left > size || next > size) {
      throw new ValueError('Invalid mt19937 state')
    }
    this.currentSeed = view.getBigUint64(0, true)
    this.left = left
    this.next = Number(next)
    for (let j = 0; j < size; j++) this.words[j] = view.getUint32(24 + 8 * j, true)
    this.cachedNormal = view.getInt32(5040, true) === 0 ? undefined : view.getFloat64(5024, true)
    return this
  }

  /** An independent generator that continues as this one would. */
  clone(): Generator {
    return new Generator().setState(this.getState())
  }

  private renew(): void {
    const words = this.words
    let i = 0
    for (; i < 227; i++) words[i] = words[i + 397] ^ twist(words[i], words[i + 1])
    for (; i < 623; i++) words[i] = words[i - 227] ^ twist(words[i], words[i + 1])
    words[623] = words[396] ^ twist(words[623], words[0])
    this.left = size
    this.next = 0
  }
}

function twist(u: number, v: number): number {
  return (((u & 0x80000000) | (v & 0x7fffffff)) >>> 1) ^ (-(v & 1) & 0x9908b0df)
}
