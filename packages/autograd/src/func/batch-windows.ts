import { permute, reshape, type Shape, Tensor } from '@gradus/core/functions'
import { isAt, type Level } from './batched.ts'
import { type BatchedAttrs, type BatchedCall, type BatchRule, everySample } from './batch-rules.ts'

/*
 * Windows over `[n, channels, ...]`. Samples go where the kernels have room for them: among the `n`, or, where each has weights of
 * its own, among the groups of channels.
 */

const attrsOf = (call: BatchedCall): BatchedAttrs => call.attrs as BatchedAttrs // every op below has some of them

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor

/** `[samples, n, ...]` as `[samples · n, ...]`. */
const merged = (x: Tensor, level: Level): Tensor => {
  const [size, n, ...rest] = everySample(x, level).shape
  return reshape(everySample(x, level), [size * n, ...rest])
}

/** The reverse of {@link merged}. */
const parted = (y: Tensor, { size }: Level): Tensor => {
  const [n, ...rest] = y.shape
  return reshape(y, [size, n / size, ...rest])
}

const timesFirst = ([n, ...rest]: Shape, size: number): Shape => [n * size, ...rest]

/** All operands have an `n`. */
export const fold: BatchRule = (call) => {
  const { level } = call
  const { shape } = attrsOf(call)
  const tensors = call.inputs.filter(isTensor)
  if (tensors.some((x) => x.ndim === 0)) return null
  return {
    inputs: call.inputs.map((x) => (isTensor(x) ? merged(x, level) : x)),
    attrs: { ...attrsOf(call), ...(Array.isArray(shape) && { shape: timesFirst(shape, level.size) }) },
    finish: (y) => parted(y, level),
  }
}

/** `[samples, n, c, ...]` as `[n, samples · c, ...]`. */
function channels(x: Tensor, level: Level): Tensor {
  const all = everySample(x, level)
  const [size, n, c, ...rest] = all.shape
  const order = [1, 0, ...all.shape.keys()].filter((a, i) => i < 2 || a > 1)
  return reshape(permute(all, order), [n, size * c, ...rest])
}

/** The reverse of {@link channels}. */
function apart(y: Tensor, { size }: Level): Tensor {
  const [n, c, ...rest] = y.shape
  const split = reshape(y, [n, size, c / size, ...rest])
  return permute(
    split,
    [1, 0, ...split.shape.keys()].filter((a, i) => i < 2 || a > 1),
  )
}

const grouped = (call: BatchedCall): object => ({
  ...attrsOf(call),
  groups: attrsOf(call).groups * call.level.size,
})

export const convolution: BatchRule = (call) => {
  const { level } = call
  const [x, weight, bias] = call.inputs
  if (!isTensor(x) || !isTensor(weight)) return null
  if (!isAt(weight, level) && !isAt(bias, level))
    return { inputs: [merged(x, level), weight, bias], attrs: call.attrs, finish: (y) => parted(y, level) }
  return {
    inputs: [channels(x, level), merged(weight, level), isTensor(bias) ? merged(bias, level) : bias],
    attrs: grouped(call),
    finish: (y) => apart(y, level),
  }
}

export const convolutionInput: BatchRule = (call) => {
  const { level } = call
  const [g, weight] = call.inputs
  if (!isTensor(g) || !isTensor(weight)) return null
  const [n, c, ...rest] = attrsOf(call).shape
  if (!isAt(weight, level))
    return {
      inputs: [merged(g, level), weight],
      attrs: { ...attrsOf(call), shape: [n * level.size, c, ...rest] },
      finish: (y) => parted(y, level),
    }
  return {
    inputs: [channels(g, level), merged(weight, level)],
    attrs: { ...grouped(call), shape: [n, c * level.size, ...rest] },
    finish: (y) => apart(y, level),
  }
}

export const convolutionWeight: BatchRule = (call) => {
  const { level } = call
  const [g, x] = call.inputs
  if (!isTensor(g) || !isTensor(x)) return null
  return {
    inputs: [channels(g, level), channels(x, level)],
    attrs: { ...grouped(call), shape: timesFirst(attrsOf(call).shape, level.size) },
    finish: (y) => parted(y, level),
  }
}
