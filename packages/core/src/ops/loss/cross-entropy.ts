import { aTensor, takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { integer, nullable, real } from '../../base/kinds.ts'
import type { Backend, View } from '../../backend/types.ts'
import { defineOp } from '../../op/define-op.ts'
import { hostValues, readsValues, type HostReader } from '../../op/host-values.ts'
import { isFloat, isHalf, isInteger, numOf, type DType } from '../../base/dtype.ts'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape } from '../../base/layout.ts'
import { attributes, saving, type Meta } from '../../op/declaration.ts'
import { convert, index, input, param, reduced, size, type Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program, type ProgramSpec } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { reduceLoss, reductionName, type Reduction } from './reduction.ts'
import { memo, rowBinding, rows, under } from '../../op/row-program.ts'
import { eq } from '../elementwise/compare.ts'
import { where } from '../elementwise/ternary.ts'
import { ofProbabilities } from './probability-targets.ts'
import { softmax } from '../layers/softmax.ts'

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions {
  /** Weight of each class, [classes]; 1 by default. */
  weight?: Tensor | null
  /** Targets of this value count for nothing; -100 by default. Class targets only. */
  ignoreIndex?: number
  /** 'mean' by default: over the weights of the targets. */
  reduction?: Reduction
  /** Share of the target given to all classes alike, in [0, 1]; 0 by default. */
  labelSmoothing?: number
}
/** The kinds of {@link CrossEntropyOptions}. */
export const crossEntropyOptions = /* @__PURE__ */ defineOptions<CrossEntropyOptions>({
  weight: /* @__PURE__ */ nullable(aTensor),
  ignoreIndex: /* @__PURE__ */ integer(),
  reduction: reductionName,
  labelSmoothing: real,
})

interface Attrs {
  axis: number
  ignoreIndex: number
  smoothing: number
  /** Whether x holds log probabilities already: nllLoss. */
  logged: boolean
}

/*
 * The loss of a row is Σ_c B(c) · (logsumexp(x) - x(c)), where B spreads the target over the classes:
 * B(c) = w(c) · ((1 - ε) [c = target] + ε / C), and 0 for an ignored target. For log probabilities it is -Σ_c B(c) · x(c).
 */

const classAxis = { of: 'inner', axis: 0 } as const

/** Whether the target of the row is ignored, and whether a class is the target. An invalid target may match a class. */
function placeOf(target: DType): { ignored: Expr; hit: Expr } {
  const own = numOf(target)
  const t = input(1, own)
  return { ignored: f.eq(t, param(0, own)), hit: f.eq(index(classAxis), convert(t, 'i32')) }
}

/** B(c) and whether the target of the row is ignored. */
function targetOf(x: DType, target: DType, weight: Expr | null): { share: Expr; ignored: Expr; hit: Expr } {
  const num = numOf(x)
  const { ignored, hit } = placeOf(target)
  const smoothing = param(1, num)
  const uniform = f.div(smoothing, convert(size(classAxis), num))
  const share = f.add(f.where(hit, f.sub(1, smoothing), f.literal(0, num)), uniform)
  return { share: f.where(ignored, 0, weight ? f.mul(weight, share) : share), ignored, hit }
}

const inputsOf = (x: DType, target: DType, weight: DType | 'none'): ProgramSpec['inputs'][number][] => [
  { dtype: x, over: 'all' },
  { dtype: target, over: 'outer' },
  ...(weight === 'none' ? [] : [{ dtype: weight, over: 'all' } as const]),
]

const kept = (dtype: DType): DType => (isHalf(dtype) ? 'float32' : dtype)

