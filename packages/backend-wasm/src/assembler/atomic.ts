import { load, store, valueOf, writeMemoryOp } from './value.ts'
import type { Operand, Value, ValueType } from './value.ts'

const atomic = (number: number): number => (0xfe << 16) | number

// the value before the change is the result
const exchange =
  <T extends 'i32' | 'i64'>(type: T, number: number, align: number) =>
  (address: Operand<'i32'>, operand: Operand<T>, offset = 0): Value<T> =>
    operation(type, number, align, offset, [valueOf('i32', address), valueOf(type, operand)])

const compareExchange =
  <T extends 'i32' | 'i64'>(type: T, number: number, align: number) =>
  (address: Operand<'i32'>, expected: Operand<T>, replacement: Operand<T>, offset = 0): Value<T> => {
    const operands = [valueOf('i32', address), valueOf(type, expected), valueOf(type, replacement)]
    return operation(type, number, align, offset, operands)
  }

function operation<T extends ValueType>(
  type: T,
  number: number,
  align: number,
  offset: number,
  operands: readonly Value[],
): Value<T> {
  return {
    type,
    write(out) {
      for (const operand of operands) operand.write(out)
      writeMemoryOp(out, atomic(number), align, offset)
    },
  }
}

const readModifyWrite = <T extends 'i32' | 'i64'>(type: T, wide: 0 | 1) => ({
  load: load(type, atomic(0x10 + wide), 2 + wide),
  store: store(type, atomic(0x17 + wide), 2 + wide),
  rmwAdd: exchange(type, 0x1e + wide, 2 + wide),
  rmwSub: exchange(type, 0x25 + wide, 2 + wide),
  rmwAnd: exchange(type, 0x2c + wide, 2 + wide),
  rmwOr: exchange(type, 0x33 + wide, 2 + wide),
  rmwXor: exchange(type, 0x3a + wide, 2 + wide),
  rmwXchg: exchange(type, 0x41 + wide, 2 + wide),
  rmwCmpxchg: compareExchange(type, 0x48 + wide, 2 + wide),
})

/** Atomic instructions on aligned 32-bit integers; `rmw` ones return the value before. */
export const i32Atomic = readModifyWrite('i32', 0)
/** Atomic instructions on aligned 64-bit integers; `rmw` ones return the value before. */
export const i64Atomic = readModifyWrite('i64', 1)

/**
 * Sleeps while the i32 at `address` equals `expected`: 0 woken, 1 not equal, 2 timed out.
 *
 * The timeout is in nanoseconds, negative for none. Traps on memory that is not shared, and on a page's main thread.
 */
export function atomicWait32(
  address: Operand<'i32'>,
  expected: Operand<'i32'>,
  timeout: Operand<'i64'>,
  offset = 0,
): Value<'i32'> {
  const operands = [valueOf('i32', address), valueOf('i32', expected), valueOf('i64', timeout)]
  return operation('i32', 0x01, 2, offset, operands)
}

/** Wakes up to `count` sleepers at `address`; the result is how many there were. */
export function atomicNotify(address: Operand<'i32'>, count: Operand<'i32'>, offset = 0): Value<'i32'> {
  return operation('i32', 0x00, 2, offset, [valueOf('i32', address), valueOf('i32', count)])
}
