import { ValueError, type Tensor } from '@gradus/core'
import { reductions } from './reductions.ts'
import { attr, dataTypes, inShape, operand, tensorAt, type Form } from './traced-call.ts'
import type { Graph } from './graph.ts'

const unary =
  (opType: string): Form =>
  (graph, call) =>
    graph.add(opType, [operand(graph, call, 0)])

const binary =
  (opType: string): Form =>
  (graph, call) =>
    graph.add(opType, [operand(graph, call, 0), operand(graph, call, 1)])

const reshape: Form = (graph, call) => inShape(graph, operand(graph, call, 0), call.out)

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
  return inShape(graph, part, call.out)
}

const unbind: Form = (graph, call) =>
  call.outputs.map((out, index) => {
    const part = graph.add('Gather', [operand(graph, call, 0), graph.ints([index])], {
      axis: attr<number>(call),
    })
    return inShape(graph, part, out)
  })

const flip: Form = (graph, call) => {
  const axes = attr<readonly number[]>(call)
  const all = (value: number): string => graph.ints(axes.map(() => value))
  // the end lies before the first element
  return graph.add('Slice', [operand(graph, call, 0), all(-1), all(-(2 ** 31)), graph.ints(axes), all(-1)])
}

const pad: Form = (graph, call) => {
  const { before, after, value } = attr<{
    before: readonly number[]
    after: readonly number[]
    value: number
  }>(call)
  const { dtype } = call.out
  return graph.add('Pad', [
    operand(graph, call, 0),
    graph.ints([...before, ...after]),
    graph.scalar(value, dtype),
  ])
}

const triangle: Form = (graph, call) => {
  const { offset, lower } = attr<{ offset: number; lower: boolean }>(call)
  return graph.add('Trilu', [operand(graph, call, 0), graph.integer(offset)], { upper: lower ? 0 : 1 })
}

const gather: Form = (graph, call) =>
  graph.add('GatherElements', [operand(graph, call, 0), graph.nameOf(tensorAt(call, 1))], {
    axis: attr<{ axis: number }>(call).axis,
  })

const scatter: Form = (graph, call) => {
  const { axis, kind } = attr<{ axis: number; kind: 'set' | 'sum' }>(call)
  const [index, src] = [tensorAt(call, 1), tensorAt(call, 2)]
  if (index.shape.some((n, i) => n !== src.shape[i])) {
    throw new ValueError('scatter of a source larger than its index has no form in ONNX here')
  }
  return graph.add(
    'ScatterElements',
    [operand(graph, call, 0), graph.nameOf(index), operand(graph, call, 2)],
    {
      axis,
      reduction: kind === 'sum' ? 'add' : 'none',
    },
  )
}

/** Blocks of equal width along the second axis. */
const blocks = (graph: Graph, name: string, count: number, width: number): string[] =>
  graph.addMany('Split', [name, graph.ints(Array.from({ length: count }, () => width))], count, { axis: 1 })

/** Gates i, f, g, o of x + h: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'). A sequence is one cell a step. */
const lstmCell: Form = (graph, call) => {
  const width = tensorAt(call, 2).shape[1]
  const sums = graph.add('Add', [operand(graph, call, 0), operand(graph, call, 1)])
  const [i, f, g, o] = blocks(graph, sums, 4, width)
  const sigmoid = (name: string): string => graph.add('Sigmoid', [name])
  const kept = graph.add('Mul', [sigmoid(f), operand(graph, call, 2)])
  const cell = graph.add('Add', [kept, graph.add('Mul', [sigmoid(i), graph.add('Tanh', [g])])])
  const hidden = graph.add('Mul', [sigmoid(o), graph.add('Tanh', [cell])])
  return [hidden, cell]
}

/** Gates r, z, n: n = tanh(xₙ + σ(r) hₙ), h' = n + σ(z) (h - n). */
const gruCell: Form = (graph, call) => {
  const width = tensorAt(call, 2).shape[1]
  const [xr, xz, xn] = blocks(graph, operand(graph, call, 0), 3, width)
  const [hr, hz, hn] = blocks(graph, operand(graph, call, 1), 3, width)
  const gate = (x: string, h: string): string => graph.add('Sigmoid', [graph.add('Add', [x, h])])
  const n = graph.add('Tanh', [graph.add('Add', [xn, graph.add('Mul', [gate(xr, hr), hn])])])
  return graph.add('Add', [
    n,
    graph.add('Mul', [gate(xz, hz), graph.add('Sub', [operand(graph, call, 2), n])]),
  ])
}

/** The pointwise ops that ONNX has under one name, where they are called without coefficients. Others are written by their formulas. */
export const pointwise: Readonly<Record<string, Form>> = {
  relu: unary('Relu'), tanh: unary('Tanh'), sigmoid: unary('Sigmoid'), exp: unary('Exp'), log: unary('Log'), sqrt: unary('Sqrt'), abs: unary('Abs'), neg: unary('Neg'), erf: unary('Erf'), reciprocal: unary('Reciprocal'), softsign: unary('Softsign'), hardswish: unary('HardSwish'),
  add: binary('Add'), sub: binary('Sub'), mul: binary('Mul'), div: binary('Div'), pow: binary('Pow'), prelu: binary('PRelu'),
} // prettier-ignore

/** The forms of other ops by their names. Ops that are made of others and are not here are exported as those. */
export const forms: Readonly<Record<string, Form>> = {
  ...reductions,
  view: reshape, unsqueeze: reshape, squeeze: reshape, clone: unary('Identity'), slice, select, unbind, flip, pad, triangle, gather, scatter,
  permute: (graph, call) => graph.add('Transpose', [operand(graph, call, 0)], { perm: attr<readonly number[]>(call) }),
  expand: (graph, call) => graph.add('Expand', [operand(graph, call, 0), graph.ints(call.out.shape)]),
  to: (graph, call) => graph.add('Cast', [graph.nameOf(tensorAt(call, 0))], { to: dataTypes[call.out.dtype] }),
  matmul: binary('MatMul'),
  cat: (graph, call) => graph.add('Concat', call.inputs.map((_, i) => operand(graph, call, i)), { axis: attr<number>(call) }),
  split: (graph, call) => {
    const { axis, sizes } = attr<{ axis: number; sizes: readonly number[] }>(call)
    return graph.addMany('Split', [operand(graph, call, 0), graph.ints(sizes)], sizes.length, { axis })
  },
  softmax: (graph, call) => graph.add('Softmax', [operand(graph, call, 0)], { axis: attr<{ axis: number }>(call).axis }),
  logSoftmax: (graph, call) => graph.add('LogSoftmax', [operand(graph, call, 0)], { axis: attr<{ axis: number }>(call).axis }),
  linear, convolution: conv, convolutionInput: convTransposed, maxPool, avgPool: sumPool, lstmCell, gruCell,
  layerNorm: normalization, groupNorm: normalization, instanceNorm: normalization, rmsNorm: normalization, batchNorm: normalization, attentionWeights,
  embedding: (graph, call) => graph.add('Gather', [operand(graph, call, 0), graph.nameOf(tensorAt(call, 1))], { axis: 0 }),
} // prettier-ignore
