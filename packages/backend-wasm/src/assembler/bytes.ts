/**
 * A growing run of bytes with the encodings of the WebAssembly binary format.
 *
 * @see https://webassembly.github.io/spec/core/binary/values.html
 * @example
 * new Bytes().u32(300).finish() // => Uint8Array [172, 2]
 */
export class Bytes {
  #data: Uint8Array
  #length = 0

  constructor(capacity = 256) {
    this.#data = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): this {
    if (this.#length === this.#data.length) this.#reserve(1)
    this.#data[this.#length++] = value
    return this
  }

  /** Unsigned LEB128. */
  u32(value: number): this {
    let rest = value >>> 0
    while (rest > 127) {
      this.byte((rest & 127) | 128)
      rest >>>= 7
    }
    return this.byte(rest)
  }

  /** Signed LEB128. */
  s32(value: number): this {
    let rest = value | 0
    while (rest < -64 || rest > 63) {
      this.byte((rest & 127) | 128)
      rest >>= 7
    }
    return this.byte(rest & 127)
  }

  /** Signed LEB128; the value is taken modulo 2^64. */
  s64(value: bigint): this {
    let rest = BigInt.asIntN(64, value)
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    return this.byte(Number(rest & 127n))
  }

  /** Four bytes, little endian. */
  f32(value: number): this {
    scratch.setFloat32(0, value, true)
    return this.#scratch(4)
  }

  /** Eight bytes, little endian. */
  f64(value: number): this {
    scratch.setFloat64(0, value, true)
    return this.#scratch(8)
  }

  /** A UTF-8 name with its length. */
  name(text: string): this {
    const encoded = new TextEncoder().encode(text)
    return this.u32(encoded.length).append(encoded)
  }

  /** Another run of bytes, without its length. */
  append(bytes: Uint8Array | Bytes): this {
    const source = bytes instanceof Bytes ? bytes.#data.subarray(0, bytes.#length) : bytes
    this.#reserve(source.length)
    this.#data.set(source, this.#length)
    this.#length += source.length
    return this
  }

  /** Another run of bytes after its length. */
  sized(bytes: Bytes): this {
    return this.u32(bytes.#length).append(bytes)
  }

  /** A copy of the bytes written so far. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#data.slice(0, this.#length)
  }

  #scratch(count: number): this {
    for (let i = 0; i < count; i++) this.byte(scratch.getUint8(i))
    return this
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#data.length) return
    const grown = new Uint8Array(Math.max(needed, 2 * this.#data.length))
    grown.set(this.#data.subarray(0, this.#length))
    this.#data = grown
  }
}

const scratch = new DataView(new ArrayBuffer(8))
