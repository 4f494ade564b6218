import {
  type DType,
  ShapeError,
  type Tensor,
  ValueError,
  argmax,
  cat,
  gather,
  indexAdd,
  indexSelect,
  logSoftmax,
  mean,
  tensor,
  zeros,
} from '@gradus/core/functions'
import {
  atLeast,
  defineOptions,
  flag,
  listOf,
  real,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { count, floatName } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { ModuleList } from '../container/module-list.ts'
import { Sequential } from '../container/sequential.ts'
import { Linear } from '../dense/linear.ts'

/** Options of {@link AdaptiveLogSoftmaxWithLoss}. */
export interface AdaptiveLogSoftmaxOptions {
  /** How much narrower each cluster's projection is than the one before; 4 by default. */
  divValue?: number
  /** Learns a bias of the head; false by default. */
  headBias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const list = /* @__PURE__ */ listOf(real)
const adaptiveOptions = /* @__PURE__ */ defineOptions<AdaptiveLogSoftmaxOptions>({
  divValue: /* @__PURE__ */ atLeast(0, { exclusive: true }),
  headBias: flag,
  dtype: floatName,
})

/**
 * A softmax over many classes of which few are frequent: the head has those before the first cutoff and one entry per
 * cluster of rarer ones, whose logits are computed for the samples that need them.
 *
 * Called with `[n, inFeatures]` and classes `[n]` (or without `n`), numbered from the most frequent one; gives the log
 * probability of each sample's class, and the loss, minus their mean.
 *
 * @param cutoffs - first classes of the clusters, increasing, between 1 and nClasses - 1
 * @throws ValueError for cutoffs that are not, and classes out of range; ShapeError
 * @see Grave et al. 2017, https://arxiv.org/abs/1609.04309
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
 * @example
 * const layer = new g.nn.AdaptiveLogSoftmaxWithLoss(16, 100, [10, 40])
 * const { output, loss } = layer(g.ones(2, 16), g.tensor([3, 70], { dtype: 'int32' }))
 * output.shape // => [2]
 * loss.shape // => []
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  static override readonly layerName: string = 'AdaptiveLogSoftmaxWithLoss'
  readonly inFeatures: number
  readonly nClasses: number
  /** The given cutoffs, and the number of classes. */
  readonly cutoffs: readonly number[]
  head: Linear
  tail: ModuleList<Sequential>

  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    options?: AdaptiveLogSoftmaxOptions,
  ) {
    super()
    const {
      divValue = 4,
      headBias = false,
      dtype = 'float32',
    } = takeOptions(nameOf(this), adaptiveOptions, options)
    takeArgument(nameOf(this), 'inFeatures', count, inFeatures)
    takeArgument(nameOf(this), 'nClasses', count, nClasses)
    takeArgument(nameOf(this), 'cutoffs', list, cutoffs)
    if (cutoffs.length === 0) throw new ValueError('cutoffs should be a sequence of length larger than 0')
    const isFine = cutoffs.every(
      (c, i) => Number.isInteger(c) && c > (i === 0 ? 0 : cutoffs[i - 1]) && c < nClasses,
    )
    if (!isFine) {
      throw new ValueError(
        'cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1',
      )
    }
    this.inFeatures = inFeatures
    this.nClasses = nClasses
    this.cutoffs = [...cutoffs, nClasses]
    const plain = { bias: false, dtype }
    this.head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, { bias: headBias, dtype })
    this.tail = new ModuleList(
      cutoffs.map((from, i) => {
        const width = Math.floor(inFeatures / divValue ** (i + 1))
        return new Sequential(
          new Linear(inFeatures, width, plain),
          new Linear(width, this.cutoffs[i + 1] - from, plain),
        )
      }),
    )
  }

  forward(x: Tensor, target: Tensor): { output: Tensor; loss: Tensor } {
    takeTensor(nameOf(this), 'x', x)
    takeTensor(nameOf(this), 'target', target)
    this.check(x, target)
    const rows = target.ndim === 0 ? x.unsqueeze(0) : x
    const classes = Array.from(target.readSync(), Number)
    const clusters = classes.map((c) => this.cutoffs.findIndex((end) => c < end))
    const [shortlist] = this.cutoffs
    const entries = classes.map((c, i) => (clusters[i] === 0 ? c : shortlist + clusters[i] - 1))
    const picked = (log: Tensor, at: readonly number[]): Tensor =>
      gather(log, 1, indices(at).unsqueeze(1)).squeeze(1)
    let output = picked(logSoftmax(this.head(rows), 1), entries)
    this.cutoffs.slice(0, -1).forEach((from, cluster) => {
      const members = classes.flatMap((_, i) => (clusters[i] === cluster + 1 ? [i] : []))
      if (members.length === 0) return
      const at = indices(members)
      const logits = this.tail.at(cluster)(indexSelect(rows, 0, at))
      const within = picked(
        logSoftmax(logits, 1),
        members.map((i) => classes[i] - from),
      )
      output = output.add(indexAdd(zeros([classes.length], { dtype: within.dtype }), 0, at, within))
    })
    const loss = mean(output).mul(-1)
    return { output: target.ndim === 0 ? output.squeeze(0) : output, loss }
  }

  /** The log probabilities of all classes: `[n, inFeatures]` to `[n, nClasses]`. */
  logProb(x: Tensor): Tensor {
    const [shortlist] = this.cutoffs
    const head = logSoftmax(this.head(x), 1)
    const clusters = [...this.tail].map((layer, i) =>
      logSoftmax(layer(x), 1).add(head.narrow(1, shortlist + i, 1)),
    )
    return cat([head.narrow(1, 0, shortlist), ...clusters], 1)
  }

  /** The most probable class of each sample: `[n, inFeatures]` to int32 `[n]`. */
  predict(x: Tensor): Tensor {
    return argmax(this.logProb(x), 1)
  }

  private check(x: Tensor, target: Tensor): void {
    const size = `[${x.shape.join(', ')}]`
    if (target.ndim > 1) throw new ShapeError('0D or 1D target tensor expected, multi-target not supported')
    if (target.ndim === 1 && x.shape[0] !== target.shape[0])
      throw new ShapeError('Input and target should have the same size in the batch dimension.')
    if (x.ndim !== target.ndim + 1) {
      throw new ShapeError(
        `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size ${size}`,
      )
    }
    const classes = Array.from(target.readSync(), Number)
    if (classes.some((c) => c < 0 || c >= this.nClasses)) {
      throw new ValueError(
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${Math.min(...classes)}, ${Math.max(...classes)}] were found. `,
      )
    }
  }
}

const indices = (values: readonly number[]): Tensor => tensor(Int32Array.from(values))
