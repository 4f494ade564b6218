import { FileError, formatBytes } from '../file-error.ts'

/** Thrown where a pickle reaches beyond the bytes at hand: more of the file may have the rest. */
export class PickleEnd extends FileError {
  override name = 'FileError'
}

/** Reads the fields of a pickle, never beyond its bytes. */
export class PickleBytes {
  at = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get length(): number {
    return this.bytes.length
  }

  /** Where the next `length` bytes begin; they are passed over. */
  take(length: number, what: string): number {
    const left = this.bytes.length - this.at
    if (length > left) {
      throw new PickleEnd(`the pickle claims ${formatBytes(length)} of ${what}, and ${left} bytes are left`, {
        hint: 'the file is truncated, or claims more than it has',
      })
    }
    this.at += length
    return this.at - length
  }

  u8(): number {
    return this.bytes[this.take(1, 'opcodes')]
  }

  u16(): number {
    return this.view.getUint16(this.take(2, 'a number'), true)
  }

  i32(): number {
    return this.view.getInt32(this.take(4, 'a number'), true)
  }

  u32(): number {
    return this.view.getUint32(this.take(4, 'a number'), true)
  }

  u64(): number {
    return Number(this.view.getBigUint64(this.take(8, 'a number'), true))
  }

  /** The one number that is big-endian. */
  f64(): number {
    return this.view.getFloat64(this.take(8, 'a number'), false)
  }

  /** An integer of `length` bytes: a number where one holds it, else a bigint. */
  long(length: number): number | bigint {
    const start = this.take(length, 'an integer')
    if (length > 4096)
      throw new FileError(`the pickle has an integer of ${length} bytes; 4096 at most are read`)
    let hex = ''
    for (let i = start + length - 1; i >= start; i--) hex += this.bytes[i].toString(16).padStart(2, '0')
    const value = hex === '' ? 0n : BigInt.asIntN(8 * length, BigInt(`0x${hex}`))
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  text(length: number): string {
    const start = this.take(length, 'text')
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes.subarray(start, start + length))
  }

  latin1(length: number): string {
    const start = this.take(length, 'text')
    return latin1(this.bytes.subarray(start, start + length))
  }

  raw(length: number): Uint8Array {
    const start = this.take(length, 'bytes')
    return this.bytes.slice(start, start + length)
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0) throw new PickleEnd('the pickle ends in the middle of a name')
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, end))
    this.at = end + 1
    return text
  }
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096))
  return text
}
