import { TensorError } from '@gradus/core'
import type { SentError } from './message.ts'

/** A worker of a loader that failed. Its `cause` is the error in the worker, with the worker's stack. */
export class WorkerError extends TensorError {
  override name = 'WorkerError'
}

/** An error of another thread, as this one shows it. */
export function receivedError({ name, message, stack }: SentError): Error {
  const error = new Error(message)
  error.name = name
  if (stack !== '') error.stack = stack
  return error
}
