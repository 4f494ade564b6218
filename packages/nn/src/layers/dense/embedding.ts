import { noGrad } from '@gradus/autograd'
import { type DType, embedding, empty, type Tensor, ValueError } from '@gradus/core/functions'
import {
  atLeast,
  defineOptions,
  flag,
  integer,
  kind,
  nullable,
  real,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { count, floatName } from '../../module/arguments.ts'
import { normal_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float } from '../../module/python-text.ts'
import { Parameter } from '../../module/parameter.ts'

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** A row that begins as zeros and gets no gradient; negative counts from the end. */
  paddingIdx?: number | null
  /** Scales the rows that are picked, in the weight itself, to this norm where theirs is larger; null leaves them. */
  maxNorm?: number | null
  /** The order of that norm; 2 by default. */
  normType?: number
  /** Divides the gradient of a row by how often it was picked; false by default. */
  scaleGradByFreq?: boolean
  /** Gradients that hold rows alone: gradus has none, and refuses true. */
  sparse?: boolean
  /** float32 by default. */
  dtype?: DType
}

const embeddingOptions = /* @__PURE__ */ defineOptions<EmbeddingOptions>({
  paddingIdx: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
  maxNorm: /* @__PURE__ */ nullable(/* @__PURE__ */ atLeast(0)),
  normType: real,
  scaleGradByFreq: flag,
  sparse: /* @__PURE__ */ kind<boolean>(
    'false',
    (x) => x === false,
    () => 'sparse gradients are not supported: an embedding has a dense one',
  ),
  dtype: floatName,
})

/**
 * A row of a matrix for every index: `[...]` to `[..., embeddingDim]`.
 *
 * Rows are drawn from the standard normal distribution.
 *
 * @throws ValueError for a paddingIdx out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 * @example
 * const layer = new g.nn.Embedding(10, 3)
 * layer(g.tensor([1, 4], { dtype: 'int32' })).shape // => [2, 3]
 */
export class Embedding extends Module {
  static override readonly layerName: string = 'Embedding'
  readonly numEmbeddings: number
  readonly embeddingDim: number
  readonly paddingIdx: number | null
  readonly maxNorm: number | null
  readonly normType: number
  readonly scaleGradByFreq: boolean
  weight: Parameter

  constructor(numEmbeddings: number, embeddingDim: number, options?: EmbeddingOptions) {
    super()
    const taken = takeOptions(nameOf(this), embeddingOptions, options)
    const { paddingIdx = null, dtype = 'float32' } = taken
    this.maxNorm = taken.maxNorm ?? null
    this.normType = taken.normType ?? 2
    this.scaleGradByFreq = taken.scaleGradByFreq ?? false
    if (paddingIdx !== null && (paddingIdx >= numEmbeddings || paddingIdx < -numEmbeddings)) {
      throw new ValueError('Padding_idx must be within num_embeddings')
    }
    this.numEmbeddings = takeArgument(nameOf(this), 'numEmbeddings', count, numEmbeddings)
    this.embeddingDim = takeArgument(nameOf(this), 'embeddingDim', count, embeddingDim)
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx
    const weight = new Parameter(empty([numEmbeddings, embeddingDim], { dtype }))
    this.weight = this.registerParameter('weight', weight)
    this.resetParameters()
  }

  /** Draws all rows anew, and sets the padding row to zeros. */
  resetParameters(): void {
    normal_(this.weight)
    const { paddingIdx } = this
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).fill_(0))
  }

  forward(indices: Tensor): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq } = this
    return embedding(indices, this.weight, { paddingIdx, maxNorm, normType, scaleGradByFreq })
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === null ? '' : `, padding_idx=${this.paddingIdx}`
    const bound = this.maxNorm === null ? '' : `, max_norm=${float(this.maxNorm)}`
    const norm = this.normType === 2 ? '' : `, norm_type=${float(this.normType)}`
    const scale = this.scaleGradByFreq ? ', scale_grad_by_freq=True' : ''
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}${bound}${norm}${scale}`
  }
}
