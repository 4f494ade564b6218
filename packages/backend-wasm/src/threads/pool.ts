import { BackendError, warn } from '@gradus/core/backend'
import type { LinearMemory } from '../heap/index.ts'
import { control, spinMs, spinTurns } from './control.ts'
import { spawn, type Thread } from './spawn.ts'

/** A module as workers load it: bytes in the shared memory. */
export interface SharedCode {
  readonly id: number
  readonly address: number
  readonly bytes: number
}

/** Without a chunk done for this long the pool gives up. */
const patience = 5000

/**
 * Workers that share chunks of a job with the main thread. Only chunks that a worker has claimed are waited for. A worker that
 * is not up yet costs nothing; a sleeping worker costs the call that wakes it, some 10 µs. A pool that failed stays off.
 */
export class Pool {
  /** The main thread included. */
  readonly threads: number
  readonly #memory: LinearMemory
  readonly #url: string | undefined
  readonly #patience: number
  #workers: Thread[] = []
  #started = false
  #off = false
  #lost = ''
  /** Since when a worker is still busy with a job that is over. */
  #busySince = 0

  constructor(memory: LinearMemory, threads: number, url: string | undefined, limit = patience) {
    this.threads = threads
    this.#memory = memory
    this.#url = url
    this.#patience = limit
  }

  /** Whether jobs may have workers: some are up, or will be. */
  get isOn(): boolean {
    return !this.#off
  }

  get ready(): number {
    return Atomics.load(this.#memory.words, control.ready)
  }

  /** Starts the workers, which come up in the background. */
  start(): void {
    if (this.#started || this.#off) return
    this.#started = true
    const data = { memory: this.#memory.memory }
    const lost = (reason: string): void => {
      if (!this.#off) this.#giveUp(`a worker failed: ${reason}`)
    }
    try {
      for (let thread = 1; thread < this.threads; thread++) {
        this.#workers.push(spawn({ ...data, thread }, this.#url, lost))
      }
    } catch (error) {
      lost(String(error))
    }
  }

  /**
   * Waits until all workers are up, or {@link Pool.lost} says why they are not: work then stays on the main thread.
   */
  async started(): Promise<void> {
    this.start()
    const deadline = performance.now() + this.#patience
    while (this.ready < this.threads - 1) {
      if (this.#off) return
      if (performance.now() > deadline) {
        this.#giveUp(`workers did not start within ${this.#patience / 1000} s`)
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** Why the pool stays off, or an empty text. */
  get lost(): string {
    return this.#lost
  }

  #giveUp(reason: string): void {
    this.#lost = reason
    this.stop()
    warn(
      `${reason}; everything runs on one thread. Choose { threads: 1 } in init(), or give a workerUrl if the page forbids scripts from blobs.`,
    )
  }

  /** Ends the workers for good. */
  stop(): void {
    this.#off = true
    for (const worker of this.#workers) worker.end()
    this.#workers = []
  }

  /**
   * Runs `run(argument, from, to)` for all chunks, `grain` at a time, on every thread that is there.
   *
   * @param entry - number of the function among {@link entryNames}
   * @throws BackendError if a worker failed; what was to be written is then undefined
   */
  run(
    code: SharedCode,
    run: (argument: number, from: number, to: number) => void,
    entry: number,
    argument: number,
    chunks: number,
    grain: number,
  ): void {
    if (!this.#started) this.start()
    const { words } = this.#memory
    if (this.#off || Atomics.load(words, control.ready) === 0 || !this.#isIdle(words)) {
      for (let from = 0; from < chunks; from += grain) run(argument, from, Math.min(chunks, from + grain))
      return
    }
    words[control.chunks] = chunks
    words[control.grain] = grain
    words[control.code] = code.id
    words[control.codeAddress] = code.address
    words[control.codeBytes] = code.bytes
    words[control.entry] = entry
    words[control.argument] = argument
    Atomics.store(words, control.next, 0)
    Atomics.store(words, control.finished, 0)
    Atomics.store(words, control.failed, 0)
    Atomics.store(words, control.open, 1)
    Atomics.add(words, control.epoch, 1)
    if (Atomics.load(words, control.sleeping) > 0) Atomics.notify(words, control.epoch)
    let mine = 0
    try {
      for (let from = Atomics.add(words, control.next, grain); from < chunks;) {
        const to = Math.min(chunks, from + grain)
        run(argument, from, to)
        mine += to - from
        from = Atomics.add(words, control.next, grain)
      }
    } finally {
      // nothing is left to claim, even where a chunk of this thread failed
      Atomics.store(words, control.next, chunks)
      Atomics.store(words, control.open, 0)
    }
    if (mine < chunks) this.#join(words, chunks - mine)
  }

  // a worker may still be on its way out of the last job: its words must not change under it
  #isIdle(words: Int32Array): boolean {
    for (let turn = 0; turn < 1000; turn++) {
      if (Atomics.load(words, control.active) === 0) {
        this.#busySince = 0
        return true
      }
    }
    const now = performance.now()
    if (this.#busySince === 0) this.#busySince = now
    else if (now - this.#busySince > this.#patience)
      this.#giveUp(`a worker stayed busy for ${this.#patience / 1000} s`)
    return false
  }

  #join(words: Int32Array, claimed: number): void {
    let seen = -1
    let since = 0
    for (let turn = 1; ; turn++) {
      const finished = Atomics.load(words, control.finished)
      if (finished >= claimed) break
      pause()
      if (turn % spinTurns !== 0) continue
      const now = performance.now()
      if (finished !== seen) {
        seen = finished
        since = now
      } else if (now - since > this.#patience) {
        this.#lost = `a worker did nothing for ${this.#patience / 1000} s`
        this.stop()
        throw new BackendError(
          `a worker thread did nothing for ${this.#patience / 1000} s; from now on everything runs on one thread`,
          {
            hint: 'the results of this operation are undefined; run it again',
          },
        )
      } else if (now - since > spinMs) sleep(words, finished)
    }
    if (Atomics.load(words, control.failed) === 0) return
    this.#lost = 'a worker failed in a kernel'
    this.stop()
    throw new BackendError('a worker thread failed; from now on everything runs on one thread', {
      hint: 'the results of this operation are undefined; run it again',
    })
  }
}

// leaves the rest of a core to its other thread; of 2025, in newer engines and not in TypeScript's types yet
const pause = (Atomics as Atomics & { pause?: () => void }).pause ?? ((): void => {})

// the main thread of a page must not sleep
const maySleep = typeof window === 'undefined'

function sleep(words: Int32Array, finished: number): void {
  if (maySleep) Atomics.wait(words, control.finished, finished, 1)
}
