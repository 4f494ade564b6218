// Training as it goes: a bar on a terminal, lines elsewhere.
import { SingleBar } from 'cli-progress'
import type { WriteStream } from 'node:tty'

/** Shows steps until it is stopped. */
export interface Progress {
  /** @param figures - what is known after this many steps, such as `loss 0.123` */
  show(steps: number, figures: readonly string[]): void
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

function bar(stream: WriteStream, total: number): Progress {
  const drawn = new SingleBar({
    stream,
    format: '{bar} {value}/{total}{figures}  {eta_formatted} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    // what stands beside the bar takes about 80 columns; on a narrow terminal its end is cut
    barsize: Math.max(6, Math.min(40, stream.columns - 84)),
    etaBuffer: 50,
    hideCursor: true,
    // signals are the program's: they end training, not the process
    gracefulExit: false,
  })
  drawn.start(total, 0, { figures: '' })
  return {
    show: (steps, figures) =>
      drawn.update(steps, { figures: figures.map((figure) => `  ${figure}`).join('') }),
    stop: () => drawn.stop(),
  }
}

function lines(stream: NodeJS.WritableStream, total: number): Progress {
  const every = Math.ceil(total / 20)
  return {
    show: (steps, figures) => {
      if (steps !== 1 && steps % every !== 0 && steps !== total) return
      const step = `step ${String(steps).padStart(String(total).length)}/${total}`
      stream.write(`${[step, ...figures].join('  ')}\n`)
    },
    stop: () => {},
  }
}
