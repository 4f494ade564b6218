import type { Bytes } from './bytes.ts'

/** The types of locals, parameters and results. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/**
 * Code that leaves one value of type `T` on the stack, or none if `T` is `'void'`.
 *
 * It is a tree, not a variable: used twice, it is computed twice. Keep a value that is needed again in a local.
 */
export interface Value<T extends ValueType | 'void' = ValueType> {
  readonly type: T
  readonly write: (out: Bytes) => void
}

/** Code without a result: stores, calls of functions that return nothing. */
export type Statement = Value<'void'>

interface Literals {
  i32: number
  i64: number | bigint
  f32: number
  f64: number
  v128: never
}

/** An operand of type `T`: code, or a number that becomes a constant. */
export type Operand<T extends ValueType> = Value<T> | Literals[T]

/** The byte that stands for a type. */
export const typeByte: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b }

/** A constant of a scalar type. */
export function constant<T extends ValueType>(type: T, value: number | bigint): Value<T> {
  switch (type) {
    case 'i32':
      return { type, write: (out) => void out.byte(0x41).s32(Number(value)) }
    case 'i64':
      return { type, write: (out) => void out.byte(0x42).s64(BigInt(value)) }
    case 'f32':
      return { type, write: (out) => void out.byte(0x43).f32(Number(value)) }
    case 'f64':
      return { type, write: (out) => void out.byte(0x44).f64(Number(value)) }
    default:
      throw new TypeError('v128 has no literals: use v128.const')
  }
}

/** Code for an operand. */
export function valueOf<T extends ValueType>(type: T, operand: Operand<T>): Value<T> {
  return typeof operand === 'object' ? operand : constant(type, operand)
}

/**
 * Writes an opcode. An opcode behind a prefix is given as `prefix << 16 | number`, as in `0xfd0105`.
 */
export function writeOpcode(out: Bytes, opcode: number): void {
  if (opcode > 0xffff) out.byte(opcode >>> 16).u32(opcode & 0xffff)
  else out.byte(opcode)
}

/** One operand of type `I`. */
export type Unary<I extends ValueType, R extends ValueType> = (x: Operand<I>) => Value<R>
/** Two operands of type `I`. */
export type Binary<I extends ValueType, R extends ValueType> = (x: Operand<I>, y: Operand<I>) => Value<R>
/** Three operands of type `I`. */
export type Ternary<I extends ValueType, R extends ValueType> = (
  x: Operand<I>,
  y: Operand<I>,
  z: Operand<I>,
) => Value<R>
/** Reads at `address + offset`; the offset is an unsigned constant in bytes. */
export type Load<R extends ValueType> = (address: Operand<'i32'>, offset?: number) => Value<R>
/** Writes at `address + offset`; the offset is an unsigned constant in bytes. */
export type Store<T extends ValueType> = (
  address: Operand<'i32'>,
  value: Operand<T>,
  offset?: number,
) => Statement

export function unary<I extends ValueType, R extends ValueType>(
  input: I,
  type: R,
  opcode: number,
): Unary<I, R> {
  return (operand) => {
    const x = valueOf(input, operand)
    return {
      type,
      write(out) {
        x.write(out)
        writeOpcode(out, opcode)
      },
    }
  }
}

export function binary<I extends ValueType, R extends ValueType>(
  input: I,
  type: R,
  opcode: number,
): Binary<I, R> {
  return (left, right) => {
    const x = valueOf(input, left)
    const y = valueOf(input, right)
    return {
      type,
      write(out) {
        x.write(out)
        y.write(out)
        writeOpcode(out, opcode)
      },
    }
  }
}

export function ternary<I extends ValueType, R extends ValueType>(
  input: I,
  type: R,
  opcode: number,
): Ternary<I, R> {
  return (first, second, third) => {
    const operands = [valueOf(input, first), valueOf(input, second), valueOf(input, third)]
    return {
      type,
      write(out) {
        for (const operand of operands) operand.write(out)
        writeOpcode(out, opcode)
      },
    }
  }
}

/** Opcode with the alignment hint and the offset; the hint is the logarithm of the natural alignment. */
export function writeMemoryOp(out: Bytes, opcode: number, align: number, offset: number): void {
  writeOpcode(out, opcode)
  out.u32(align).u32(offset)
}

export function load<R extends ValueType>(type: R, opcode: number, align: number): Load<R> {
  return (address, offset = 0) => {
    const at = valueOf('i32', address)
    return {
      type,
      write(out) {
        at.write(out)
        writeMemoryOp(out, opcode, align, offset)
      },
    }
  }
}

export function store<T extends ValueType>(type: T, opcode: number, align: number): Store<T> {
  return (address, operand, offset = 0) => {
    const at = valueOf('i32', address)
    const value = valueOf(type, operand)
    return {
      type: 'void',
      write(out) {
        at.write(out)
        value.write(out)
        writeMemoryOp(out, opcode, align, offset)
      },
    }
  }
}