const forwardProgram = /* @__PURE__ */ memo(
  (dtype: DType, target: DType, weight: DType | 'none', logged: boolean, smoothed: boolean) => {
    const [num, own] = [numOf(dtype), numOf(target)]
    const x = input(0, num)
    const w = weight === 'none' ? null : convert(input(2, numOf(weight)), num)
    const { share, ignored, hit } = targetOf(dtype, target, w)
    const zero = f.literal(0, num)
    const logZ = logged ? zero : f.add(f.log(reduced(1, num)), reduced(0, num))
    const awayOf = (value: Expr): Expr =>
      logged ? f.neg(value) : f.sub(f.log(reduced(1, num)), f.sub(value, reduced(0, num)))
    const sums: NonNullable<ProgramSpec['reductions']>[number][] = logged
      ? []
      : [
          { combine: 'max', value: x },
          { combine: 'sum', value: f.exp(f.sub(x, reduced(0, num))) },
        ]
    const sum = (value: Expr): Expr => reduced(sums.push({ combine: 'sum', value }) - 1, num)
    const total = f.where(ignored, 0, w ? sum(f.where(hit, w, zero)) : f.literal(1, num))
    // a class without a share counts for nothing even where its probability is 0
    const lossOf = (part: Expr, away: Expr): Expr => f.where(f.eq(part, 0), 0, f.mul(part, away))
    const loss = smoothed ? sum(lossOf(share, awayOf(x))) : lossOf(total, awayOf(sum(f.where(hit, x, zero))))
    const t = input(1, own)
    const outside = f.or(f.lt(t, 0), f.ge(t, convert(size(classAxis), own)))
    return new Program({
      inputs: inputsOf(dtype, target, weight),
      params: [own, num],
      reductions: sums,
      outputs: [
        { dtype, value: loss, over: 'outer' },
        { dtype, value: total, over: 'outer' },
        { dtype: kept(dtype), value: logZ, over: 'outer' },
      ],
      checks: [{ fail: f.and(f.not(ignored), outside), error: 'Target is out of bounds.' }],
    })
  },
)

const backwardProgram = /* @__PURE__ */ memo(
  (g: DType, dtype: DType, target: DType, weight: DType | 'none', logged: boolean, smoothed: boolean) => {
    const num = numOf(dtype)
    const inputs = inputsOf(dtype, target, weight)
    const gradient = convert(input(inputs.length, numOf(g)), num)
    inputs.push({ dtype: g, over: 'outer' }, { dtype: kept(dtype), over: 'outer' })
    const w = weight === 'none' ? null : convert(input(2, numOf(weight)), num)
    const { share, ignored, hit } = targetOf(dtype, target, w)
    const zero = f.literal(0, num)
    // without smoothing all the weight of a row is that of its target
    const alone = smoothed ? share : w && f.where(hit, w, zero)
    const reductions = alone && !(smoothed && logged) ? [{ combine: 'sum', value: alone } as const] : []
    const sum = reductions.length > 0 ? reduced(0, num) : f.literal(1, num)
    const total = f.mul(gradient, sum)
    const own = smoothed ? f.mul(gradient, share) : f.where(hit, total, zero)
    const probability = f.exp(f.sub(input(0, num), input(inputs.length - 1, num)))
    const value = logged ? f.neg(own) : f.sub(f.mul(total, probability), own)
    return new Program({
      inputs,
      params: [numOf(target), num],
      reductions,
      // chosen, not multiplied: where every target is ignored the mean's gradient is 1 / 0
      outputs: [{ dtype, value: f.where(ignored, 0, value), over: 'all' }],
    })
  },
)

const shareProgram = /* @__PURE__ */ memo((dtype: DType, target: DType, weight: DType | 'none') => {
  const w = weight === 'none' ? null : convert(input(2, numOf(weight)), numOf(dtype))
  return new Program({
    inputs: inputsOf(dtype, target, weight),
    params: [numOf(target), numOf(dtype)],
    outputs: [{ dtype, value: targetOf(dtype, target, w).share, over: 'all' }],
  })
})

/** Class weights along the class axis of x. */
const weights = (weight: View, x: View, axis: number): View => {
  const shape = x.layout.shape.map((n, a) => (a === axis ? n : 1))
  return under(weight, weight.layout.reshape(shape)!.expand(x.layout.shape))
}

interface Rows {
  x: View
  target: View
  weight: View | null
}
const operandsOf = ({ x, target, weight }: Rows, axis: number): View[] => [
  rows(x, [axis]),
  target,
  ...(weight ? [rows(weights(weight, x, axis), [axis])] : []),
]

