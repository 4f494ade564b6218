import { FileError, formatBytes } from '../file-error.ts'

/** Checks that `length` bytes from `offset` lie within a source. */
export function checkRange(source: { readonly size: number }, offset: number, length: number): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
  if (whole && offset + length <= source.size) return
  throw new FileError(
    `${length} bytes at ${offset} are beyond the file, which has ${formatBytes(source.size)}`,
    { hint: 'the file is truncated, or claims more than it has' },
  )
}
