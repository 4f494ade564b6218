import { type DType, gelu, isFloat, relu, ShapeError, type Tensor } from '@gradus/core/functions'
import {
  checkCapacity,
  defineOptions,
  describeValue,
  flag,
  kind,
  outsideScope,
  real,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { floatName, optionalTensor, positive, probability } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Linear } from '../dense/linear.ts'
import { Dropout } from '../dropout.ts'
import { LayerNorm } from '../norm/layer-norm.ts'
import { MultiheadAttention } from './multihead-attention.ts'

/** A function applied to each element between the two linear layers. */
export type Activation = 'relu' | 'gelu' | ((x: Tensor) => Tensor)

/** Options of {@link TransformerEncoderLayer} and {@link TransformerDecoderLayer}. */
export interface TransformerLayerOptions {
  /** Features between the two linear layers; 2048 by default. */
  dimFeedforward?: number
  /** Of attention weights and of what each part adds, in training; 0.1 by default. */
  dropout?: number
  /** 'relu' by default. */
  activation?: Activation
  /** Of the layer norms; 1e-5 by default. */
  layerNormEps?: number
  /** Sequences are `[n, t, d]` instead of `[t, n, d]`; false by default. */
  batchFirst?: boolean
  /** Normalises what goes into each part instead of what comes out; false by default. */
  normFirst?: boolean
  /** Learns biases of linear layers and norms; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const activationKind = /* @__PURE__ */ kind<Activation>(
  "'relu', 'gelu', a function or a module",
  (x) => x === 'relu' || x === 'gelu' || typeof x === 'function',
  (x) => `activation should be relu/gelu, not ${describeValue(x)}`,
)

export const transformerLayerOptions = /* @__PURE__ */ defineOptions<TransformerLayerOptions>({
  dimFeedforward: positive,
  dropout: probability,
  activation: activationKind,
  layerNormEps: real,
  batchFirst: flag,
  normFirst: flag,
  bias: flag,
  dtype: floatName,
})

function activationOf(activation: Activation): (x: Tensor) => Tensor {
  // a module is one of the layer's own, as in PyTorch
  if (activation instanceof Module) return activation as (x: Tensor) => Tensor // that is what Activation says of it
  if (typeof activation === 'function') return (x) => outsideScope(() => activation(x), x)
  return activation === 'relu' ? relu : (x) => gelu(x)
}

/** Refuses what no attention of `features` reads. */
export function checkMemory(call: string, memory: Tensor, features: number): void {
  takeTensor(call, 'memory', memory)
  if (!isFloat(memory.dtype) || memory.ndim < 2 || memory.shape.at(-1) !== features)
    throw new ShapeError(
      `${call}: memory is a floating tensor [t, n, ${features}], got ${memory.dtype}[${memory.shape.join(', ')}]`,
    )
}

/** Masks of one attention, see {@link MultiheadAttention}. */
interface Masks {
  attnMask?: Tensor | null
  keyPaddingMask?: Tensor | null
  isCausal?: boolean
}

/** Attention without weights. */
const attend = (attention: MultiheadAttention, query: Tensor, memory: Tensor, masks: Masks): Tensor =>
  attention(query, memory, memory, { ...masks, needWeights: false })[0]

/** Options of {@link TransformerEncoderLayer} in a call. */
export interface EncoderLayerCall {
  /** What a position may not see, true where: `[t, t]` or `[n · heads, t, t]`; or numbers to add. */
  srcMask?: Tensor | null
  /** Positions to leave out, true where: `[n, t]`. */
  srcKeyPaddingMask?: Tensor | null
  /** Says that `srcMask`, which has to be there, hides what comes after a position; false by default. */
  isCausal?: boolean
}

const encoderCall = /* @__PURE__ */ defineOptions<EncoderLayerCall>({
  srcMask: optionalTensor,
  srcKeyPaddingMask: optionalTensor,
  isCausal: flag,
})

/**
 * Self-attention and two linear layers, each with what went in added and normalised: `[t, n, dModel]` to the same.
 *
 * @param dModel - features of the sequence, a multiple of `nhead`
 * @param nhead - heads of the attention
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 * @example
 * const layer = new g.nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true })
 * layer(g.ones(1, 5, 8)).shape // => [1, 5, 8]
 */
export class TransformerEncoderLayer extends Module {
  static override readonly layerName: string = 'TransformerEncoderLayer'
  static override readonly stateKeys = { selfAttn: 'self_attn' }
  selfAttn: MultiheadAttention
  linear1: Linear
  dropout: Dropout
  linear2: Linear
  readonly normFirst: boolean
  norm1: LayerNorm
  norm2: LayerNorm
  dropout1: Dropout
  dropout2: Dropout
  readonly activation: (x: Tensor) => Tensor

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    super()
    const given = takeOptions(nameOf(this), transformerLayerOptions, options)
    // before any layer draws
    checkCapacity(nameOf(this), [given.dimFeedforward ?? 2048, dModel])
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps: eps = 1e-5 } = given
    const { batchFirst = false, normFirst = false, bias = true, dtype = 'float32' } = given
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype })
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype })
    this.dropout = new Dropout(dropout)
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype })
    this.normFirst = normFirst
    this.norm1 = new LayerNorm(dModel, { eps, bias, dtype })
    this.norm2 = new LayerNorm(dModel, { eps, bias, dtype })
    this.dropout1 = new Dropout(dropout)
    this.dropout2 = new Dropout(dropout)
    this.activation = activationOf(activation)
  }

  forward(src: Tensor, options?: EncoderLayerCall): Tensor {
    takeTensor(nameOf(this), 'src', src)
    const given = takeOptions(nameOf(this), encoderCall, options)
    const { srcMask = null, srcKeyPaddingMask = null, isCausal = false } = given
    const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal }
    const attended = (x: Tensor): Tensor => this.dropout1(attend(this.selfAttn, x, x, masks))
    const fed = (x: Tensor): Tensor =>
      this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))))
    if (this.normFirst) {
      const x = src.add(attended(this.norm1(src)))
      return x.add(fed(this.norm2(x)))
    }
    const x = this.norm1(src.add(attended(src)))
    return this.norm2(x.add(fed(x)))
  }
}

