import { ArgumentError } from '@gradus/core'
import type { Beginning } from './message.ts'

/** The URL or path of a module that calls {@link serveDataset}; in a page also a function that makes its `Worker`. */
export type WorkerSource = URL | string | (() => Worker)

/** A thread of either platform. */
export interface Thread {
  /** @throws DataCloneError for what cannot be sent */
  post(message: unknown): void
  /** Whether the program waits for it before it ends. */
  keepsProgram(yes: boolean): void
  end(): Promise<void>
}

/** What a thread reports. */
export interface Reports {
  message(data: unknown): void
  /** It is gone, or cannot be understood. */
  lost(reason: string, cause?: unknown): void
}

/** The member of `workerData`, or of the first message, by which a module knows that a loader started it. */
export const mark = 'gradus.data'

/** Node's threads, without an import that a bundle for pages would have to resolve. */
export const nodeThreads = () =>
  typeof process === 'object' && typeof process.getBuiltinModule === 'function'
    ? process.getBuiltinModule('node:worker_threads')
    : undefined

/** Starts a thread. */
export function spawn(source: WorkerSource, beginning: Beginning, reports: Reports): Thread {
  const node = nodeThreads()
  if (node === undefined) return spawnInPage(source, beginning, reports)
  if (typeof source === 'function') {
    throw new ArgumentError('in Node a worker is the URL of a module, not a function that makes one')
  }
  const isUrl = typeof source === 'string' && /^(file|data):/.test(source)
  const worker = new node.Worker(isUrl ? new URL(source) : source, { workerData: { [mark]: beginning } })
  worker.unref()
  worker.on('message', reports.message)
  worker.on('messageerror', (error) => reports.lost('sent an answer that cannot be read', error))
  worker.on('error', (error) => reports.lost('failed', error))
  worker.on('exit', (code) => reports.lost(`exited unexpectedly with exit code ${code}`))
  return {
    post: (message) => worker.postMessage(message),
    keepsProgram: (yes) => (yes ? worker.ref() : worker.unref()),
    async end() {
      await worker.terminate()
    },
  }
}

function spawnInPage(source: WorkerSource, beginning: Beginning, reports: Reports): Thread {
  const worker = typeof source === 'function' ? source() : new Worker(source, { type: 'module' })
  worker.addEventListener('message', ({ data }) => reports.message(data))
  worker.addEventListener('messageerror', () => reports.lost('sent an answer that cannot be read'))
  worker.addEventListener('error', (event) => {
    const { message, filename, lineno, error } = event
    const place = filename ? ` at ${filename}:${lineno}` : ''
    reports.lost(message ? `failed: ${message}${place}` : 'could not be loaded', error ?? undefined)
  })
  worker.postMessage({ [mark]: beginning })
  return {
    post: (message) => worker.postMessage(message),
    keepsProgram: () => {},
    async end() {
      worker.terminate()
    },
  }
}
