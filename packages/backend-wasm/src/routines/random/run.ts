import type { Distribution, View } from '@gradus/core/backend'
import type { Code, Machine } from '../../machine.ts'
import type { Copies } from '../copies.ts'
import { isMaddFused } from './fused-multiply-add.ts'
import { drawBlock, drawModule, drawsOfCall, stateWords } from './mersenne-twister.ts'
import { distributionBlock, distributionModule, drawsOf, leastResults, resultsOfChunk } from './kernel.ts'
import { Staging } from '../staging.ts'

/** Results for which draws are kept at a time: they stay in the second-level cache. */
const resultsAtOnce = 2 ** 15
const parallelResults = 2 ** 14

// places in the 5056 bytes of a state, and the words of MT19937 in it: see core's Generator
const leftAt = 8
const nextAt = 16
const wordsAt = 24

/** Random numbers on the machine's kernels: draws one after the other, then a module per distribution. */
export class RandomNumbers {
  readonly #machine: Machine
  readonly #copies: Copies
  #isFused: boolean | undefined

  constructor(machine: Machine, copies: Copies) {
    this.#machine = machine
    this.#copies = copies
  }

  /** Fills contiguous `out` with the generator's next numbers and moves its state on. */
  run(distribution: Distribution, state: Uint8Array, out: View, first: number, second: number): void {
    const machine = this.#machine
    new Staging(machine, this.#copies, [out])
    const start = Staging.at(out)
    const { size } = out.layout
    const draws = new Draws(machine, machine.module('random draws', drawModule), state)
    const perResult = drawsOf(distribution)
    const buffer = machine.scratch(4 * perResult * resultsAtOnce)
    const spare = machine.scratch(4 * leastResults[distribution])
    const block = machine.arguments(distributionBlock.bytes)
    const code = machine.module(`random ${distribution}`, (shared) =>
      distributionModule(distribution, this.#fused(), shared),
    )
    const parameters = parametersOf(distribution, first, second)
    const fill = (to: number, count: number): void => {
      const words = distributionBlock.list({ from: buffer, to, count, parameters: [...parameters] })
      machine.memory.words.set(words, block >> 2)
      machine.launch(code, 0, block, Math.ceil(count / resultsOfChunk), 1, count >= parallelResults)
    }
    const rest = size % leastResults[distribution]
    const whole = size - rest
    for (let done = 0; done < whole; done += resultsAtOnce) {
      const count = Math.min(resultsAtOnce, whole - done)
      draws.take(buffer, perResult * count)
      fill(start + 4 * done, count)
    }
    if (rest > 0) {
      draws.take(buffer, perResult * rest)
      if (distribution === 'normal') {
        // PyTorch draws for the rest, and again for the last 16 elements
        draws.take(buffer, leastResults.normal)
        fill(start + 4 * (size - leastResults.normal), leastResults.normal)
      } else {
        fill(spare, leastResults[distribution])
        machine.memory.u8.copyWithin(start + 4 * whole, spare, spare + 4 * rest)
      }
    }
    draws.finish()
  }

  #fused(): boolean {
    return (this.#isFused ??= this.#machine.features.relaxedSimd && isMaddFused())
  }
}

/** The generator's engine while its words are in memory. */
class Draws {
  readonly #machine: Machine
  readonly #code: Code
  readonly #state: DataView
  readonly #words: number
  readonly #block: number

  constructor(machine: Machine, code: Code, state: Uint8Array) {
    this.#machine = machine
    this.#code = code
    this.#state = new DataView(state.buffer, state.byteOffset, state.byteLength)
    // the last vector of a renewal reads beyond them
    this.#words = machine.scratch(4 * stateWords + 64)
    this.#block = machine.arguments(drawBlock.bytes)
    const { words } = machine.memory
    const at = this.#words >>> 2
    for (let j = 0; j < stateWords; j++) words[at + j] = this.#state.getInt32(wordsAt + 8 * j, true)
    const next = stateWords + 1 - this.#state.getInt32(leftAt, true)
    words.set(drawBlock.list({ state: this.#words, next }), this.#block >> 2)
  }

  take(to: number, count: number): void {
    this.#machine.memory.words.set([to, count], (this.#block >> 2) + drawBlock.at.to)
    this.#machine.launch(this.#code, 0, this.#block, Math.ceil(count / drawsOfCall), 1, false)
  }

  /** Brings the state back to where it came from. */
  finish(): void {
    const { words } = this.#machine.memory
    const at = this.#words >>> 2
    for (let j = 0; j < stateWords; j++) this.#state.setInt32(wordsAt + 8 * j, words[at + j], true)
    const next = words[(this.#block >> 2) + drawBlock.at.next]
    this.#state.setInt32(leftAt, stateWords + 1 - next, true)
    this.#state.setInt32(nextAt, next, true)
  }
}

/** Parameters as a kernel reads them, in words. */
function parametersOf(distribution: Distribution, first: number, second: number): Int32Array {
  if (distribution === 'bernoulli') {
    // a multiple of 2^-53 is below p just when its factor is below this
    return new Int32Array(BigInt64Array.of(BigInt(Math.ceil(first * 2 ** 53))).buffer)
  }
  const start = Math.fround(first)
  const end = Math.fround(second)
  const values = distribution === 'normal' ? [start, end] : [start, end - start, end, start]
  return new Int32Array(Float32Array.from(values).buffer)
}
