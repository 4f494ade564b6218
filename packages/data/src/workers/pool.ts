import type { Task } from '../loader/fetch.ts'
import { end } from '../loader/fetch.ts'
import { unpack, type Answer, type EpochSettings, type Request } from './message.ts'
import { spawn, type Thread, type WorkerSource } from './spawn.ts'
import { receivedError, WorkerError } from './worker-error.ts'

/** Milliseconds in which a worker must say that it has a dataset to serve, or that it is still making it. */
const patience = 30_000

interface Pending {
  readonly worker: number
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Workers that each have the dataset. One that fails makes all fail: batches of the others would come out of order. */
export class WorkerPool {
  readonly #threads: Thread[] = []
  readonly #source: WorkerSource
  readonly #pending = new Map<number, Pending>()
  readonly #silent = new Set<number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #nextId = 0
  #nextEpoch = 0
  #failure: Error | null = null
  #closed = false

  constructor(numWorkers: number, source: WorkerSource, args: readonly unknown[]) {
    this.#source = source
    try {
      for (let id = 0; id < numWorkers; id++) {
        this.#silent.add(id)
        const beginning = { id, numWorkers, args }
        const reports = {
          message: (data: unknown) => this.#answered(id, data as Answer), // of serveDataset
          lost: (reason: string, cause?: unknown) => this.#lost(id, reason, cause),
        }
        this.#threads.push(spawn(source, beginning, reports))
      }
    } catch (cause) {
      void this.close()
      throw new WorkerError(`DataLoader worker 0 cannot be started: ${messageOf(cause)}`, { cause })
    }
    this.#timer = setTimeout(() => this.#timedOut(), patience)
    // a timer is an object in Node, and keeps the program running
    if (typeof this.#timer === 'object') this.#timer.unref()
  }

  /** Whether a worker has failed: no batch will come. */
  get failed(): boolean {
    return this.#failure !== null
  }

  /** Begins an iteration. */
  begin(settings: EpochSettings): WorkerEpoch {
    const epoch = this.#nextEpoch++
    return new WorkerEpoch(
      this.#threads.length,
      (worker, task) => this.#request(worker, { epoch, id: this.#nextId++, settings, task }),
      () => this.#over(epoch),
    )
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#fail(new WorkerError('the DataLoader was closed'))
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }

  #request(worker: number, request: Extract<Request, { id: number }>): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { worker, resolve, reject })
      // whoever asked waits: the program must not end meanwhile
      this.#threads[worker].keepsProgram(true)
      this.#threads[worker].post(request)
    })
  }

  #over(epoch: number): void {
    if (this.#failure) return
    for (const thread of this.#threads) thread.post({ epoch, over: true } satisfies Request)
  }

  #answered(worker: number, answer: Answer): void {
    this.#silent.delete(worker)
    if ('ready' in answer) return
    if ('failed' in answer) {
      const cause = receivedError(answer.failed)
      this.#fail(
        new WorkerError(`DataLoader worker ${worker} could not make its dataset: ${cause.message}`, {
          cause,
        }),
      )
      return
    }
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    this.#settle(answer.id, pending)
    if ('end' in answer) pending.resolve(end)
    else if ('parcel' in answer) pending.resolve(unpack(answer.parcel))
    else {
      const cause = receivedError(answer.error)
      pending.reject(
        new WorkerError(`Caught ${cause.name} in DataLoader worker ${worker}: ${cause.message}`, { cause }),
      )
    }
  }

  #settle(id: number, { worker }: Pending): void {
    this.#pending.delete(id)
    const isIdle = [...this.#pending.values()].every((other) => other.worker !== worker)
    if (isIdle) this.#threads[worker].keepsProgram(false)
  }

  #lost(worker: number, reason: string, cause: unknown): void {
    if (this.#closed || this.#failure) return
    const where = typeof this.#source === 'function' ? 'its module' : String(this.#source)
    const hint = this.#silent.has(worker)
      ? `it had not served a dataset yet: ${where} must call serveDataset(), and be JavaScript that this engine can import`
      : `the dataset is made by ${where}`
    const detail = cause instanceof Error ? `: ${cause.message}` : ''
    this.#fail(
      new WorkerError(`DataLoader worker ${worker} ${reason}${detail}`, {
        hint,
        ...(cause === undefined ? {} : { cause }),
      }),
    )
  }

  #timedOut(): void {
    const [worker] = this.#silent
    if (worker === undefined) return
    this.#lost(worker, `did not answer within ${patience / 1000} s`, undefined)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    const waiting = [...this.#pending]
    this.#pending.clear()
    for (const [, { worker, reject }] of waiting) {
      this.#threads[worker].keepsProgram(false)
      reject(error)
    }
  }
}

/** One iteration over a pool: batches are asked of the workers in turn. */
export class WorkerEpoch {
  readonly #request: (worker: number, task: Task | null) => Promise<unknown>
  readonly #over: () => void
  /** Those that have more, in the order of their turns. */
  #active: number[]
  #turn = 0

  constructor(
    numWorkers: number,
    request: (worker: number, task: Task | null) => Promise<unknown>,
    over: () => void,
  ) {
    this.#active = Array.from({ length: numWorkers }, (_, i) => i)
    this.#request = request
    this.#over = over
  }

  /**
   * The batch of a task, or the next of the worker whose turn it is.
   *
   * @returns null if no worker has more
   */
  request(task: Task | null): Promise<unknown> | null {
    if (this.#active.length === 0) return null
    const worker = this.#active[this.#turn % this.#active.length]
    this.#turn++
    const made = this.#request(worker, task)
    return made.then((batch) => {
      if (batch === end) this.#drop(worker)
      return batch
    })
  }

  close(): void {
    this.#over()
  }

  /** Leaves out a worker; the one whose turn it is stays so. */
  #drop(worker: number): void {
    const at = this.#active.indexOf(worker)
    if (at < 0) return
    const next = this.#turn % this.#active.length
    this.#active = this.#active.filter((other) => other !== worker)
    this.#turn = at < next ? next - 1 : next
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
