import { ValueError, type Tensor } from '@gradus/core'
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
export const dataTypes = {
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
} as const

// the declarations of core's ops say what their attributes are
const attr = <T>(call: TracedCall): T => call.attrs as T

const tensorAt = ({ inputs }: TracedCall, i: number): Tensor => {
  const x = inputs[i]
  if (typeof x === 'object' && x !== null) return x
  throw new ValueError(`operand ${i} is no tensor`)
}

/** The name of an operand in the dtype of the result: ONNX promotes nothing. */
function operand(graph: Graph, call: TracedCall, i: number, dtype = call.out.dtype): string {
  const x = call.inputs[i]
  if (x === null || typeof x !== 'object') return graph.scalar(Number(x), dtype)
  const name = graph.nameOf(x)
  return x.dtype === dtype ? name : graph.add('Cast', [name], { to: dataTypes[dtype] })
}

const unary =
  (opType: string): Form =>
  (graph, call) =>
    graph.add(opType, [operand(graph, call, 0)])

const binary =
  (opType: string): Form =>
  (graph, call) =>
    graph.add(opType, [operand(graph, call, 0), operand(graph, call, 1)])

/** Comparisons are made in the dtype of the operands. */
const comparison =
  (opType: string): Form =>
  (graph, call) => {
    const { dtype } = call.inputs.find((x) => typeof x === 'object' && x !== null) as Tensor // one operand is a tensor
    return graph.add(opType, [operand(graph, call, 0, dtype), operand(graph, call, 1, dtype)])
  }

const reshape: Form = (graph, call) =>
  graph.add('Reshape', [operand(graph, call, 0), graph.ints(call.out.shape)], { allowzero: 1 })

/** Over axes, which may be dropped afterwards. */
const reduction =
  (opType: 'ReduceMean' | 'ReduceSum'): Form =>
  (graph, call) => {
    const { axes } = attr<{ axes?: readonly number[] | null }>(call)
    const all = axes ?? tensorAt(call, 0).shape.map((_, i) => i)
    const x = operand(graph, call, 0)
    // the axes of a sum are an operand since opset 13, those of a mean since 18
    const reduced =
      opType === 'ReduceSum'
        ? graph.add(opType, [x, graph.ints(all)], { keepdims: 1 })
        : graph.add(opType, [x], { axes: all, keepdims: 1 })
    return graph.add('Reshape', [reduced, graph.ints(call.out.shape)], { allowzero: 1 })
  }

/** (x - mean) / sqrt(variance + eps) · weight + bias, over axes; without centring the root mean square. */
const normalization: Form = (graph, call) => {
  const {
    axes,
    eps,
    centered = true,
  } = attr<{ axes: readonly number[]; eps: number; centered?: boolean }>(call)
  const { dtype } = call.out
  const x = operand(graph, call, 0)
  const mean = (name: string): string => graph.add('ReduceMean', [name], { axes, keepdims: 1 })
  const d = centered ? graph.add('Sub', [x, mean(x)]) : x
  const variance = mean(graph.add('Mul', [d, d]))
  let y = graph.add('Div', [d, graph.add('Sqrt', [graph.add('Add', [variance, graph.scalar(eps, dtype)])])])
  if (call.inputs[1]) y = graph.add('Mul', [y, operand(graph, call, 1)])
  if (call.inputs[2]) y = graph.add('Add', [y, operand(graph, call, 2)])
  return y
}

const batchNorm: Form = (graph, call) => {
  const [eps] = attr<readonly number[]>(call)
  const deviation = graph.add('Sqrt', [
    graph.add('Add', [operand(graph, call, 2), graph.scalar(eps, call.out.dtype)]),
  ])
  return graph.add('Div', [graph.add('Sub', [operand(graph, call, 0), operand(graph, call, 1)]), deviation])
}

const linear: Form = (graph, call) => {
  const weight = graph.add('Transpose', [operand(graph, call, 1)], { perm: [1, 0] })
  const y = graph.add('MatMul', [operand(graph, call, 0), weight])
  return call.inputs[2] ? graph.add('Add', [y, operand(graph, call, 2)]) : y
}

interface Window {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly lengths: readonly number[]
}

