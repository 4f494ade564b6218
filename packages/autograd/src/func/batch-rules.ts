import {
  type AnyOp,
  expand,
  Layout,
  matmul,
  reshape,
  type Shape,
  Tensor,
  unsqueeze,
} from '@gradus/core/functions'
import type { Call } from '@gradus/core/internal'
import { type Batched, isAt, type Level } from './batched.ts'
import { convolution, convolutionInput, convolutionWeight, fold } from './batch-windows.ts'

type Inputs = Call['inputs']

/** A call on tensors of which some stand for one sample of a level. */
export interface BatchedCall {
  readonly op: AnyOp
  readonly inputs: Inputs
  readonly attrs: unknown
  readonly level: Level
  /** Runs `fn` for one sample of `base`, whose first axis is that of the samples. */
  over(base: Tensor, fn: (sample: Tensor) => Tensor): Tensor
}

/** The call that does for all samples what the given one does for each; or its results. */
export type Plan =
  | {
      readonly inputs: Inputs
      readonly attrs: unknown
      /** Brings a result to the shape `[samples, ...that of one]`. */
      readonly finish?: (y: Tensor, i: number) => Tensor
    }
  | { readonly outputs: readonly Tensor[] }

export type BatchRule = (call: BatchedCall) => Plan | null

/** The attributes that rules read: each rule stands for ops that have those which it reads. */
export interface BatchedAttrs {
  readonly axis?: number
  readonly axes?: readonly number[]
  readonly axis1: number
  readonly axis2: number
  readonly shape: Shape
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly groups: number
  readonly bias: boolean
  readonly to: Layout
  layout(base: Layout): Layout
  view(base: Tensor): Tensor
}

const attrsOf = (call: BatchedCall): BatchedAttrs => call.attrs as BatchedAttrs // as the comment there says

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor

/** All samples of a tensor, along its first axis; one that is the same for all is repeated without memory. */
export const everySample = (x: Tensor, level: Level): Tensor =>
  isAt(x, level) ? x.physical : expand(unsqueeze(x, 0), [level.size, ...x.shape])

const all = ({ inputs, level }: BatchedCall): Inputs =>
  inputs.map((x) => (isTensor(x) ? everySample(x, level) : x))

/** The samples under a rank: axes of length 1 are put behind the first, as broadcasting puts them in front. */
function ranked(x: Batched, rank: number): Tensor {
  const { physical, level } = x
  return rank === x.ndim
    ? physical
    : reshape(physical, [level.size, ...Array<number>(rank - x.ndim).fill(1), ...x.shape])
}

/** Operands that broadcast together as those of one sample do. */
function aligned({ inputs, level }: BatchedCall): Inputs {
  const rank = Math.max(...inputs.map((x) => (isTensor(x) ? x.ndim : 0)))
  return inputs.map((x) => (isAt(x, level) ? ranked(x, rank) : x))
}

/** Elementwise formulas. */
function pointwise(call: BatchedCall): Plan | null {
  const { op, inputs, attrs, level } = call
  const tensors = inputs.filter(isTensor)
  // a scalar decides less about the dtype than a tensor with axes does, and all samples of it have an axis
  const promoted = tensors.some((x) => isAt(x, level) && x.ndim === 0) && tensors.some((x) => x.ndim > 0)
  if (promoted && tensors.some((x) => x.dtype !== tensors[0].dtype)) return null
  const first = inputs[0]
  if (op.inplace && isTensor(first) && tensors.some((x) => x.ndim > first.ndim)) return null
  return { inputs: aligned(call), attrs }
}

const same: BatchRule = (call) => ({ inputs: aligned(call), attrs: call.attrs })

/** Ops of matrices and vectors behind any number of axes. */
const every: BatchRule = (call) => ({ inputs: all(call), attrs: call.attrs })

/** The axes of the attributes, one further on; null for a sample without axes, which has none to move. */
function moved(call: BatchedCall): object | null {
  const attrs = attrsOf(call)
  const { axis, axes } = attrs
  if (axis === undefined && axes === undefined) return null
  const scalar = call.inputs.some((x) => isTensor(x) && x.ndim === 0)
  if (scalar && (axis !== undefined || axes?.length !== 0)) return null
  return {
    ...attrs,
    ...(axis !== undefined && { axis: axis + 1 }),
    ...(axes !== undefined && { axes: axes.map((a) => a + 1) }),
  }
}

