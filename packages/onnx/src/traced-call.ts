import { ValueError, type DType, type Tensor } from '@gradus/core'
import type { Graph } from './graph.ts'

/** One traced call. */
export interface TracedCall {
  readonly inputs: readonly (Tensor | number | boolean | null)[]
  readonly attrs: unknown
  readonly out: Tensor
  readonly outputs: readonly Tensor[]
}

/** Adds to the graph what a call is in ONNX. Gives the names of its results. */
export type Form = (graph: Graph, call: TracedCall) => string | readonly string[]

/** ONNX's number of each dtype: TensorProto.DataType. */
export const dataTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
}

// the declarations of core's ops say what their attributes are
export const attr = <T>(call: TracedCall): T => call.attrs as T

/** An operand that is a tensor. */
export function tensorAt({ inputs }: TracedCall, i: number): Tensor {
  const x = inputs[i]
  if (typeof x === 'object' && x !== null) return x
  throw new ValueError(`operand ${i} is no tensor`)
}

/** The name of an operand in the dtype of the result: ONNX promotes nothing. */
export function operand(graph: Graph, call: TracedCall, i: number, dtype = call.out.dtype): string {
  const x = call.inputs[i]
  if (x === null || typeof x !== 'object') return graph.scalar(Number(x), dtype)
  const name = graph.nameOf(x)
  return x.dtype === dtype ? name : graph.add('Cast', [name], { to: dataTypes[dtype] })
}

/** A result in the shape that core gives it. */
export const inShape = (graph: Graph, name: string, x: Tensor): string =>
  graph.add('Reshape', [name, graph.ints(x.shape)], { allowzero: 1 })
