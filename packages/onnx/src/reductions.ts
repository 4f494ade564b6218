import { ValueError } from '@gradus/core'
import { attr, dataTypes, inShape, operand, tensorAt, type Form, type TracedCall } from './traced-call.ts'
import type { Graph } from './graph.ts'

interface Reduce {
  readonly axes?: readonly number[] | null
}

/** Over axes, which stay with length 1. The axes of a sum are an operand since opset 13, those of others since 18. */
function reduce(graph: Graph, opType: string, x: string, axes: readonly number[]): string {
  if (axes.length === 0) return x
  return opType === 'ReduceSum'
    ? graph.add(opType, [x, graph.ints(axes)], { keepdims: 1 })
    : graph.add(opType, [x], { axes, keepdims: 1 })
}

const axesOf = (call: TracedCall): readonly number[] =>
  attr<Reduce>(call).axes ?? tensorAt(call, 0).shape.map((_, i) => i)

/** Over axes, which may be dropped afterwards. */
const reduction =
  (opType: string): Form =>
  (graph, call) =>
    inShape(graph, reduce(graph, opType, operand(graph, call, 0), axesOf(call)), call.out)

/** The largest or least, both of which core calls by one name. */
const extreme: Form = (graph, call) =>
  reduction(attr<{ which: string }>(call).which === 'max' ? 'ReduceMax' : 'ReduceMin')(graph, call)

/** The largest or least with its position, both of which core calls `max`. */
const extremeWithPosition: Form = (graph, call) => {
  const x = graph.nameOf(tensorAt(call, 0))
  const { which, axes } = attr<{ which: string; axes: readonly number[] }>(call)
  const isMax = which === 'max'
  const [values, positions] = call.outputs
  const at = graph.add(isMax ? 'ArgMax' : 'ArgMin', [x], { axis: axes[0], keepdims: 1 })
  return [
    inShape(graph, reduce(graph, isMax ? 'ReduceMax' : 'ReduceMin', x, axes), values),
    inShape(graph, graph.add('Cast', [at], { to: dataTypes[positions.dtype] }), positions),
  ]
}

const position: Form = (graph, call) => {
  const { which } = attr<{ which: string }>(call)
  const x = tensorAt(call, 0)
  const axes = axesOf(call)
  const whole = axes.length !== 1
  if (whole && axes.length !== x.ndim) throw new ValueError('a position over some axes has no form in ONNX')
  const name = whole ? graph.add('Reshape', [graph.nameOf(x), graph.ints([-1])]) : graph.nameOf(x)
  const at = graph.add(which === 'max' ? 'ArgMax' : 'ArgMin', [name], {
    axis: whole ? 0 : axes[0],
    keepdims: 1,
  })
  return inShape(graph, graph.add('Cast', [at], { to: dataTypes[call.out.dtype] }), call.out)
}

/** Σ (x - mean)² / max(0, n - correction), and its root. */
const spread =
  (root: boolean): Form =>
  (graph, call) => {
    const { correction } = attr<{ correction: number }>(call)
    const axes = axesOf(call)
    const x = tensorAt(call, 0)
    const name = operand(graph, call, 0)
    const d = graph.add('Sub', [name, reduce(graph, 'ReduceMean', name, axes)])
    const sum = reduce(graph, 'ReduceSum', graph.add('Mul', [d, d]), axes)
    const count = axes.reduce((n, axis) => n * x.shape[axis], 1)
    const variance = graph.add('Div', [sum, graph.scalar(Math.max(0, count - correction), call.out.dtype)])
    return inShape(graph, root ? graph.add('Sqrt', [variance]) : variance, call.out)
  }

const norm: Form = (graph, call) => {
  const { p } = attr<{ p: number }>(call)
  const axes = axesOf(call)
  const x = operand(graph, call, 0)
  const over = (opType: string, name: string): string => reduce(graph, opType, name, axes)
  const magnitude = graph.add('Abs', [x])
  const { dtype } = call.out
  if (p === 1 || p === 2) return inShape(graph, over(`ReduceL${p}`, x), call.out)
  if (Math.abs(p) === Infinity)
    return inShape(graph, over(p > 0 ? 'ReduceMax' : 'ReduceMin', magnitude), call.out)
  if (p === 0) throw new ValueError('a count of what is not 0 has no form in ONNX here')
  const sum = over('ReduceSum', graph.add('Pow', [magnitude, graph.scalar(p, dtype)]))
  return inShape(graph, graph.add('Pow', [sum, graph.scalar(1 / p, dtype)]), call.out)
}

const cumsum: Form = (graph, call) => {
  const { axis, reverse } = attr<{ axis: number; reverse: boolean }>(call)
  return graph.add('CumSum', [operand(graph, call, 0), graph.ints([axis])], { reverse: reverse ? 1 : 0 })
}

const sort: Form = (graph, call) => {
  const { axis, descending } = attr<{ axis: number; descending: boolean }>(call)
  const x = tensorAt(call, 0)
  const [values, at] = graph.addMany('TopK', [graph.nameOf(x), graph.ints([x.shape[axis]])], 2, {
    axis,
    largest: descending ? 1 : 0,
    sorted: 1,
  })
  return [values, graph.add('Cast', [at], { to: dataTypes[call.outputs[1].dtype] })]
}

/** Forms of what folds, accumulates or orders elements along axes. */
export const reductions: Readonly<Record<string, Form>> = {
  mean: reduction('ReduceMean'),
  sum: reduction('ReduceSum'),
  prod: reduction('ReduceProd'),
  logsumexp: reduction('ReduceLogSumExp'),
  amax: extreme,
  max: extremeWithPosition,
  argmax: position,
  var: spread(false),
  std: spread(true),
  norm,
  cumsum,
  sort,
}
