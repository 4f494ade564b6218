import type { Num } from '@gradus/core/backend'
import { f32, f32x4, f64, f64x2, i32x4, i64, i64x2 } from '../assembler/index.ts'
import { double, joinHalves, lowWords, narrow, single, upper, widen } from '../math/lanes.ts'
import type { Graph, Helper, Node } from './graph.ts'

/**
 * Lanes of one number type as another. Floats go to integers towards zero; NaN and values that do not fit give the lowest
 * integer. `mask64` is a bool as masks of two 64-bit lanes.
 */
export function cast(
  graph: Graph,
  from: Num | 'mask64',
  to: Num | 'mask64',
  x: readonly Node[],
): readonly Node[] {
  if (from === to) return x
  const s = single(graph)
  const d = double(graph)
  switch (to) {
    case 'bool':
      return [isNonZero(graph, from, x)]
    case 'mask64':
      return [graph.op(i64x2.extendLowI32x4S, x[0]), graph.op(i64x2.extendHighI32x4S, x[0])]
    case 'i32':
      if (from === 'bool') return [s.and(x[0], s.pattern(1))]
      if (from === 'i64') return [lowWords(graph, x[0], x[1])]
      if (from === 'f32') {
        const fits = s.lt(x[0], s.c(2 ** 31))
        return [s.where(fits, graph.op(i32x4.truncSatF32x4S, x[0]), s.pattern(-0x80000000))]
      } else {
        const words = x.map((v) => graph.op(i32x4.truncSatF64x2SZero, v))
        const fits = x.map((v) => d.lt(v, d.c(2 ** 31)))
        const joined = joinHalves(graph, words[0], words[1])
        return [s.where(lowWords(graph, fits[0], fits[1]), joined, s.pattern(-0x80000000))]
      }
    case 'i64':
      if (from === 'f32') return cast(graph, 'f64', 'i64', widen(graph, x[0]))
      if (from === 'f64') return x.map((v) => graph.perLane('f64', 'i64', doubleToInt64, [v]))
      if (from === 'bool') return cast(graph, 'i32', 'i64', cast(graph, 'bool', 'i32', x))
      return [graph.op(i64x2.extendLowI32x4S, x[0]), graph.op(i64x2.extendHighI32x4S, x[0])]
    case 'f32':
      if (from === 'bool') return [s.and(x[0], s.pattern(0x3f800000))]
      if (from === 'i32') return [graph.op(f32x4.convertI32x4S, x[0])]
      if (from === 'f64') return [narrow(graph, x[0], x[1])]
      return [joinHalves(graph, ...pair(x.map((v) => graph.perLane('i64', 'f32', int64ToSingle, [v]))))]
    case 'f64':
      if (from === 'f32') return widen(graph, x[0])
      if (from === 'i64') return x.map((v) => graph.perLane('i64', 'f64', int64ToDouble, [v]))
      if (from === 'bool') return cast(graph, 'i32', 'f64', cast(graph, 'bool', 'i32', x))
      return [graph.op(f64x2.convertLowI32x4S, x[0]), graph.op(f64x2.convertLowI32x4S, upper(graph, x[0]))]
  }
}

function isNonZero(graph: Graph, from: Num | 'mask64', x: readonly Node[]): Node {
  const zero = graph.constant('i32', 0)
  if (from === 'f32') return graph.op(f32x4.ne, x[0], zero)
  if (from === 'i32') return graph.op(i32x4.ne, x[0], zero)
  return narrowMask(
    graph,
    x.map((v) => graph.op(from === 'f64' ? f64x2.ne : i64x2.ne, v, zero)),
  )
}

/** Masks of 64-bit lanes as one mask of 32-bit lanes. */
export const narrowMask = (graph: Graph, masks: readonly Node[]): Node => lowWords(graph, masks[0], masks[1])

const pair = (x: readonly Node[]): [Node, Node] => [x[0], x[1]]

const doubleToInt64: Helper = {
  name: 'f64 to i64',
  imported: false,
  define: (module) =>
    module.func({ params: { x: 'f64' }, result: 'i64' }, (f, { x }) => {
      const result = f.let(i64.const(-(1n << 63n)))
      f.if(f64.lt(x, 2 ** 63), () => f.set(result, i64.truncSatF64S(x)))
      return result
    }),
}

const int64ToSingle: Helper = {
  name: 'i64 to f32',
  imported: false,
  define: (module) => module.func({ params: { x: 'i64' }, result: 'f32' }, (_, { x }) => f32.convertI64S(x)),
}

const int64ToDouble: Helper = {
  name: 'i64 to f64',
  imported: false,
  define: (module) => module.func({ params: { x: 'i64' }, result: 'f64' }, (_, { x }) => f64.convertI64S(x)),
}
