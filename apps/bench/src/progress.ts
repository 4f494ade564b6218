import { Presets, SingleBar } from 'cli-progress'

/** How far the run is: a bar on a terminal, a line per case elsewhere. */
export interface Progress {
  begin(label: string): void
  done(summary: string): void
  /** There is more to do than was said at first. */
  more(count: number): void
  note(line: string): void
  stop(): void
}

export function makeProgress(total: number): Progress {
  const { stderr } = process
  if (stderr.isTTY) {
    const bar = new SingleBar(
      {
        format: '{bar} {value}/{total} {duration_formatted} {label}',
        hideCursor: true,
        clearOnComplete: true,
        stream: stderr,
      },
      Presets.shades_classic,
    )
    bar.start(total, 0, { label: '' })
    return {
      begin: (label) => bar.update({ label }),
      done: () => bar.increment(),
      more: (count) => bar.setTotal(bar.getTotal() + count),
      // the bar redraws itself under the line
      note: (line) => stderr.write(`\r\u001b[K${line}\n`),
      stop: () => bar.stop(),
    }
  }
  let count = 0
  const start = performance.now()
  let current = ''
  return {
    begin: (label) => {
      current = label
    },
    done: (summary) => {
      count++
      const seconds = Math.round((performance.now() - start) / 1000)
      stderr.write(`[${count}/${total} ${seconds} s] ${current}: ${summary}\n`)
    },
    more: (count) => {
      total += count
    },
    note: (line) => stderr.write(`${line}\n`),
    stop: () => {},
  }
}
