import { TensorError } from '@gradus/core'

/** A file that cannot be read or written, or whose content is not what it claims to be. */
export class FileError extends TensorError {
  override name = 'FileError'
}

/** Runs `fn`; an error of gradus that it throws is given the place it happened in. */
export async function inFile<T>(where: string, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn()
  } catch (error) {
    throw error instanceof TensorError ? error.at(where) : error
  }
}

/** Bytes as a reader counts them: `1.5 kB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`
}
