import { binary, constant, load, store, unary, valueOf, writeOpcode } from './value.ts'
import type { Operand, Statement, Value, ValueType } from './value.ts'

// opcodes of the integer instructions lie in the same order for both widths
const integer = <T extends 'i32' | 'i64'>(type: T, compare: number, arithmetic: number) => ({
  const: (value: number | bigint): Value<T> => constant(type, value),
  eqz: unary(type, 'i32', compare),
  eq: binary(type, 'i32', compare + 1),
  ne: binary(type, 'i32', compare + 2),
  ltS: binary(type, 'i32', compare + 3),
  ltU: binary(type, 'i32', compare + 4),
  gtS: binary(type, 'i32', compare + 5),
  gtU: binary(type, 'i32', compare + 6),
  leS: binary(type, 'i32', compare + 7),
  leU: binary(type, 'i32', compare + 8),
  geS: binary(type, 'i32', compare + 9),
  geU: binary(type, 'i32', compare + 10),
  clz: unary(type, type, arithmetic),
  ctz: unary(type, type, arithmetic + 1),
  popcnt: unary(type, type, arithmetic + 2),
  add: binary(type, type, arithmetic + 3),
  sub: binary(type, type, arithmetic + 4),
  mul: binary(type, type, arithmetic + 5),
  divS: binary(type, type, arithmetic + 6),
  divU: binary(type, type, arithmetic + 7),
  remS: binary(type, type, arithmetic + 8),
  remU: binary(type, type, arithmetic + 9),
  and: binary(type, type, arithmetic + 10),
  or: binary(type, type, arithmetic + 11),
  xor: binary(type, type, arithmetic + 12),
  shl: binary(type, type, arithmetic + 13),
  shrS: binary(type, type, arithmetic + 14),
  shrU: binary(type, type, arithmetic + 15),
  rotl: binary(type, type, arithmetic + 16),
  rotr: binary(type, type, arithmetic + 17),
})

const float = <T extends 'f32' | 'f64'>(type: T, compare: number, arithmetic: number) => ({
  const: (value: number): Value<T> => constant(type, value),
  eq: binary(type, 'i32', compare),
  ne: binary(type, 'i32', compare + 1),
  lt: binary(type, 'i32', compare + 2),
  gt: binary(type, 'i32', compare + 3),
  le: binary(type, 'i32', compare + 4),
  ge: binary(type, 'i32', compare + 5),
  abs: unary(type, type, arithmetic),
  neg: unary(type, type, arithmetic + 1),
  ceil: unary(type, type, arithmetic + 2),
  floor: unary(type, type, arithmetic + 3),
  trunc: unary(type, type, arithmetic + 4),
  nearest: unary(type, type, arithmetic + 5),
  sqrt: unary(type, type, arithmetic + 6),
  add: binary(type, type, arithmetic + 7),
  sub: binary(type, type, arithmetic + 8),
  mul: binary(type, type, arithmetic + 9),
  div: binary(type, type, arithmetic + 10),
  min: binary(type, type, arithmetic + 11),
  max: binary(type, type, arithmetic + 12),
  copysign: binary(type, type, arithmetic + 13),
})

/** Instructions on 32-bit integers. */
export const i32 = {
  ...integer('i32', 0x45, 0x67),
  wrapI64: unary('i64', 'i32', 0xa7),
  reinterpretF32: unary('f32', 'i32', 0xbc),
  extend8S: unary('i32', 'i32', 0xc0),
  extend16S: unary('i32', 'i32', 0xc1),
  truncSatF32S: unary('f32', 'i32', 0xfc0000),
  truncSatF32U: unary('f32', 'i32', 0xfc0001),
  truncSatF64S: unary('f64', 'i32', 0xfc0002),
  truncSatF64U: unary('f64', 'i32', 0xfc0003),
  load: load('i32', 0x28, 2),
  load8S: load('i32', 0x2c, 0),
  load8U: load('i32', 0x2d, 0),
  load16S: load('i32', 0x2e, 1),
  load16U: load('i32', 0x2f, 1),
  store: store('i32', 0x36, 2),
  store8: store('i32', 0x3a, 0),
  store16: store('i32', 0x3b, 1),
}

