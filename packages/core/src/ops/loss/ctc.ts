import { reduceLoss } from './reduction.ts'
import { isTensor, takeTensor } from '../../tensor/kind.ts'
import { mean } from '../reduce/reduce.ts'
import { lossOptions } from './elementwise-loss.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { flag, integer, wholes } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { internals } from '../../op/internals.ts'
import { isInteger, type DType } from '../../base/dtype.ts'
import { DTypeError, GradError, ShapeError, ValueError } from '../../base/errors.ts'
import { attributes, plain, saving } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { writeView } from '../../op/host-kernel.ts'
import { hostNumbers, hostValues, readsValues } from '../../op/host-values.ts'
import type { LossOptions } from './elementwise-loss.ts'

interface Alignment {
  /** Per sample the labels with a blank before, between and after them. */
  extended: readonly Int32Array[]
  /** Steps of each sample that count. */
  lengths: readonly number[]
  /** Losses of samples that cannot be aligned are 0, and so are their gradients. */
  zeroInfinity: boolean
}

/** Rounds to the dtype after every operation, so that float32 gives PyTorch's bits: long sums of logarithms lose digits. */
type Round = (x: number) => number
const roundOf = (dtype: DType): Round => (dtype === 'float64' ? (x) => x : Math.fround)

/** log(exp(a) + exp(b) + exp(c)), -Infinity where all are. */
function logAdd(a: number, b: number, c: number, round: Round): number {
  const top = Math.max(a, b, c)
  if (top === -Infinity) return -Infinity
  const part = (x: number): number => round(Math.exp(round(x - top)))
  return round(round(Math.log(round(round(part(a) + part(b)) + part(c)))) + top)
}

/** One sample: log probabilities by step and class, labels with blanks between, and the number of steps that count. */
interface Sample {
  at: (t: number, label: number) => number
  labels: Int32Array
  steps: number
}

/**
 * The logarithm of the probability of all beginnings of alignments that end in step t at position s: `alpha[t][s]`. For a
 * reversed sample, it is the logarithm of the probability of their ends.
 */
function prefixes({ at, labels, steps }: Sample, round: Round): Float64Array {
  const width = labels.length
  const alpha = new Float64Array(steps * width).fill(-Infinity)
  if (steps === 0) return alpha
  alpha[0] = at(0, labels[0])
  if (width > 1) alpha[1] = at(0, labels[1])
  for (let t = 1; t < steps; t++) {
    for (let s = 0; s < width; s++) {
      const from = (t - 1) * width + s
      // a blank may be left out between different labels
      const skips = s > 1 && labels[s] !== labels[s - 2]
      const before = s > 0 ? alpha[from - 1] : -Infinity
      const reached = logAdd(alpha[from], before, skips ? alpha[from - 2] : -Infinity, round)
      alpha[t * width + s] = round(reached + at(t, labels[s]))
    }
  }
  return alpha
}

const backwards = ({ at, labels, steps }: Sample): Sample => ({
  at: (t, label) => at(steps - 1 - t, label),
  labels: labels.toReversed(),
  steps,
})

/** The negative logarithm of the probability of all alignments. */
function lossOf(alpha: Float64Array, { labels, steps }: Sample, round: Round): number {
  if (steps === 0) return labels.length === 1 ? 0 : Infinity
  const last = alpha.length - 1
  return -logAdd(alpha[last], labels.length > 1 ? alpha[last - 1] : -Infinity, -Infinity, round)
}

// an error rather than an incomplete second derivative
const refused = /* @__PURE__ */ plain((): never => {
  throw new GradError('derivative for ctc_loss_backward is not implemented', {
    hint: 'the gradient of ctcLoss cannot be differentiated again',
  })
})

const ctcValues = /* @__PURE__ */ readsValues('ctcLoss')
const ctcBackwardOp = /* @__PURE__ */ defineOp({
  name: 'ctcLossBackward',
  inputs: ['g', 'x'],
  attrs: attributes<Alignment>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { g, x }, { out }, { extended, lengths, zeroInfinity }) {
    const [, n, classes] = x.layout.shape
    const [data, seeds] = [hostValues(ctcValues, x, on), hostValues(ctcValues, g, on)]
    const round = roundOf(x.dtype)
    const grads = new Float64Array(data.length)
    extended.forEach((labels, b) => {
      const place = (t: number, c: number): number => (t * n + b) * classes + c
      const sample = { at: (t: number, c: number) => Number(data[place(t, c)]), labels, steps: lengths[b] }
      const { at, steps } = sample
      const alpha = prefixes(sample, round)
      const beta = prefixes(backwards(sample), round)
      const loss = lossOf(alpha, sample, round)
      if (zeroInfinity && loss === Infinity) return
      for (let t = 0; t < steps; t++) {
        // per class, the probability of all alignments that are there at t, times that of the step
        const through = new Float64Array(classes).fill(-Infinity)
        for (let s = labels.length - 1; s >= 0; s--) {
          const label = labels[s]
          const both = alpha[t * labels.length + s] + beta[(steps - t) * labels.length - 1 - s]
          through[label] = logAdd(through[label], round(both), -Infinity, round)
        }
        for (let c = 0; c < classes; c++) {
          const lp = at(t, c)
          const share = round(Math.exp(round(round(through[c] + loss) - lp)))
          // PyTorch's gradient: exact behind a logSoftmax, which x is meant to come from
          grads[place(t, c)] = round(round(Math.exp(lp)) - share) * Number(seeds[b])
        }
      }
    })
    writeView(on, out, grads)
  },
  vjp: { g: refused, x: refused },
})

