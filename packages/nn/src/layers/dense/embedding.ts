import { noGrad } from '@gradus/autograd'
import { type DType, embedding, empty, type Tensor, ValueError } from '@gradus/core/functions'
import { defineOptions, integer, nullable, takeArgument, takeOptions } from '@gradus/core/internal'
import { count, floatName } from '../../module/arguments.ts'
import { normal_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** A row that begins as zeros and gets no gradient; negative counts from the end. */
  paddingIdx?: number | null
  /** float32 by default. */
  dtype?: DType
}

const embeddingOptions = /* @__PURE__ */ defineOptions<EmbeddingOptions>({
  paddingIdx: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
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
  weight: Parameter

  constructor(numEmbeddings: number, embeddingDim: number, options?: EmbeddingOptions) {
    super()
    const { paddingIdx = null, dtype = 'float32' } = takeOptions(nameOf(this), embeddingOptions, options)
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
    return embedding(indices, this.weight, { paddingIdx: this.paddingIdx })
  }

  override extraRepr(): string {
    const padding = this.paddingIdx === null ? '' : `, padding_idx=${this.paddingIdx}`
    return `${this.numEmbeddings}, ${this.embeddingDim}${padding}`
  }
}
