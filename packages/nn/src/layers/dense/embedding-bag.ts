import { noGrad } from '@gradus/autograd'
import { type DType, embeddingBag, empty, type Tensor, ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  integer,
  nullable,
  oneOf,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { count, floatName, optionalTensor } from '../../module/arguments.ts'
import { normal_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'

/** Options of a call of {@link EmbeddingBag}. */
export interface EmbeddingBagCall {
  /** A factor for each row, of the shape of the indices; mode 'sum' only. */
  perSampleWeights?: Tensor | null
}

/** Options of {@link EmbeddingBag}. */
export interface EmbeddingBagLayerOptions {
  /** What becomes of the rows of a bag; 'mean' by default. */
  mode?: 'sum' | 'mean' | 'max'
  /** The last offset is the number of indices; false by default. */
  includeLastOffset?: boolean
  /** A row that begins as zeros and counts for nothing; negative counts from the end. */
  paddingIdx?: number | null
  /** float32 by default. */
  dtype?: DType
}

const embeddingBagOptions = /* @__PURE__ */ defineOptions<EmbeddingBagLayerOptions>({
  mode: /* @__PURE__ */ oneOf('sum', 'mean', 'max'),
  includeLastOffset: flag,
  paddingIdx: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
  dtype: floatName,
})

const callOptions = /* @__PURE__ */ defineOptions<EmbeddingBagCall>({ perSampleWeights: optionalTensor })

/**
 * Sums, means or maxima of rows of a matrix: indices `[bags, length]`, or a vector of them and where each bag begins, to
 * `[bags, embeddingDim]`.
 *
 * Rows are drawn from the standard normal distribution.
 *
 * @throws ValueError for a paddingIdx out of range
 * @see https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 * @example
 * const layer = new g.nn.EmbeddingBag(10, 3)
 * layer(g.tensor([[1, 4], [4, 4]], { dtype: 'int32' })).shape // => [2, 3]
 */
export class EmbeddingBag extends Module {
  static override readonly layerName: string = 'EmbeddingBag'
  readonly numEmbeddings: number
  readonly embeddingDim: number
  readonly mode: 'sum' | 'mean' | 'max'
  readonly includeLastOffset: boolean
  readonly paddingIdx: number | null
  weight: Parameter

  constructor(numEmbeddings: number, embeddingDim: number, options?: EmbeddingBagLayerOptions) {
    super()
    const {
      mode = 'mean',
      includeLastOffset = false,
      paddingIdx = null,
      dtype = 'float32',
    } = takeOptions(nameOf(this), embeddingBagOptions, options)
    if (paddingIdx !== null && (paddingIdx >= numEmbeddings || paddingIdx < -numEmbeddings))
      throw new ValueError('padding_idx must be within num_embeddings')
    this.numEmbeddings = takeArgument(nameOf(this), 'numEmbeddings', count, numEmbeddings)
    this.embeddingDim = takeArgument(nameOf(this), 'embeddingDim', count, embeddingDim)
    this.mode = mode
    this.includeLastOffset = includeLastOffset
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

  forward(index: Tensor, offsets: Tensor | null = null, options?: EmbeddingBagCall): Tensor {
    const { perSampleWeights = null } = takeOptions(nameOf(this), callOptions, options)
    const { mode, includeLastOffset, paddingIdx } = this
    return embeddingBag(index, this.weight, {
      offsets,
      mode,
      perSampleWeights,
      includeLastOffset,
      paddingIdx,
    })
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === null ? '' : `, padding_idx=${this.paddingIdx}`
    return `${this.numEmbeddings}, ${this.embeddingDim}, mode='${this.mode}'${padding}`
  }
}