/** Padding after each axis is as much as the last window needs, where lengths are rounded up. */
function pads({ kernel, stride, padding, dilation, lengths }: Window, x: Tensor): number[] {
  const spatial = x.shape.slice(-kernel.length)
  const after = spatial.map((n, i) =>
    Math.max(padding[i], (lengths[i] - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 - n - padding[i]),
  )
  return [...padding, ...after]
}

const maxPool: Form = (graph, call) => {
  const window = attr<Window>(call)
  const { kernel, stride, dilation } = window
  return graph.add('MaxPool', [operand(graph, call, 0)], {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    pads: pads(window, tensorAt(call, 0)),
  })
}

/** The sums over windows, which core divides by what counts. */
const sumPool: Form = (graph, call) => {
  const window = attr<Window>(call)
  const { kernel, stride, dilation } = window
  if (dilation.some((n) => n !== 1))
    throw new ValueError('average pooling with dilation has no form in ONNX before opset 19')
  const attributes = {
    kernel_shape: kernel,
    strides: stride,
    pads: pads(window, tensorAt(call, 0)),
    count_include_pad: 1,
  }
  const mean = graph.add('AveragePool', [operand(graph, call, 0)], attributes)
  return graph.add('Mul', [
    mean,
    graph.scalar(
      kernel.reduce((a, b) => a * b, 1),
      call.out.dtype,
    ),
  ])
}

interface Convolution {
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
  readonly shape?: readonly number[]
}

const convAttributes = ({
  stride,
  padding,
  dilation,
  groups,
}: Convolution): Record<string, number | readonly number[]> => ({
  strides: stride,
  pads: [...padding, ...padding],
  dilations: dilation,
  group: groups,
})

const conv: Form = (graph, call) => {
  const inputs = [operand(graph, call, 0), operand(graph, call, 1)]
  if (call.inputs[2]) inputs.push(operand(graph, call, 2))
  return graph.add('Conv', inputs, convAttributes(attr(call)))
}

const convTransposed: Form = (graph, call) => {
  const at = attr<Convolution>(call)
  const kernel = tensorAt(call, 1).shape.slice(2)
  const given = tensorAt(call, 0).shape.slice(2)
  const natural = given.map(
    (n, i) => (n - 1) * at.stride[i] - 2 * at.padding[i] + at.dilation[i] * (kernel[i] - 1) + 1,
  )
  const output_padding = call.out.shape.slice(2).map((n, i) => n - natural[i])
  return graph.add('ConvTranspose', [operand(graph, call, 0), operand(graph, call, 1)], {
    ...convAttributes(at),
    output_padding,
  })
}

/** softmax(x · scale + mask), or with -inf where a mask is false. */
const attentionWeights: Form = (graph, call) => {
  const { scale, causal } = attr<{ scale: number; causal: boolean }>(call)
  const { dtype, shape } = call.out
  let scores = graph.add('Mul', [operand(graph, call, 0), graph.scalar(scale, dtype)])
  const mask = call.inputs[1]
  if (typeof mask === 'object' && mask !== null) {
    scores =
      mask.dtype === 'bool'
        ? graph.add('Where', [graph.nameOf(mask), scores, graph.scalar(-Infinity, dtype)])
        : graph.add('Add', [scores, operand(graph, call, 1)])
  }
  if (causal) {
    const [queries, keys] = shape.slice(-2)
    const rows = graph.add('Unsqueeze', [
      graph.ints(Array.from({ length: queries }, (_, i) => i)),
      graph.ints([1]),
    ])
    const hidden = graph.add('Greater', [graph.ints(Array.from({ length: keys }, (_, i) => i)), rows])
    scores = graph.add('Where', [hidden, graph.scalar(-Infinity, dtype), scores])
  }
  return graph.add('Softmax', [scores], { axis: -1 })
}

const slice: Form = (graph, call) => {
  const { axis, start, length, step } = attr<{ axis: number; start: number; length: number; step: number }>(
    call,
  )
  return graph.add('Slice', [
    operand(graph, call, 0),
    graph.ints([start]),
    graph.ints([start + length * step]),
    graph.ints([axis]),
    graph.ints([step]),
  ])
}

const select: Form = (graph, call) => {
  const { axis, index } = attr<{ axis: number; index: number }>(call)
  const part = graph.add('Gather', [operand(graph, call, 0), graph.ints([index])], { axis })
  return graph.add('Reshape', [part, graph.ints(call.out.shape)], { allowzero: 1 })
}

const numberOf = (call: TracedCall, i: number): number => attr<readonly number[]>(call)[i]

/** The forms of ops by their names. Ops that are made of others and are not here are exported as those. */
export const forms: Readonly<Record<string, Form>> = {
  relu: unary('Relu'), tanh: unary('Tanh'), sigmoid: unary('Sigmoid'), exp: unary('Exp'), log: unary('Log'), sqrt: unary('Sqrt'), abs: unary('Abs'), neg: unary('Neg'), erf: unary('Erf'), sin: unary('Sin'), cos: unary('Cos'), floor: unary('Floor'), ceil: unary('Ceil'), round: unary('Round'), sign: unary('Sign'), reciprocal: unary('Reciprocal'), softsign: unary('Softsign'), hardswish: unary('HardSwish'),
  add: binary('Add'), sub: binary('Sub'), mul: binary('Mul'), div: binary('Div'), pow: binary('Pow'), maximum: binary('Max'), minimum: binary('Min'), matmul: binary('MatMul'), prelu: binary('PRelu'),
  eq: comparison('Equal'), lt: comparison('Less'), gt: comparison('Greater'), le: comparison('LessOrEqual'), ge: comparison('GreaterOrEqual'),
  view: reshape, unsqueeze: reshape, squeeze: reshape, clone: unary('Identity'),
  permute: (graph, call) => graph.add('Transpose', [operand(graph, call, 0)], { perm: attr<readonly number[]>(call) }),
  expand: (graph, call) => graph.add('Expand', [operand(graph, call, 0), graph.ints(call.out.shape)]),
  to: (graph, call) => graph.add('Cast', [graph.nameOf(tensorAt(call, 0))], { to: dataTypes[call.out.dtype] }),
  cat: (graph, call) => graph.add('Concat', call.inputs.map((_, i) => operand(graph, call, i)), { axis: attr<number>(call) }),
  split: (graph, call) => {
    const { axis, sizes } = attr<{ axis: number; sizes: readonly number[] }>(call)
    return graph.addMany('Split', [operand(graph, call, 0), graph.ints(sizes)], sizes.length, { axis })
  },
  slice, select,
  where: (graph, call) => graph.add('Where', [graph.nameOf(tensorAt(call, 0)), operand(graph, call, 1), operand(graph, call, 2)]),
  silu: (graph, call) => { const x = operand(graph, call, 0); return graph.add('Mul', [x, graph.add('Sigmoid', [x])]) },
  rsqrt: (graph, call) => graph.add('Reciprocal', [graph.add('Sqrt', [operand(graph, call, 0)])]),
  // x · ½ · (1 + erf(x / √2)): an op of its own only from opset 20 on
  gelu: (graph, call) => {
    const x = operand(graph, call, 0)
    const scalar = (value: number): string => graph.scalar(value, call.out.dtype)
    const erf = graph.add('Erf', [graph.add('Mul', [x, scalar(Math.SQRT1_2)])])
    return graph.add('Mul', [graph.add('Mul', [x, scalar(0.5)]), graph.add('Add', [erf, scalar(1)])])
  },
  leakyRelu: (graph, call) => graph.add('LeakyRelu', [operand(graph, call, 0)], { alpha: { float: numberOf(call, 0) } }),
  elu: (graph, call) => graph.add('Elu', [operand(graph, call, 0)], { alpha: { float: numberOf(call, 0) } }),
  softplus: (graph, call) => {
    if (numberOf(call, 0) !== 1) throw new ValueError('softplus has a form in ONNX for beta 1 alone')
    return graph.add('Softplus', [operand(graph, call, 0)])
  },
  softmax: (graph, call) => graph.add('Softmax', [operand(graph, call, 0)], { axis: attr<{ axis: number }>(call).axis }),
  logSoftmax: (graph, call) => graph.add('LogSoftmax', [operand(graph, call, 0)], { axis: attr<{ axis: number }>(call).axis }),
  mean: reduction('ReduceMean'), sum: reduction('ReduceSum'),
  linear, convolution: conv, convolutionInput: convTransposed, maxPool, avgPool: sumPool,
  layerNorm: normalization, groupNorm: normalization, instanceNorm: normalization, rmsNorm: normalization, batchNorm, attentionWeights,
  embedding: (graph, call) => graph.add('Gather', [operand(graph, call, 0), graph.nameOf(tensorAt(call, 1))], { axis: 0 }),
} // prettier-ignore
