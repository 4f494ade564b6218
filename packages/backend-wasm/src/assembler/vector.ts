import { binary, load, store, ternary, unary, valueOf, writeMemoryOp, writeOpcode } from './value.ts'
import type { Operand, Statement, Value, ValueType } from './value.ts'

const simd = (number: number): number => (0xfd << 16) | number
const un = (number: number) => unary('v128', 'v128', simd(number))
const bin = (number: number) => binary('v128', 'v128', simd(number))
const test = (number: number) => unary('v128', 'i32', simd(number))
const splat = <T extends ValueType>(lane: T, number: number) => unary(lane, 'v128', simd(number))
const loadV = (number: number, align: number) => load('v128', simd(number), align)

const extract =
  <T extends ValueType>(type: T, number: number) =>
  (x: Operand<'v128'>, lane: number): Value<T> => ({
    type,
    write(out) {
      x.write(out)
      writeOpcode(out, simd(number))
      out.byte(lane)
    },
  })

const replace =
  <T extends ValueType>(type: T, number: number) =>
  (x: Operand<'v128'>, lane: number, operand: Operand<T>): Value<'v128'> => {
    const value = valueOf(type, operand)
    return {
      type: 'v128',
      write(out) {
        x.write(out)
        value.write(out)
        writeOpcode(out, simd(number))
        out.byte(lane)
      },
    }
  }

// the count of a shift is a scalar, taken modulo the width of a lane
const shift =
  (number: number) =>
  (x: Operand<'v128'>, count: Operand<'i32'>): Value<'v128'> => {
    const by = valueOf('i32', count)
    return {
      type: 'v128',
      write(out) {
        x.write(out)
        by.write(out)
        writeOpcode(out, simd(number))
      },
    }
  }

const loadLane =
  (number: number, align: number) =>
  (address: Operand<'i32'>, x: Operand<'v128'>, lane: number, offset = 0): Value<'v128'> => {
    const at = valueOf('i32', address)
    return {
      type: 'v128',
      write(out) {
        at.write(out)
        x.write(out)
        writeMemoryOp(out, simd(number), align, offset)
        out.byte(lane)
      },
    }
  }

const storeLane =
  (number: number, align: number) =>
  (address: Operand<'i32'>, x: Operand<'v128'>, lane: number, offset = 0): Statement => {
    const at = valueOf('i32', address)
    return {
      type: 'void',
      write(out) {
        at.write(out)
        x.write(out)
        writeMemoryOp(out, simd(number), align, offset)
        out.byte(lane)
      },
    }
  }

function vectorConstant(bytes: ArrayLike<number>): Value<'v128'> {
  if (bytes.length !== 16) throw new RangeError(`a v128 has 16 bytes, got ${bytes.length}`)
  return {
    type: 'v128',
    write(out) {
      writeOpcode(out, simd(12))
      for (let i = 0; i < 16; i++) out.byte(bytes[i])
    },
  }
}

/** Instructions on 128 bits, whatever the lanes. */
export const v128 = {
  /** A constant of 16 bytes. Inside a loop it may be rebuilt in every turn: keep it in a local. */
  const: vectorConstant,
  load: loadV(0, 4),
  /** Eight integers widened on the way: signed and unsigned. */
  load8x8S: loadV(1, 3),
  load8x8U: loadV(2, 3),
  load16x4S: loadV(3, 3),
  load16x4U: loadV(4, 3),
  load32x2S: loadV(5, 3),
  load32x2U: loadV(6, 3),
  load8Splat: loadV(7, 0),
  load16Splat: loadV(8, 1),
  load32Splat: loadV(9, 2),
  load64Splat: loadV(10, 3),
  load32Zero: loadV(92, 2),
  load64Zero: loadV(93, 3),
  load8Lane: loadLane(84, 0),
  load16Lane: loadLane(85, 1),
  load32Lane: loadLane(86, 2),
  load64Lane: loadLane(87, 3),
  store: store('v128', simd(11), 4),
  store8Lane: storeLane(88, 0),
  store16Lane: storeLane(89, 1),
  store32Lane: storeLane(90, 2),
  store64Lane: storeLane(91, 3),
  not: un(77),
  and: bin(78),
  /** `x & ~y` */
  andnot: bin(79),
  or: bin(80),
  xor: bin(81),
  /** Bits of x where the mask is 1, of y where it is 0: `bitselect(x, y, mask)`. */
  bitselect: ternary('v128', 'v128', simd(82)),
  anyTrue: test(83),
}

const order = (eq: number) => ({
  eq: bin(eq),
  ne: bin(eq + 1),
  ltS: bin(eq + 2),
  ltU: bin(eq + 3),
  gtS: bin(eq + 4),
  gtU: bin(eq + 5),
  leS: bin(eq + 6),
  leU: bin(eq + 7),
  geS: bin(eq + 8),
  geU: bin(eq + 9),
})

// every shape of integer lanes has its block of opcodes, in one order
const lanes = (base: number) => ({
  abs: un(base),
  neg: un(base + 1),
  allTrue: test(base + 3),
  bitmask: test(base + 4),
  shl: shift(base + 11),
  shrS: shift(base + 12),
  shrU: shift(base + 13),
  add: bin(base + 14),
  sub: bin(base + 17),
})

const extremes = (base: number) => ({
  minS: bin(base),
  minU: bin(base + 1),
  maxS: bin(base + 2),
  maxU: bin(base + 3),
})