// the parts of B, constant, for gradients of gradients
const shareOp = /* @__PURE__ */ defineOp({
  name: 'crossEntropyTarget',
  inputs: ['x', 'target', 'weight?'],
  attrs: attributes<Attrs>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel: (on, all, { out }, { axis, ignoreIndex, smoothing }) =>
    on.run(shareProgram(all.x.dtype, all.target.dtype, all.weight?.dtype ?? 'none'), [
      rowBinding(
        all.x.layout,
        [axis],
        [...operandsOf(all, axis), rows(out, [axis])],
        [ignoreIndex, smoothing],
      ),
    ]),
})

const backwardOp = /* @__PURE__ */ defineOp({
  name: 'crossEntropyBackward',
  inputs: ['g', 'x', 'target', 'logZ', 'weight?'],
  attrs: attributes<Attrs>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { g, logZ, ...all }, { out }, { axis, ignoreIndex, smoothing, logged }) {
    const { x, target, weight } = all
    on.run(backwardProgram(g.dtype, x.dtype, target.dtype, weight?.dtype ?? 'none', logged, smoothing > 0), [
      rowBinding(
        x.layout,
        [axis],
        [...operandsOf(all, axis), g, logZ, rows(out, [axis])],
        [ignoreIndex, smoothing],
      ),
    ])
  },
  decompose({ g, x, target, weight }, attrs) {
    const share = shareOp({ x: x.detach(), target, weight }, attrs)
    const { axis } = attrs
    const own = where(eq(target, attrs.ignoreIndex), 0, g)
    const value = attrs.logged
      ? share.mul(-1)
      : softmax(x, axis)
          .mul(share.sum(axis, { keepdim: true }))
          .sub(share)
    return own.unsqueeze(axis).mul(value)
  },
})

const lossOf = (reader: HostReader) =>
  defineOp({
    name: reader.op,
    inputs: ['x', 'target', 'weight?'],
    // the weight of each row's target: 'mean' divides by their sum
    outputs: ['out', 'weights'],
    aux: ['logZ'],
    attrs: attributes<Attrs>(),
    autocast: 'fp32',
    infer({ x, target, weight }, { axis }) {
      check(x, target, weight, axis)
      const shape = target.shape
      return {
        out: { shape, dtype: x.dtype },
        weights: { shape, dtype: x.dtype },
        logZ: { shape, dtype: kept(x.dtype) },
      }
    },
    kernel(on, all, { out, weights, logZ }, { axis, ignoreIndex, smoothing, logged }) {
      const { x, target, weight } = all
      try {
        on.run(forwardProgram(x.dtype, target.dtype, weight?.dtype ?? 'none', logged, smoothing > 0), [
          rowBinding(
            x.layout,
            [axis],
            [...operandsOf(all, axis), out, weights, logZ],
            [ignoreIndex, smoothing],
          ),
        ])
      } catch (error) {
        throw error instanceof IndexError
          ? outOfBounds(reader, on, target, x.layout.shape[axis], ignoreIndex, error)
          : error
      }
    },
    vjp: {
      x: saving(['x', 'target', 'logZ', 'weight'], (g, { x, target, logZ, weight }, attrs: Attrs) =>
        backwardOp({ g, x, target, logZ, weight: weight ?? null }, attrs),
      ),
      target: null,
      weight: null,
    },
  })
const crossEntropyOp = /* @__PURE__ */ lossOf(/* @__PURE__ */ readsValues('crossEntropy'))
const nllLossOp = /* @__PURE__ */ lossOf(/* @__PURE__ */ readsValues('nllLoss'))

/** The check of a program says only that some target is wrong; the message names the first. */
function outOfBounds(
  reader: HostReader,
  on: Backend,
  target: View,
  classes: number,
  ignored: number,
  error: IndexError,
): IndexError {
  if (!on.readSync) return error
  const wrong = Array.from(hostValues(reader, target, on), Number).find(
    (t) => t !== ignored && (t < 0 || t >= classes),
  )
  return new IndexError(`Target ${wrong} is out of bounds.`, {
    hint: `x has ${classes} classes, 0 to ${classes - 1}`,
  })
}