/** Options of {@link TransformerDecoderLayer} in a call. */
export interface DecoderLayerCall {
  /** What a position of the target may not see of the target, true where: `[t, t]`; or numbers to add. */
  tgtMask?: Tensor | null
  /** What a position of the target may not see of the memory, true where: `[t, s]`; or numbers to add. */
  memoryMask?: Tensor | null
  /** Positions of the target to leave out, true where: `[n, t]`. */
  tgtKeyPaddingMask?: Tensor | null
  /** Positions of the memory to leave out, true where: `[n, s]`. */
  memoryKeyPaddingMask?: Tensor | null
  /** Says that `tgtMask`, which has to be there, hides what comes after a position; false by default. */
  tgtIsCausal?: boolean
  /** The same of `memoryMask`. */
  memoryIsCausal?: boolean
}

export const decoderCall = /* @__PURE__ */ defineOptions<DecoderLayerCall>({
  tgtMask: optionalTensor,
  memoryMask: optionalTensor,
  tgtKeyPaddingMask: optionalTensor,
  memoryKeyPaddingMask: optionalTensor,
  tgtIsCausal: flag,
  memoryIsCausal: flag,
})

/**
 * Self-attention, attention to a memory, and two linear layers, each with what went in added and normalised: target
 * `[t, n, dModel]` and memory `[s, n, dModel]` to the target's shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 * @example
 * const layer = new g.nn.TransformerDecoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true })
 * layer(g.ones(1, 5, 8), g.ones(1, 3, 8)).shape // => [1, 5, 8]
 */
export class TransformerDecoderLayer extends Module {
  static override readonly layerName: string = 'TransformerDecoderLayer'
  static override readonly stateKeys = { selfAttn: 'self_attn', multiheadAttn: 'multihead_attn' }
  selfAttn: MultiheadAttention
  multiheadAttn: MultiheadAttention
  linear1: Linear
  dropout: Dropout
  linear2: Linear
  readonly normFirst: boolean
  norm1: LayerNorm
  norm2: LayerNorm
  norm3: LayerNorm
  dropout1: Dropout
  dropout2: Dropout
  dropout3: Dropout
  readonly activation: (x: Tensor) => Tensor

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    super()
    const given = takeOptions(nameOf(this), transformerLayerOptions, options)
    // before any layer draws
    checkCapacity(nameOf(this), [given.dimFeedforward ?? 2048, dModel])
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps: eps = 1e-5 } = given
    const { batchFirst = false, normFirst = false, bias = true, dtype = 'float32' } = given
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype })
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, dtype })
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype })
    this.dropout = new Dropout(dropout)
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype })
    this.normFirst = normFirst
    this.norm1 = new LayerNorm(dModel, { eps, bias, dtype })
    this.norm2 = new LayerNorm(dModel, { eps, bias, dtype })
    this.norm3 = new LayerNorm(dModel, { eps, bias, dtype })
    this.dropout1 = new Dropout(dropout)
    this.dropout2 = new Dropout(dropout)
    this.dropout3 = new Dropout(dropout)
    this.activation = activationOf(activation)
  }

  forward(tgt: Tensor, memory: Tensor, options?: DecoderLayerCall): Tensor {
    takeTensor(nameOf(this), 'tgt', tgt)
    // before dropout draws for the attention to `tgt`
    checkMemory(nameOf(this), memory, this.multiheadAttn.embedDim)
    const given = takeOptions(nameOf(this), decoderCall, options)
    const { tgtMask, tgtKeyPaddingMask, tgtIsCausal } = given
    const { memoryMask, memoryKeyPaddingMask, memoryIsCausal } = given
    const own = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, isCausal: tgtIsCausal }
    const other = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, isCausal: memoryIsCausal }
    const attended = (x: Tensor): Tensor => this.dropout1(attend(this.selfAttn, x, x, own))
    const read = (x: Tensor): Tensor => this.dropout2(attend(this.multiheadAttn, x, memory, other))
    const fed = (x: Tensor): Tensor =>
      this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))))
    if (this.normFirst) {
      const x = tgt.add(attended(this.norm1(tgt)))
      const y = x.add(read(this.norm2(x)))
      return y.add(fed(this.norm3(y)))
    }
    const x = this.norm1(tgt.add(attended(tgt)))
    const y = this.norm2(x.add(read(x)))
    return this.norm3(y.add(fed(y)))
  }
}