/** Instructions on sixteen bytes. */
export const i8x16 = {
  ...order(35),
  ...lanes(96),
  ...extremes(118),
  splat: splat('i32', 15),
  extractLaneS: extract('i32', 21),
  extractLaneU: extract('i32', 22),
  replaceLane: replace('i32', 23),
  popcnt: un(98),
  narrowI16x8S: bin(101),
  narrowI16x8U: bin(102),
  addSatS: bin(111),
  addSatU: bin(112),
  subSatS: bin(114),
  subSatU: bin(115),
  avgrU: bin(123),
  /** Bytes of x chosen by the indices in y; 16 and above give 0. */
  swizzle: bin(14),
  /** Sixteen bytes chosen from x (0 to 15) and y (16 to 31). */
  shuffle(x: Operand<'v128'>, y: Operand<'v128'>, indices: readonly number[]): Value<'v128'> {
    if (indices.length !== 16) throw new RangeError(`a shuffle has 16 indices, got ${indices.length}`)
    return {
      type: 'v128',
      write(out) {
        x.write(out)
        y.write(out)
        writeOpcode(out, simd(13))
        for (const index of indices) out.byte(index)
      },
    }
  },
}

/** Instructions on eight 16-bit integers. */
export const i16x8 = {
  ...order(45),
  ...lanes(128),
  ...extremes(150),
  splat: splat('i32', 16),
  extractLaneS: extract('i32', 24),
  extractLaneU: extract('i32', 25),
  replaceLane: replace('i32', 26),
  mul: bin(149),
  narrowI32x4S: bin(133),
  narrowI32x4U: bin(134),
  extendLowI8x16S: un(135),
  extendHighI8x16S: un(136),
  extendLowI8x16U: un(137),
  extendHighI8x16U: un(138),
  addSatS: bin(143),
  addSatU: bin(144),
  subSatS: bin(146),
  subSatU: bin(147),
  avgrU: bin(155),
}

/** Instructions on four 32-bit integers. */
export const i32x4 = {
  ...order(55),
  ...lanes(160),
  ...extremes(182),
  splat: splat('i32', 17),
  extractLane: extract('i32', 27),
  replaceLane: replace('i32', 28),
  mul: bin(181),
  /** Lanes of x where the mask is set, of y where it is not; of a lane neither all 1 nor all 0 nothing is known. Relaxed SIMD. */
  relaxedLaneselect: ternary('v128', 'v128', simd(0x10b)),
  extendLowI16x8S: un(167),
  extendHighI16x8S: un(168),
  extendLowI16x8U: un(169),
  extendHighI16x8U: un(170),
  /** Products of 16-bit lanes, added in pairs. */
  dotI16x8S: bin(186),
  truncSatF32x4S: un(248),
  truncSatF32x4U: un(249),
  /** Two numbers into lanes 0 and 1; the others are 0. */
  truncSatF64x2SZero: un(252),
  truncSatF64x2UZero: un(253),
}

/** Instructions on two 64-bit integers; comparisons are signed. */
export const i64x2 = {
  ...lanes(192),
  splat: splat('i64', 18),
  extractLane: extract('i64', 29),
  replaceLane: replace('i64', 30),
  mul: bin(213),
  eq: bin(214),
  ne: bin(215),
  ltS: bin(216),
  gtS: bin(217),
  leS: bin(218),
  geS: bin(219),
  extendLowI32x4S: un(199),
  extendHighI32x4S: un(200),
  extendLowI32x4U: un(201),
  extendHighI32x4U: un(202),
}

const floats = (compare: number, arithmetic: number) => ({
  eq: bin(compare),
  ne: bin(compare + 1),
  lt: bin(compare + 2),
  gt: bin(compare + 3),
  le: bin(compare + 4),
  ge: bin(compare + 5),
  abs: un(arithmetic),
  neg: un(arithmetic + 1),
  sqrt: un(arithmetic + 3),
  add: bin(arithmetic + 4),
  sub: bin(arithmetic + 5),
  mul: bin(arithmetic + 6),
  div: bin(arithmetic + 7),
  min: bin(arithmetic + 8),
  max: bin(arithmetic + 9),
  /** `y < x ? y : x`: x if one of the two is NaN. */
  pmin: bin(arithmetic + 10),
  /** `x < y ? y : x`: x if one of the two is NaN. */
  pmax: bin(arithmetic + 11),
})

/** Instructions on four numbers of single precision. */
export const f32x4 = {
  ...floats(65, 224),
  splat: splat('f32', 19),
  extractLane: extract('f32', 31),
  replaceLane: replace('f32', 32),
  ceil: un(103),
  floor: un(104),
  trunc: un(105),
  nearest: un(106),
  convertI32x4S: un(250),
  convertI32x4U: un(251),
  /** Two doubles into lanes 0 and 1; the others are 0. */
  demoteF64x2Zero: un(94),
  /** `x * y + z`, rounded once or twice. Relaxed SIMD. */
  relaxedMadd: ternary('v128', 'v128', simd(0x105)),
  /** `z - x * y`, rounded once or twice. Relaxed SIMD. */
  relaxedNmadd: ternary('v128', 'v128', simd(0x106)),
}

/** Instructions on two numbers of double precision. */
export const f64x2 = {
  ...floats(71, 236),
  splat: splat('f64', 20),
  extractLane: extract('f64', 33),
  replaceLane: replace('f64', 34),
  ceil: un(116),
  floor: un(117),
  trunc: un(122),
  nearest: un(148),
  convertLowI32x4S: un(254),
  convertLowI32x4U: un(255),
  /** Lanes 0 and 1 of four singles. */
  promoteLowF32x4: un(95),
  /** `x * y + z`, rounded once or twice. Relaxed SIMD. */
  relaxedMadd: ternary('v128', 'v128', simd(0x107)),
  /** `z - x * y`, rounded once or twice. Relaxed SIMD. */
  relaxedNmadd: ternary('v128', 'v128', simd(0x108)),
}
