import type { AnyDataset } from '../datasets/dataset.ts'

/** What the code of a dataset can learn about the worker that it runs in. */
export interface WorkerInfo {
  /** From 0 to `numWorkers - 1`. */
  readonly id: number
  readonly numWorkers: number
  /** The seed of the iteration; the same in all workers. */
  readonly seed: bigint
  /** The worker's copy; null while it is being made. */
  readonly dataset: AnyDataset<unknown> | null
}

let current: WorkerInfo | null = null

/**
 * The worker that this code runs in; null in the main thread. An iterable dataset shares its items out by it.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.get_worker_info
 * @example
 * g.utils.data.getWorkerInfo() // => null, outside of workers
 */
export const getWorkerInfo = (): WorkerInfo | null => current

/** Changes some of what {@link getWorkerInfo} says. */
export function setWorkerInfo(info: Partial<WorkerInfo>): void {
  current = { id: 0, numWorkers: 1, seed: 0n, dataset: null, ...current, ...info }
}
