import type { DType } from '@gradus/core/backend'
import { f32x4, i16x8, i32x4, i8x16 } from '../assembler/index.ts'
import { single } from '../math/lanes.ts'
import type { Graph, Node } from './graph.ts'

/** The number of vectors that four elements of a dtype are loaded into. */
export const vectorsOf = (dtype: DType): 1 | 2 => (dtype === 'int64' || dtype === 'float64' ? 2 : 1)

const firstBytes = [0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
const firstWords = [0, 1, 4, 5, 8, 9, 12, 13, 0, 0, 0, 0, 0, 0, 0, 0]

/** Four elements as they are computed with, from four as they lie in memory (in the lowest bytes). */
export function unpack(graph: Graph, dtype: DType, raw: readonly Node[]): readonly Node[] {
  const s = single(graph)
  const [x] = raw
  switch (dtype) {
    case 'bool':
      return [graph.op(i32x4.ne, bytesToWords(graph, x, false), s.pattern(0))]
    case 'uint8':
      return [bytesToWords(graph, x, false)]
    case 'int8':
      return [bytesToWords(graph, x, true)]
    case 'int16':
      return [graph.op(i32x4.extendLowI16x8S, x)]
    case 'float16':
      return [fromHalf(graph, graph.op(i32x4.extendLowI16x8U, x))]
    case 'bfloat16':
      return [s.shl(graph.op(i32x4.extendLowI16x8U, x), 16)]
    default:
      return raw
  }
}

/** Four elements as they lie in memory, rounded to nearest even or wrapped. */
export function pack(graph: Graph, dtype: DType, value: readonly Node[]): readonly Node[] {
  const s = single(graph)
  const [x] = value
  switch (dtype) {
    case 'bool':
      return [graph.shuffle(i8x16.shuffle, s.and(x, s.pattern(1)), x, firstBytes)]
    case 'uint8':
    case 'int8':
      return [graph.shuffle(i8x16.shuffle, x, x, firstBytes)]
    case 'int16':
      return [graph.shuffle(i8x16.shuffle, x, x, firstWords)]
    case 'float16': {
      const half = toHalf(graph, x)
      return [graph.shuffle(i8x16.shuffle, half, half, firstWords)]
    }
    case 'bfloat16': {
      const half = toBrain(graph, x)
      return [graph.shuffle(i8x16.shuffle, half, half, firstWords)]
    }
    default:
      return value
  }
}

/** The value after a store to `dtype` and a load. */
export function roundTrip(graph: Graph, dtype: DType, value: readonly Node[]): readonly Node[] {
  const s = single(graph)
  const [x] = value
  switch (dtype) {
    case 'uint8':
      return [s.and(x, s.pattern(255))]
    case 'int8':
      return [s.sar(s.shl(x, 24), 24)]
    case 'int16':
      return [s.sar(s.shl(x, 16), 16)]
    case 'float16':
      return [fromHalf(graph, toHalf(graph, x))]
    case 'bfloat16':
      return [s.shl(toBrain(graph, x), 16)]
    default:
      return value
  }
}

function bytesToWords(graph: Graph, x: Node, signed: boolean): Node {
  return signed
    ? graph.op(i32x4.extendLowI16x8S, graph.op(i16x8.extendLowI8x16S, x))
    : graph.op(i32x4.extendLowI16x8U, graph.op(i16x8.extendLowI8x16U, x))
}

// a multiplication rebiases the exponent, and also normalises subnormals of half precision
function fromHalf(graph: Graph, bits: Node): Node {
  const s = single(graph)
  const magnitude = s.and(bits, s.pattern(0x7fff))
  const scaled = s.mul(s.shl(magnitude, 13), s.c(2 ** 112))
  const special = graph.op(i32x4.gtS, magnitude, s.pattern(0x7bff))
  const value = s.or(scaled, s.and(special, s.pattern(0x7f800000)))
  return s.or(value, s.shl(s.andnot(bits, s.pattern(0x7fff)), 16))
}

// after F. Giesen, "float->half variants": subnormals are rounded by adding a number whose unit is theirs
function toHalf(graph: Graph, x: Node): Node {
  const s = single(graph)
  const sign = s.and(x, s.pattern(-0x80000000))
  const magnitude = s.xor(x, sign)
  const odd = s.and(s.shr(magnitude, 13), s.pattern(1))
  const normal = s.shr(s.addBits(s.addBits(magnitude, s.pattern(0xfff - (112 << 23))), odd), 13)
  const magic = s.pattern(126 << 23)
  const subnormal = s.subBits(s.add(magnitude, magic), magic)
  const small = graph.op(i32x4.ltS, magnitude, s.pattern(113 << 23))
  const infinite = graph.op(i32x4.geS, magnitude, s.pattern(0x477ff000))
  const nan = s.where(
    graph.op(i32x4.gtS, magnitude, s.pattern(0x7f800000)),
    s.pattern(0x7e00),
    s.pattern(0x7c00),
  )
  return s.or(s.where(infinite, nan, s.where(small, subnormal, normal)), s.shr(sign, 16))
}

function toBrain(graph: Graph, x: Node): Node {
  const s = single(graph)
  const odd = s.and(s.shr(x, 16), s.pattern(1))
  const rounded = s.addBits(s.addBits(x, s.pattern(0x7fff)), odd)
  const nan = graph.op(f32x4.ne, x, x)
  return s.where(nan, s.pattern(0x7fc0), s.shr(rounded, 16))
}