/** Ops along axes, whose operands have one rank. */
function along(call: BatchedCall): Plan | null {
  const attrs = moved(call)
  const tensors = call.inputs.filter(isTensor)
  if (attrs === null || tensors.some((x) => x.ndim !== tensors[0].ndim)) return null
  return { inputs: all(call), attrs }
}

const alongWithShape: BatchRule = (call) => {
  const plan = along(call)
  return plan && 'attrs' in plan
    ? {
        ...plan,
        attrs: { ...attrsOf(call), ...moved(call), shape: [call.level.size, ...attrsOf(call).shape] },
      }
    : null
}

/** Attributes that are a list of axes. */
const axisList: BatchRule = (call) => ({
  inputs: all(call),
  attrs: (call.attrs as readonly number[]).map((a) => a + 1), // the ops of this rule have such a list
})

/** Attributes that are one axis. */
const oneAxis: BatchRule = (call) => ({ inputs: all(call), attrs: (call.attrs as number) + 1 })

const shapeOf = (call: BatchedCall): Shape => call.attrs as Shape // of the ops whose attributes are a shape

const view: BatchRule = (call) => {
  const x = everySample(call.inputs[0] as Tensor, call.level) // the op has one input, which is batched
  const known = shapeOf(call).reduce((n, size) => (size === -1 ? n : n * size), 1)
  const one = call.inputs[0] as Tensor // likewise
  const shape = shapeOf(call).map((size) => (size === -1 ? one.numel() / known : size))
  return { outputs: [reshape(x, [call.level.size, ...shape])] }
}

const permute: BatchRule = (call) => ({
  inputs: all(call),
  attrs: [0, ...shapeOf(call).map((a) => a + 1)],
})

const expansion: BatchRule = (call) => {
  const x = call.inputs[0]
  const shape = shapeOf(call)
  return isAt(x, call.level)
    ? { inputs: [ranked(x, shape.length)], attrs: [call.level.size, ...shape] }
    : null
}

const diagonal: BatchRule = (call) => {
  const attrs = attrsOf(call)
  return { inputs: all(call), attrs: { ...attrs, axis1: attrs.axis1 + 1, axis2: attrs.axis2 + 1 } }
}

const pad: BatchRule = (call) => {
  const attrs = attrsOf(call)
  return { inputs: all(call), attrs: { ...attrs, before: [0, ...attrs.before], after: [0, ...attrs.after] } }
}

/** The layout of one sample as that of all. */
const layoutOfAll = (one: Layout, of: Layout): Layout =>
  new Layout([of.shape[0], ...one.shape], [of.strides[0], ...one.strides], one.offset)

const place: BatchRule = (call) => {
  const { shape, layout, view: read } = attrsOf(call)
  return {
    inputs: all(call),
    attrs: {
      shape: [call.level.size, ...shape],
      layout: (base: Layout) => layoutOfAll(layout(base.select(0, 0)), base),
      view: (base: Tensor) => call.over(base, read),
    },
  }
}

const strided: BatchRule = (call) => {
  const [x] = all(call)
  if (!isTensor(x)) return null
  return { inputs: [x], attrs: { to: layoutOfAll(attrsOf(call).to, x.layout), from: x.layout } }
}

/** `x @ weight.T + bias`, of matrices. */
const linear: BatchRule = (call) => {
  const [x, weight, bias] = call.inputs
  if (!isTensor(x) || !isTensor(weight)) return null
  const { size } = call.level
  const [rows, k] = x.shape
  const n = weight.shape[0]
  if (!isAt(weight, call.level) && !isAt(bias, call.level)) {
    const flat = reshape(everySample(x, call.level), [size * rows, k])
    return { inputs: [flat, weight, bias], attrs: call.attrs, finish: (y) => reshape(y, [size, rows, n]) }
  }
  const w = isAt(weight, call.level) ? weight.physical : weight
  const y = matmul(isAt(x, call.level) ? x.physical : x, w.transpose(-2, -1))
  return { outputs: [isTensor(bias) ? y.add(unsqueeze(everySample(bias, call.level), 1)) : y] }
}

