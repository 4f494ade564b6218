// Training as it goes: a bar on a terminal, lines elsewhere.
import { SingleBar } from 'cli-progress'
import type { WriteStream } from 'node:tty'
import type { Step } from './train.ts'

/** Shows steps until it is stopped. */
export interface Progress {
  show(step: Step): void
  /** Leaves the terminal as it was found. */
  stop(): void
}

/** Whether bars and colours may be drawn: a terminal, and nobody who records it. */
export function isInteractive(stream: NodeJS.WriteStream): stream is NodeJS.WriteStream & WriteStream {
  return stream.isTTY && !isSet(process.env['CI']) && process.env['TERM'] !== 'dumb'
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false'].includes(value)

/** A bar if `stream` is a terminal, else about twenty lines. */
export const progressOn = (stream: NodeJS.WriteStream, total: number): Progress =>
  isInteractive(stream) ? bar(stream, total) : lines(stream, total)

/** 1234 as `1.2k`. */
export function short(count: number): string {
  if (count < 999.5) return count.toFixed(0)
  return count < 999_950 ? `${(count / 1e3).toFixed(1)}k` : `${(count / 1e6).toFixed(1)}M`
}

/** Mean of the latest losses: that of one batch jumps. */
class Smooth {
  #mean = 0
  #weight = 0

  next(loss: number): number {
    this.#mean = 0.9 * this.#mean + 0.1 * loss
    this.#weight = 0.9 * this.#weight + 0.1
    return this.#mean / this.#weight
  }
}

function bar(stream: WriteStream, total: number): Progress {
  const smooth = new Smooth()
  const drawn = new SingleBar({
    stream,
    format:
      '{bar} {value}/{total}  loss {loss}  held out {heldOut}  {rate} chars/s  grad {gradNorm}  {eta_formatted} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    // what stands beside the bar takes about 80 columns; on a narrow terminal its end is cut
    barsize: Math.max(6, Math.min(40, stream.columns - 84)),
    etaBuffer: 50,
    hideCursor: true,
    // signals are the program's: they end training, not the process
    gracefulExit: false,
  })
  drawn.start(total, 0, { loss: '-', heldOut: '-', rate: '-', gradNorm: '-' })
  return {
    show: ({ step, loss, heldOut, gradNorm, rate }) =>
      drawn.update(step, {
        loss: smooth.next(loss).toFixed(3),
        heldOut: heldOut.toFixed(3),
        rate: short(rate),
        gradNorm: gradNorm.toFixed(2),
      }),
    stop: () => drawn.stop(),
  }
}

function lines(stream: NodeJS.WritableStream, total: number): Progress {
  const smooth = new Smooth()
  const every = Math.ceil(total / 20)
  return {
    show: ({ step, loss, heldOut, gradNorm, rate }) => {
      const mean = smooth.next(loss)
      if (step !== 1 && step % every !== 0 && step !== total) return
      const fields = [
        `step ${String(step).padStart(String(total).length)}/${total}`,
        `loss ${mean.toFixed(3)}`,
        `held out ${heldOut.toFixed(3)}`,
        `${short(rate)} chars/s`,
        `grad ${gradNorm.toFixed(2)}`,
      ]
      stream.write(`${fields.join('  ')}\n`)
    },
    stop: () => {},
  }
}
