/*
 * The five kinds of fields that an event has, as protocol buffers write them: https://protobuf.dev/programming-guides/encoding/. A library
 * would be larger than all that is written with it.
 */

/** Bytes of one field, its tag before them. */
export type Field = Uint8Array

/** Bytes one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  // negative integers are written as 64 bits
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 0x80n) return Uint8Array.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}

const tag = (field: number, wire: number): Uint8Array => varint((field << 3) | wire)

/** An integer or enumeration. */
export const int = (field: number, value: number): Field => joined([tag(field, 0), varint(value)])

/** A float32. */
export function float(field: number, value: number): Field {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return joined([tag(field, 5), bytes])
}

/** A float64. */
export const double = (field: number, value: number): Field => joined([tag(field, 1), doublesOf([value])])

/** A list of float64. */
export const doubles = (field: number, values: readonly number[]): Field => bytes(field, doublesOf(values))

function doublesOf(values: readonly number[]): Uint8Array {
  const all = new Uint8Array(8 * values.length)
  const view = new DataView(all.buffer)
  values.forEach((value, i) => view.setFloat64(8 * i, value, true))
  return all
}

/** Bytes, or a message, which is its fields. */
export const bytes = (field: number, value: Uint8Array): Field =>
  joined([tag(field, 2), varint(value.length), value])

/** A message within one. */
export const message = (field: number, fields: readonly Field[]): Field => bytes(field, joined(fields))

/** Text. */
export const text = (field: number, value: string): Field => bytes(field, new TextEncoder().encode(value))