/** Rows of one weight; of a weight per sample only by a loop. */
const embedding: BatchRule = (call) => {
  const [weight, index] = call.inputs
  if (!isTensor(weight) || !isAt(index, call.level) || isAt(weight, call.level)) return null
  const { size } = call.level
  const flat = reshape(index.physical, [size * index.numel()])
  return {
    inputs: [weight, flat],
    attrs: call.attrs,
    finish: (y) => reshape(y, [size, index.numel(), weight.shape[1]]),
  }
}

/** Losses of rows: all operands have the rows' axes, but for the weights of classes. */
const rows: BatchRule = (call) => {
  const weight = call.op.inputs.indexOf('weight')
  const attrs = moved(call)
  if (attrs === null || isAt(call.inputs[weight], call.level)) return null
  return { inputs: all(call).map((x, i) => (i === weight ? call.inputs[i] : x)), attrs }
}

const affine = new Set(['weight', 'bias'])

/** Normalizations: weight and bias broadcast to the rest. */
const normalization: BatchRule = (call) => {
  const attrs = moved(call)
  const rank = Math.max(...call.inputs.map((x) => (isTensor(x) ? x.ndim : 0)))
  if (attrs === null) return null
  const inputs = call.inputs.map((x, i) => {
    if (!isTensor(x)) return x
    if (!affine.has(call.op.inputs[i])) return everySample(x, call.level)
    return isAt(x, call.level) ? ranked(x, rank) : x
  })
  return { inputs, attrs }
}

const normalizationAffine: BatchRule = (call) => {
  const plan = normalization(call)
  const x = call.inputs[1]
  if (plan === null || !('attrs' in plan) || !isTensor(x)) return null
  const { shape } = attrsOf(call)
  const { size } = call.level
  const wide = [size, ...Array<number>(x.ndim - shape.length).fill(1), ...shape]
  return {
    inputs: plan.inputs,
    attrs: { ...attrsOf(call), ...moved(call), shape: wide },
    // a bias that is not wanted is empty
    finish: (y, i) =>
      i === 0 || attrsOf(call).bias ? reshape(y, [size, ...shape]) : reshape(y.expand([size, 0]), [size, 0]),
  }
}

const named = (names: string, rule: BatchRule): [string, BatchRule][] =>
  names.split(' ').map((name) => [name, rule])

/** By the names of ops. What has no rule, and no decomposition, runs once per sample. */
const rules: ReadonlyMap<string, BatchRule> = new Map([
  ...named('to clone triangle matmul', same),
  ...named('cholesky inv svd svdvals eigh eigvalsh qr luFactor solveTriangular', same),
  ...named('householderProduct', every),
  ...named('sum mean var std all amax max norm logsumexp prod median', along),
  ...named('cumsum cumprod cummax cummin logcumsumexp sort gather scatter scatterReduce cat', along),
  ...named('softmax logSoftmax softmaxBackward logSoftmaxBackward select slice split unfold', along),
  ...named('gatherBackward', alongWithShape),
  ...named('flip squeeze', axisList),
  ...named('unsqueeze unbind', oneAxis),
  ...named('view', view),
  ...named('permute', permute),
  ...named('expand', expansion),
  ...named('diagonal', diagonal),
  ...named('pad', pad),
  ...named('viewBackward', place),
  ...named('asStrided', strided),
  ...named('linear', linear),
  ...named('embedding', embedding),
  ...named('crossEntropy nllLoss crossEntropyTarget crossEntropyBackward', rows),
  ...named('layerNorm rmsNorm groupNorm batchNorm normalizationBackward', normalization),
  ...named('normalizationBackwardAffine', normalizationAffine),
  ...named('convolution', convolution),
  ...named('convolutionInput', convolutionInput),
  ...named('convolutionWeight', convolutionWeight),
  ...named('maxPool avgPool avgPoolBackward gridSample', fold),
])

/** How all samples are computed at once; null where there is no rule. */
export function planOf(call: BatchedCall): Plan | null {
  if (call.op.elementwise) return pointwise(call)
  return rules.get(call.op.name)?.(call) ?? null
}
