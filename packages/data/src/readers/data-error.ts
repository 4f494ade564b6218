import { TensorError } from '@gradus/core'

/** A file that cannot be read, or data in it that is not what its format, or the reader's options, say. */
export class DataError extends TensorError {
  override name = 'DataError'
}

/** Where in a file of text something is: `train.csv:3:7`. Lines and columns count from 1. */
export const placeIn = (name: string, line: number, column?: number): string =>
  column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`