function check(x: Meta, target: Meta, weight: Meta | null, axis: number): void {
  if (!isFloat(x.dtype)) throw new DTypeError(`"cross_entropy" not implemented for '${x.dtype}'`)
  if (x.shape.length === 0) throw new ShapeError('input tensor should be 1D or 2D')
  if (!isInteger(target.dtype)) {
    throw new DTypeError(`expected target dtype to be Long or Byte, but got ${target.dtype}`, {
      hint: "class targets are integers: make them with { dtype: 'int32' }, or convert with .to('int32')",
    })
  }
  if (axis === 1 && x.shape[0] !== target.shape[0]) {
    throw new ShapeError(
      `Expected input batch_size (${x.shape[0]}) to match target batch_size (${target.shape[0] ?? 1}).`,
    )
  }
  const expected = x.shape.filter((_, a) => a !== axis)
  if (!sameShape(expected, target.shape)) {
    throw new ShapeError(`Expected target size [${expected.join(', ')}], got [${target.shape.join(', ')}]`)
  }
  const classes = x.shape[axis]
  if (weight && !sameShape(weight.shape, [classes])) {
    throw new ShapeError(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: [${weight.shape.join(', ')}]`,
    )
  }
}

function reduceRows({ out, weights }: { out: Tensor; weights: Tensor }, reduction: Reduction): Tensor {
  return reduction === 'mean' ? out.sum().div(weights.detach().sum()) : reduceLoss(out, reduction)
}

/**
 * The negative log probability of the target class under `softmax(x)`. For a target distribution, the cross entropy with it.
 *
 * With 'mean', class targets average by the weights of their classes, and ignored targets count for nothing. If all targets
 * are ignored, the loss is NaN and its gradient 0.
 *
 * @param x - logits [n, classes, ...] or [classes]
 * @param target - class numbers of any integer dtype [n, ...] or [], or probabilities of the shape of x
 * @throws IndexError `Target 5 is out of bounds.`; DTypeError for floats of the shape of class numbers; ShapeError
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 * @example
 * g.crossEntropy(g.zeros(1, 2), g.tensor([1], { dtype: 'int32' })).item() // ≈ 0.6931
 */
export function crossEntropy(x: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor {
  takeTensor('crossEntropy', 'x', x)
  takeTensor('crossEntropy', 'target', target)

  options = takeOptions('crossEntropy', crossEntropyOptions, options)
  const { weight = null, ignoreIndex = -100, reduction = 'mean', labelSmoothing = 0 } = options
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ValueError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`)
  }
  const axis = x.ndim === 1 ? 0 : 1
  if (isFloat(target.dtype) && sameShape(x.shape, target.shape)) {
    const loss = ofProbabilities(x, target, weight, axis, labelSmoothing)
    // over the samples: weights do not count here, as in PyTorch
    return reduction === 'mean' ? loss.sum().div(x.numel() / x.shape[axis]) : reduceLoss(loss, reduction)
  }
  const attrs = { axis, ignoreIndex, smoothing: labelSmoothing, logged: false }
  return reduceRows(crossEntropyOp({ x, target, weight }, attrs), reduction)
}

/** Options of {@link nllLoss}. */
export type NllLossOptions = Omit<CrossEntropyOptions, 'labelSmoothing'>
const nllLossOptions = /* @__PURE__ */ defineOptions<NllLossOptions>({
  weight: /* @__PURE__ */ nullable(aTensor),
  ignoreIndex: /* @__PURE__ */ integer(),
  reduction: reductionName,
})

/**
 * The negative log probability of the target class, given log probabilities; see {@link crossEntropy} for the options.
 *
 * @param x - log probabilities [n, classes, ...] or [classes]
 * @param target - class numbers of any integer dtype, [n, ...] or []
 * @throws IndexError `Target 5 is out of bounds.`; DTypeError unless integer; ShapeError
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 */
export function nllLoss(x: Tensor, target: Tensor, options?: NllLossOptions): Tensor {
  takeTensor('nllLoss', 'x', x)

  const {
    weight = null,
    ignoreIndex = -100,
    reduction = 'mean',
  } = takeOptions('nllLoss', nllLossOptions, options)
  const attrs = { axis: x.ndim === 1 ? 0 : 1, ignoreIndex, smoothing: 0, logged: true }
  return reduceRows(nllLossOp({ x, target, weight }, attrs), reduction)
}