const ctcOp = /* @__PURE__ */ defineOp({
  name: 'ctcLoss',
  inputs: ['x'],
  attrs: attributes<Alignment>(),
  autocast: 'fp32',
  infer: ({ x }) => ({ shape: [x.shape[1]], dtype: x.dtype }),
  kernel(on, { x }, { out }, { extended, lengths, zeroInfinity }) {
    const [, n, classes] = x.layout.shape
    const data = hostValues(ctcValues, x, on)
    const round = roundOf(x.dtype)
    const losses = extended.map((labels, b) => {
      const at = (t: number, c: number): number => Number(data[(t * n + b) * classes + c])
      const sample = { at, labels, steps: lengths[b] }
      const loss = lossOf(prefixes(sample, round), sample, round)
      return zeroInfinity && loss === Infinity ? 0 : loss
    })
    writeView(on, out, losses)
  },
  vjp: { x: saving(['x'], (g, { x }, attrs: Alignment) => ctcBackwardOp({ g, x }, attrs)) },
})

/** Options of {@link ctcLoss}. */
export interface CtcLossOptions extends LossOptions {
  /** The class that stands for no label; 0 by default. */
  blank?: number
  /** Samples that are too short for their labels give 0 instead of infinity; false by default. */
  zeroInfinity?: boolean
}
/** The kinds of {@link CtcLossOptions}. */
export const ctcLossOptions = /* @__PURE__ */ defineOptions<CtcLossOptions, LossOptions>(
  { blank: /* @__PURE__ */ integer(), zeroInfinity: flag },
  lossOptions,
)

/** Lengths as numbers or in an integer tensor. */
export type Lengths = readonly number[] | Tensor

/**
 * Connectionist temporal classification: the negative log probability of all ways to spread labels over steps. 'mean' divides
 * by the number of labels first. Computed on the host; gradients of gradients are not there, as in PyTorch.
 *
 * @param logProbs - what `logSoftmax` gives: `[t, n, classes]` or `[t, classes]`
 * @param targets - labels `[n, s]`, or all of them one after the other
 * @param inputLengths - steps of each sample that count
 * @param targetLengths - labels of each sample
 * @throws ShapeError, ValueError with PyTorch's messages
 * @see Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 * @example
 * const logProbs = g.logSoftmax(g.zeros(2, 1, 2), 2)
 * g.ctcLoss(logProbs, g.tensor([[1]], { dtype: 'int32' }), [2], [1]).item() // ≈ 0.2877
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options?: CtcLossOptions,
): Tensor {
  takeTensor('ctcLoss', 'logProbs', logProbs)
  takeTensor('ctcLoss', 'targets', targets)

  const {
    blank = 0,
    zeroInfinity = false,
    reduction = 'mean',
  } = takeOptions('ctcLoss', ctcLossOptions, options)
  const x = logProbs.ndim === 2 ? logProbs.unsqueeze(1) : logProbs
  const [steps, n, classes] = x.shape
  if (!isInteger(targets.dtype)) throw new DTypeError('targets must be integral')
  if (blank < 0 || blank >= classes) throw new ValueError('blank must be in label range')
  const lengths = checked('input', inputLengths, n)
  const counts = checked('target', targetLengths, n)
  lengths.forEach((length) => {
    if (length > steps) {
      throw new ValueError(
        `Expected input_lengths to have value at most ${steps}, but got value ${length} (while checking arguments for ctc_loss_cpu)`,
      )
    }
  })
  const labels = Int32Array.from(hostNumbers(ctcValues, targets))
  const stride = targets.ndim === 2 ? targets.shape[1] : 0
  const needed = stride === 0 ? counts.reduce((a, b) => a + b, 0) : Math.max(0, ...counts)
  if (needed > (stride === 0 ? labels.length : stride)) {
    throw new ShapeError(
      `Expected tensor to have size at least ${needed} at dimension 1, but got size ${stride === 0 ? labels.length : stride} for argument #2 'targets' (while checking arguments for ctc_loss_cpu)`,
    )
  }
  let start = 0
  const extended = counts.map((count, b) => {
    const from = stride === 0 ? start : b * stride
    start += count
    const list = new Int32Array(2 * count + 1).fill(blank)
    for (let s = 0; s < count; s++) list[2 * s + 1] = labels[from + s]!
    return list
  })
  const losses = ctcOp({ x }, { extended, lengths, zeroInfinity })
  if (reduction === 'mean') {
    const divisors = internals(losses).make([n], losses.dtype)
    writeView(
      divisors.backend,
      divisors,
      counts.map((c) => Math.max(c, 1)),
    )
    return mean(losses.div(divisors))
  }
  return reduceLoss(logProbs.ndim === 2 && reduction === 'none' ? losses.squeeze(0) : losses, reduction)
}

function checked(what: string, given: Lengths, n: number): number[] {
  const list = isTensor(given)
    ? hostNumbers(ctcValues, given)
    : takeArgument('ctcLoss', `${what}Lengths`, wholes, given)
  if (list.length !== n) throw new ShapeError(`${what}_lengths must be of size batch_size`)
  const negative = list.find((length) => length < 0)
  if (negative !== undefined) {
    throw new ValueError(`Expected ${what}_lengths to have value at least 0, but got value ${negative}`)
  }
  return [...list]
}
