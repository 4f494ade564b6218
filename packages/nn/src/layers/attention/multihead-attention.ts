import {
  type DType,
  ShapeError,
  type Tensor,
  ValueError,
  cat,
  chunk,
  dropout as drop,
  empty,
  linear,
  logicalNot,
  logicalOr,
  matmul,
  mean,
  pad,
  scaledDotProductAttention,
  where,
  zeros,
} from '@gradus/core/functions'
import {
  attentionWeights,
  defineOptions,
  flag,
  integer,
  nullable,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { floatName, optionalTensor, positive, probability } from '../../module/arguments.ts'
import { zeros_ } from '../../init/fill.ts'
import { xavierNormal_, xavierUniform_ } from '../../init/scaled.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'
import { Linear } from '../dense/linear.ts'

/** Options of {@link MultiheadAttention}. */
export interface MultiheadAttentionOptions {
  /** Share of the attention weights that is dropped in training; 0 by default. */
  dropout?: number
  /** Learns biases of the projections; true by default. */
  bias?: boolean
  /** Adds a learned key and value to every sequence; false by default. */
  addBiasKv?: boolean
  /** Adds a key and value of zeros to every sequence; false by default. */
  addZeroAttn?: boolean
  /** Features of keys; embedDim by default. */
  kdim?: number | null
  /** Features of values; embedDim by default. */
  vdim?: number | null
  /** Sequences are `[n, t, ...]` instead of `[t, n, ...]`; false by default. */
  batchFirst?: boolean
  /** float32 by default. */
  dtype?: DType
}

/** Options of {@link MultiheadAttention} in a call. */
export interface MultiheadAttentionCall {
  /** Keys to leave out, true where: `[n, keys]` or `[keys]`; or numbers that are added to the scores. */
  keyPaddingMask?: Tensor | null
  /** Gives the attention weights too; true by default. Without them a call is faster. */
  needWeights?: boolean
  /** What a query may not see, true where: `[queries, keys]` or `[n · heads, queries, keys]`; or numbers to add. */
  attnMask?: Tensor | null
  /** Gives the mean of the heads' weights; true by default. */
  averageAttnWeights?: boolean
  /** Says that `attnMask`, which has to be there, is that of a query that sees what came before; false by default. */
  isCausal?: boolean
}

const whole = /* @__PURE__ */ integer()

const attentionOptions = /* @__PURE__ */ defineOptions<MultiheadAttentionOptions>({
  dropout: probability,
  bias: flag,
  addBiasKv: flag,
  addZeroAttn: flag,
  kdim: /* @__PURE__ */ nullable(positive),
  vdim: /* @__PURE__ */ nullable(positive),
  batchFirst: flag,
  dtype: floatName,
})

const callOptions = /* @__PURE__ */ defineOptions<MultiheadAttentionCall>({
  keyPaddingMask: optionalTensor,
  needWeights: flag,
  attnMask: optionalTensor,
  averageAttnWeights: flag,
  isCausal: flag,
})

/**
 * Attention of several heads: queries, keys and values are projected, each head attends with its share of the features, and
 * the results are projected again.
 *
 * Called with query `[t, n, embedDim]`, key `[s, n, kdim]` and value `[s, n, vdim]`, or all without `n`; gives the output, of
 * the shape of the query, and weights `[n, t, s]` or null. A query that may see nothing gets zeros.
 *
 * @param numHeads - divides embedDim
 * @throws ShapeError, ValueError with PyTorch's messages
 * @see Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 * @example
 * const attention = new g.nn.MultiheadAttention(4, 2, { batchFirst: true })
 * const x = g.ones(1, 3, 4)
 * const [output, weights] = attention(x, x, x)
 * output.shape // => [1, 3, 4]
 * weights?.shape // => [1, 3, 3]
 */
export class MultiheadAttention extends Module {
  static override readonly layerName: string = 'MultiheadAttention'
  static override readonly stateKeys = {
    qProjWeight: 'q_proj_weight',
    kProjWeight: 'k_proj_weight',
    vProjWeight: 'v_proj_weight',
    inProjWeight: 'in_proj_weight',
    inProjBias: 'in_proj_bias',
    biasK: 'bias_k',
    biasV: 'bias_v',
    outProj: 'out_proj',
  }
  readonly embedDim: number
  readonly numHeads: number
  readonly headDim: number
  readonly kdim: number
  readonly vdim: number
  readonly dropout: number
  readonly batchFirst: boolean
  readonly addZeroAttn: boolean
  /** Projection of the query, if the three have different sizes; otherwise in `inProjWeight`. */
  qProjWeight: Parameter | null
  kProjWeight: Parameter | null
  vProjWeight: Parameter | null
  /** The three projections, one above the other: `[3 · embedDim, embedDim]`. */
  inProjWeight: Parameter | null
  inProjBias: Parameter | null
  biasK: Parameter | null
  biasV: Parameter | null
  outProj: Linear

  constructor(embedDim: number, numHeads: number, options?: MultiheadAttentionOptions) {
    super()
    const call = nameOf(this)
    const given = takeOptions(call, attentionOptions, options)
    const { dropout = 0, bias = true, addBiasKv = false, addZeroAttn = false } = given
    const { kdim = null, vdim = null, batchFirst = false, dtype = 'float32' } = given
    takeArgument(call, 'embedDim', whole, embedDim)
    takeArgument(call, 'numHeads', whole, numHeads)
    if (!(embedDim > 0 && numHeads > 0)) {
      throw new ValueError(
        `embed_dim and num_heads must be greater than 0, got embed_dim=${embedDim} and num_heads=${numHeads} instead`,
      )
    }
    if (embedDim % numHeads !== 0) throw new ValueError('embed_dim must be divisible by num_heads')
    this.embedDim = embedDim
    this.numHeads = numHeads
    this.headDim = embedDim / numHeads
    this.kdim = kdim ?? embedDim
    this.vdim = vdim ?? embedDim
    this.dropout = dropout
    this.batchFirst = batchFirst
    this.addZeroAttn = addZeroAttn
    const parameter = (name: string, has: boolean, ...shape: number[]): Parameter | null =>
      this.registerParameter(name, has ? new Parameter(empty(shape, { dtype })) : null)
    const isOne = this.kdim === embedDim && this.vdim === embedDim
    this.qProjWeight = parameter('qProjWeight', !isOne, embedDim, embedDim)
    this.kProjWeight = parameter('kProjWeight', !isOne, embedDim, this.kdim)
    this.vProjWeight = parameter('vProjWeight', !isOne, embedDim, this.vdim)
    this.inProjWeight = parameter('inProjWeight', isOne, 3 * embedDim, embedDim)
    this.inProjBias = parameter('inProjBias', bias, 3 * embedDim)
    this.biasK = parameter('biasK', addBiasKv, 1, 1, embedDim)
    this.biasV = parameter('biasV', addBiasKv, 1, 1, embedDim)
    this.outProj = new Linear(embedDim, embedDim, { bias, dtype })
    this.resetParameters()
  }

  /** Draws the projections of the inputs anew, and sets biases to 0. */
  resetParameters(): void {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight } = this
    for (const weight of [inProjWeight, qProjWeight, kProjWeight, vProjWeight]) {
      if (weight) xavierUniform_(weight)
    }
    if (this.inProjBias) zeros_(this.inProjBias)
    if (this.outProj.bias) zeros_(this.outProj.bias)
    if (this.biasK) xavierNormal_(this.biasK)
    if (this.biasV) xavierNormal_(this.biasV)
  }

  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: MultiheadAttentionCall,
  ): [output: Tensor, weights: Tensor | null] {
    const given = takeOptions(nameOf(this), callOptions, options)
    const { keyPaddingMask = null, attnMask = null } = given
    const { needWeights = true, averageAttnWeights = true, isCausal = false } = given
    takeTensor(nameOf(this), 'query', query)
    takeTensor(nameOf(this), 'key', key)
    takeTensor(nameOf(this), 'value', value)
    const isBatch = query.ndim === 3
    this.check(query, key, value, keyPaddingMask, attnMask)
    if (isCausal && attnMask === null) {
      throw new ValueError('Need attn_mask if specifying the is_causal hint.', {
        hint: 'make it with Transformer.generateSquareSubsequentMask(length)',
      })
    }
    // [n, t, features]
    const ordered = (x: Tensor): Tensor =>
      isBatch ? (this.batchFirst ? x : x.transpose(0, 1)) : x.unsqueeze(0)
    const x = ordered(query)
    const y = key === query ? x : ordered(key)
    const [q, k, v] = this.project(x, y, value === key ? y : ordered(value)).map((z) => this.heads(z))
    const padding = keyPaddingMask && !isBatch ? keyPaddingMask.unsqueeze(0) : keyPaddingMask
    const direct = isCausal && !padding && !needWeights
    const mask = direct ? null : this.merged(attnMask, padding, q.shape[0])
    const p = this.training ? this.dropout : 0
    if (!needWeights) {
      const sees = { attnMask: mask, dropoutP: p, isCausal: direct }
      return [this.joined(scaledDotProductAttention(q, k, v, sees), isBatch), null]
    }
    const scores = matmul(q, k.transpose(-2, -1))
    const weights = drop(attentionWeights(scores, mask, { scale: Math.sqrt(1 / this.headDim) }), p)
    const shown = averageAttnWeights ? mean(weights, 1) : weights
    return [this.joined(matmul(weights, v), isBatch), isBatch ? shown : shown.squeeze(0)]
  }

  /** `[n, t, embedDim]` as `[n, heads, t, headDim]`. */
  private heads(x: Tensor): Tensor {
    return x.reshape([x.shape[0], x.shape[1], this.numHeads, this.headDim]).transpose(1, 2)
  }

  /**
   * The output for what the heads give, `[n, heads, queries, headDim]`. It lies in memory as `[queries, n, embedDim]` whatever
   * `batchFirst` is, as in PyTorch: dropout behind it draws in that order.
   */
  private joined(mixed: Tensor, isBatch: boolean): Tensor {
    const [n, , queries] = mixed.shape
    const rows = mixed.permute(2, 0, 1, 3).reshape([queries * n, this.embedDim])
    const y = this.outProj(rows).reshape([queries, n, this.embedDim])
    return isBatch ? (this.batchFirst ? y.transpose(0, 1) : y) : y.squeeze(1)
  }

  /** Queries, keys and values as the heads see them, with the keys and values that are added. */
  private project(query: Tensor, key: Tensor, value: Tensor): [Tensor, Tensor, Tensor] {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, inProjBias, biasK, biasV } = this
    const biases = inProjBias ? chunk(inProjBias, 3) : [null, null, null]
    const inputs = [query, key, value]
    // one product where all three are one, and so is their weight
    const whole =
      inProjWeight && inputs.every((x) => x === query) ? linear(query, inProjWeight, inProjBias) : null
    const weights = inProjWeight ? chunk(inProjWeight, 3) : [qProjWeight!, kProjWeight!, vProjWeight!] // one or the other
    const projected = whole ? chunk(whole, 3, -1) : inputs.map((x, i) => linear(x, weights[i], biases[i]))
    const q = projected[0]
    let [, k, v] = projected
    const added = (x: Tensor, row: Tensor): Tensor =>
      cat([x, row.to(x.dtype).expand(x.shape[0], 1, this.embedDim)], 1)
    if (biasK && biasV) [k, v] = [added(k, biasK), added(v, biasV)]
    if (this.addZeroAttn) {
      const none = zeros([1, 1, this.embedDim], { dtype: k.dtype })
      ;[k, v] = [added(k, none), added(v, none)]
    }
    return [q, k, v]
  }

  /**
   * Both masks as one for `attentionWeights`, `[n or 1, heads or 1, queries or 1, keys]`: bool where both are, true where a
   * key is seen. Keys that were added are seen by all.
   */
  private merged(attn: Tensor | null, padding: Tensor | null, n: number): Tensor | null {
    const added = (this.biasK ? 1 : 0) + (this.addZeroAttn ? 1 : 0)
    const spread = [
      attn && (attn.ndim === 2 ? attn : attn.reshape([n, this.numHeads, attn.shape[1], attn.shape[2]])),
      padding && padding.reshape([n, 1, 1, padding.shape[1]]),
    ].filter((x) => x !== null)
    if (spread.length === 0) return null
    const full = spread.map((x) => (added > 0 ? widened(x, added) : x))
    if (full.every((x) => x.dtype === 'bool')) {
      return logicalNot(full.reduce((a, b) => logicalOr(a, b)))
    }
    const { dtype } = this.outProj.weight
    const scores = full.map((x) =>
      x.dtype === 'bool' ? where(x, zeros([], { dtype }).sub(Infinity), 0) : x.to(dtype),
    )
    return scores.reduce((a, b) => a.add(b))
  }

  private check(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    padding: Tensor | null,
    mask: Tensor | null,
  ): void {
    if (query.ndim !== 3 && query.ndim !== 2) {
      throw new ShapeError(
        `query should be unbatched 2D or batched 3D tensor but received ${query.ndim}-D query tensor`,
      )
    }
    const kind = query.ndim === 3 ? 'batched (3-D)' : 'unbatched (2-D)'
    if (key.ndim !== query.ndim || value.ndim !== query.ndim) {
      throw new ShapeError(
        `For ${kind} \`query\`, expected \`key\` and \`value\` to be ${query.ndim}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively`,
      )
    }
    if (padding && padding.ndim !== query.ndim - 1) {
      throw new ShapeError(
        `For ${kind} \`query\`, expected \`key_padding_mask\` to be \`None\` or ${query.ndim - 1}-D but found ${padding.ndim}-D tensor instead`,
      )
    }
    if (query.shape.at(-1) !== this.embedDim) {
      throw new ShapeError(
        `was expecting embedding dimension of ${this.embedDim}, but got ${query.shape.at(-1)}`,
      )
    }
    if (mask === null) return
    const axis = query.ndim === 3 && this.batchFirst ? 1 : 0
    const n = query.ndim === 3 ? query.shape[1 - axis] : 1
    const area = [query.shape[axis], key.shape[axis]]
    const expected = mask.ndim === 3 ? [n * this.numHeads, ...area] : area
    if (mask.ndim !== 2 && mask.ndim !== 3)
      throw new ShapeError(`attn_mask's dimension ${mask.ndim} is not supported`)
    if (mask.shape.join() !== expected.join()) {
      throw new ShapeError(
        `The shape of the ${mask.ndim}D attn_mask is [${mask.shape.join(', ')}], but should be (${expected.join(', ')}).`,
      )
    }
  }
}

/** A mask with as many more keys that are seen. */
const widened = (mask: Tensor, added: number): Tensor =>
  mask.dtype === 'bool' ? pad(mask.to('uint8'), [0, added]).to('bool') : pad(mask, [0, added])
