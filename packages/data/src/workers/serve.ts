import { defaultGenerator } from '@gradus/core'
import { isMapStyle, type AnyDataset } from '../datasets/dataset.ts'
import { batchesLater, fetchLater } from '../loader/fetch.ts'
import { datasetOf, type Loadable } from '../loader/loadable.ts'
import { buffersOf, pack, sentError, type Answer, type Beginning, type Request } from './message.ts'
import { setWorkerInfo } from './info.ts'
import { mark, nodeThreads } from './spawn.ts'

/**
 * Makes a module one that loaders can run in workers: `worker` of {@link DataLoaderOptions} is its URL. In the main thread, and in
 * workers that no loader started, it does nothing, so that the same module can export the dataset's class.
 *
 * @param make - makes the dataset of the loader's `workerArgs`; it may be async
 * @example
 * ```ts norun
 * // images.js
 * export class Images extends g.utils.data.Dataset { … }
 * g.utils.data.serveDataset((folder) => new Images(folder))
 *
 * // train.js
 * const loader = new g.utils.data.DataLoader(new Images('photos'), {
 *   numWorkers: 2,
 *   worker: new URL('./images.js', import.meta.url),
 *   workerArgs: ['photos'],
 * })
 * for await (const [x, y] of loader) …
 * ```
 */
export function serveDataset<Args extends readonly unknown[]>(
  make: (...args: Args) => Loadable<unknown> | Promise<Loadable<unknown>>,
): void {
  const node = nodeThreads()
  if (node !== undefined) {
    const beginning = beginningIn(node.workerData)
    const port = node.parentPort
    if (beginning === null || port === null) return
    const server = new Server(beginning, make, (answer, transfer) => port.postMessage(answer, transfer))
    port.on('message', (request: Request) => server.take(request))
    return
  }
  if (!isWorkerOfPage()) return
  let server: Server | null = null
  addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const beginning = beginningIn(data)
    if (beginning !== null) {
      server = new Server(beginning, make, (answer, transfer) => postMessage(answer, { transfer }))
    } else server?.take(data as Request) // of the pool that sent the beginning
  })
}

const isWorkerOfPage = (): boolean =>
  'WorkerGlobalScope' in globalThis && typeof document === 'undefined' && typeof postMessage === 'function'

function beginningIn(data: unknown): Beginning | null {
  if (typeof data !== 'object' || data === null || !(mark in data)) return null
  return data[mark] as Beginning // nobody else uses the mark
}

/** Draws from the default generator are another sequence than those from an item's context. */
const batchSeed = 0x9e3779b9n

/** The worker's side: one request after the other. */
class Server {
  readonly #dataset: Promise<AnyDataset<unknown>>
  readonly #post: (answer: Answer, transfer: ArrayBuffer[]) => void
  readonly #iterations = new Map<number, AsyncIterator<unknown>>()
  #last: Promise<void>

  constructor(
    { id, numWorkers, args }: Beginning,
    make: (...args: never) => Loadable<unknown> | Promise<Loadable<unknown>>,
    post: (answer: Answer, transfer: ArrayBuffer[]) => void,
  ) {
    this.#post = post
    const info = { id, numWorkers, dataset: null }
    setWorkerInfo(info)
    this.#dataset = (async () => {
      // the loader's workerArgs are what the function was declared for
      const dataset = datasetOf(await make(...(args as never)))
      setWorkerInfo({ ...info, dataset })
      return dataset
    })()
    this.#last = this.#dataset.then(
      () => post({ ready: true }, []),
      (error: unknown) => post({ failed: sentError(error) }, []),
    )
  }

  take(request: Request): void {
    this.#last = this.#last.then(() => this.#answer(request))
  }

  async #answer(request: Request): Promise<void> {
    if ('over' in request) {
      await this.#iterations.get(request.epoch)?.return?.()
      this.#iterations.delete(request.epoch)
      return
    }
    const { id } = request
    try {
      const made = await this.#make(request)
      if (made === null) return this.#post({ id, end: true }, [])
      const parcel = await pack(made.batch)
      this.#post({ id, parcel }, buffersOf(parcel))
    } catch (error) {
      this.#post({ id, error: sentError(error) }, [])
    }
  }

  async #make({
    epoch,
    settings,
    task,
  }: Extract<Request, { id: number }>): Promise<{ batch: unknown } | null> {
    const dataset = await this.#dataset
    const collate = settings.raw ? (items: unknown[]) => items : null
    const seed = (place: number): unknown =>
      defaultGenerator().manualSeed(BigInt.asUintN(63, (settings.baseSeed ^ batchSeed) + BigInt(place)))
    if (task !== null) {
      seed(task.place)
      if (isMapStyle(dataset)) return { batch: await fetchLater(dataset, task, settings.baseSeed, collate) }
    }
    let batches = this.#iterations.get(epoch)
    if (batches === undefined) {
      seed(0)
      setWorkerInfo({ seed: settings.baseSeed })
      batches = batchesLater(dataset, { ...settings, collate }, 0)
      this.#iterations.set(epoch, batches)
    }
    const { done, value } = await batches.next()
    return done === true ? null : { batch: value }
  }
}