/** Instructions on 64-bit integers. */
export const i64 = {
  ...integer('i64', 0x50, 0x79),
  extendI32S: unary('i32', 'i64', 0xac),
  extendI32U: unary('i32', 'i64', 0xad),
  reinterpretF64: unary('f64', 'i64', 0xbd),
  extend8S: unary('i64', 'i64', 0xc2),
  extend16S: unary('i64', 'i64', 0xc3),
  extend32S: unary('i64', 'i64', 0xc4),
  truncSatF32S: unary('f32', 'i64', 0xfc0004),
  truncSatF32U: unary('f32', 'i64', 0xfc0005),
  truncSatF64S: unary('f64', 'i64', 0xfc0006),
  truncSatF64U: unary('f64', 'i64', 0xfc0007),
  load: load('i64', 0x29, 3),
  load8S: load('i64', 0x30, 0),
  load8U: load('i64', 0x31, 0),
  load16S: load('i64', 0x32, 1),
  load16U: load('i64', 0x33, 1),
  load32S: load('i64', 0x34, 2),
  load32U: load('i64', 0x35, 2),
  store: store('i64', 0x37, 3),
  store8: store('i64', 0x3c, 0),
  store16: store('i64', 0x3d, 1),
  store32: store('i64', 0x3e, 2),
}

/** Instructions on single precision. */
export const f32 = {
  ...float('f32', 0x5b, 0x8b),
  convertI32S: unary('i32', 'f32', 0xb2),
  convertI32U: unary('i32', 'f32', 0xb3),
  convertI64S: unary('i64', 'f32', 0xb4),
  convertI64U: unary('i64', 'f32', 0xb5),
  demoteF64: unary('f64', 'f32', 0xb6),
  reinterpretI32: unary('i32', 'f32', 0xbe),
  load: load('f32', 0x2a, 2),
  store: store('f32', 0x38, 2),
}

/** Instructions on double precision. */
export const f64 = {
  ...float('f64', 0x61, 0x99),
  convertI32S: unary('i32', 'f64', 0xb7),
  convertI32U: unary('i32', 'f64', 0xb8),
  convertI64S: unary('i64', 'f64', 0xb9),
  convertI64U: unary('i64', 'f64', 0xba),
  promoteF32: unary('f32', 'f64', 0xbb),
  reinterpretI64: unary('i64', 'f64', 0xbf),
  load: load('f64', 0x2b, 3),
  store: store('f64', 0x39, 3),
}

/** `whenTrue` if the condition is not 0, else `whenFalse`; both are computed. */
export function select<T extends ValueType>(
  condition: Operand<'i32'>,
  whenTrue: Value<T>,
  whenFalse: Value<T>,
): Value<T> {
  const test = valueOf('i32', condition)
  const { type } = whenTrue
  return {
    type,
    write(out) {
      whenTrue.write(out)
      whenFalse.write(out)
      test.write(out)
      // the form without a type is for numbers only
      if (type === 'v128') out.byte(0x1c).u32(1).byte(0x7b)
      else out.byte(0x1b)
    },
  }
}

/** The smaller of two unsigned numbers; each operand is computed twice. */
export function minU(x: Value<'i32'>, y: Value<'i32'>): Value<'i32'> {
  return select(i32.ltU(x, y), x, y)
}

const bulk =
  (opcode: number, ...zeros: number[]) =>
  (first: Operand<'i32'>, second: Operand<'i32'>, bytes: Operand<'i32'>): Statement => {
    const operands = [valueOf('i32', first), valueOf('i32', second), valueOf('i32', bytes)]
    return {
      type: 'void',
      write(out) {
        for (const operand of operands) operand.write(out)
        writeOpcode(out, opcode)
        for (const zero of zeros) out.byte(zero)
      },
    }
  }

/** Bulk instructions on the memory. */
export const memory = {
  /** `copy(to, from, bytes)`; the regions may overlap. */
  copy: bulk(0xfc000a, 0, 0),
  /** `fill(to, byte, bytes)` */
  fill: bulk(0xfc000b, 0),
}
