import { constants } from 'node:os'

/** The signal that ended training early: the first one ends training, the next one the program. */
export class Interruption {
  readonly #controller = new AbortController()
  #training = false
  #last = -Infinity
  exitCode = 0

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** From here on signals are handled; until then they end the program. */
  trainingBegins(): void {
    this.#training = true
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.on(name, () => this.#receive(constants.signals[name]))
  }

  trainingEnded(): void {
    this.#training = false
  }

  #receive(signal: number): void {
    const now = performance.now()
    const isEcho = now - this.#last < 300
    this.#last = now
    // the terminal and the program that started this one may both send what was one Ctrl-C
    if (isEcho) return
    this.exitCode = 128 + signal
    if (!this.#training || this.signal.aborted) this.#leave()
    this.#controller.abort()
  }

  #leave(): never {
    // the cursor may be hidden and lines not wrapped, if a bar is drawn
    if (process.stdout.isTTY) process.stdout.write('\x1b[?25h\x1b[?7h')
    process.stdout.write('\n')
    process.exit(this.exitCode)
  }
}
