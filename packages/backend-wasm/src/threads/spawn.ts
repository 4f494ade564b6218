import { workerSource } from './worker-source.ts'

/** The data that a worker receives. */
export interface WorkerData {
  readonly memory: WebAssembly.Memory
  /** Its number: 1 for the first; 0 is the main thread. */
  readonly thread: number
}

export interface Thread {
  end(): void
}

const hasBuiltins = (): boolean =>
  typeof process === 'object' && typeof process.getBuiltinModule === 'function'

// the built-in module by name, so that a bundle for pages has no import of it
const nodeThreads = () => (hasBuiltins() ? process.getBuiltinModule('node:worker_threads') : undefined)

/**
 * Whether workers can be made, as far as can be told before one is needed: Node's module for them is not loaded here, as
 * that takes two milliseconds of a start.
 */
export const canSpawn = (): boolean => hasBuiltins() || typeof Worker === 'function'

/** Threads that the machine runs at once. */
export function hardwareThreads(): number {
  if (typeof navigator === 'object' && navigator.hardwareConcurrency) return navigator.hardwareConcurrency
  const os = typeof process === 'object' ? process.getBuiltinModule?.('node:os') : undefined
  return os?.availableParallelism() ?? 1
}

/**
 * Starts a worker that does not keep the process alive. `lost` is called when it failed or ended.
 *
 * @param url - of a script with the text of {@link workerSource}; without one the text itself is run
 */
export function spawn(data: WorkerData, url: string | undefined, lost: (reason: string) => void): Thread {
  const node = nodeThreads()
  if (node) {
    const options = { workerData: data, execArgv: [] }
    const worker =
      url === undefined
        ? new node.Worker(workerSource, { ...options, eval: true })
        : new node.Worker(new URL(url), options)
    worker.on('error', (error) => lost(String(error)))
    worker.on('exit', () => lost('it ended'))
    worker.unref()
    return { end: () => void worker.terminate() }
  }
  const script = url ?? URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  const worker = new Worker(script)
  // a worker that the page's policy forbids has an event without a message
  worker.onerror = (event) =>
    lost(event.message || 'its script was refused, as by a content policy without worker-src blob:')
  worker.postMessage(data)
  return { end: () => worker.terminate() }
}
