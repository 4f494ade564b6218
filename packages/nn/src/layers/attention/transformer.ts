import { type DType, full, ShapeError, type Tensor, triu } from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  integer,
  kind,
  nullable,
  type OptionTable,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { count, floatName, optionalTensor, positive } from '../../module/arguments.ts'
import { xavierUniform_ } from '../../init/scaled.ts'
import { copyModule } from '../../module/copy-module.ts'
import { Module } from '../../module/module.ts'
import { moduleKind } from '../../module/module-kind.ts'
import { nameOf } from '../../module/name-of.ts'
import { ModuleList } from '../container/module-list.ts'
import { LayerNorm } from '../norm/layer-norm.ts'
import {
  type DecoderLayerCall,
  decoderCall,
  type EncoderLayerCall,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
  transformerLayerOptions,
} from './transformer-layer.ts'

/** Options of {@link TransformerEncoder} in a call. */
export type EncoderCall = Omit<EncoderLayerCall, 'srcMask'> & {
  /** What a position may not see, true where: `[t, t]` or `[n · heads, t, t]`; or numbers to add. */
  mask?: Tensor | null
}

const encoderCall = /* @__PURE__ */ defineOptions<EncoderCall>({
  mask: optionalTensor,
  srcKeyPaddingMask: optionalTensor,
  isCausal: flag,
})

const maskOptions = /* @__PURE__ */ defineOptions<{ dtype?: DType }>({ dtype: floatName })

/** Each is made at once: a billion of them would end the process. */
const layerCount = /* @__PURE__ */ integer(0, 10_000)
const optionalModule = /* @__PURE__ */ nullable(moduleKind)

/** Looks at the arguments of a stack of layers. */
function takeStack(call: string, name: string, layer: unknown, numLayers: unknown, norm: unknown): void {
  takeArgument(call, name, moduleKind, layer)
  takeArgument(call, 'numLayers', layerCount, numLayers)
  takeArgument(call, 'norm', optionalModule, norm)
}

/**
 * Copies of an encoder layer, one after the other.
 *
 * @param norm - called with the result, or null
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 * @example
 * const layer = new g.nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16 })
 * new g.nn.TransformerEncoder(layer, 3)(g.ones(5, 1, 8)).shape // => [5, 1, 8]
 */
export class TransformerEncoder extends Module {
  static override readonly layerName: string = 'TransformerEncoder'
  layers: ModuleList<TransformerEncoderLayer>
  readonly numLayers: number
  norm: LayerNorm | null

  constructor(encoderLayer: TransformerEncoderLayer, numLayers: number, norm: LayerNorm | null = null) {
    super()
    takeStack(nameOf(this), 'encoderLayer', encoderLayer, numLayers, norm)
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => copyModule(encoderLayer)))
    this.numLayers = numLayers
    this.norm = norm
  }

  forward(src: Tensor, call?: EncoderCall): Tensor {
    const { mask = null, ...options } = takeOptions(nameOf(this), encoderCall, call)
    let x = src
    for (const layer of this.layers) x = layer(x, { srcMask: mask, ...options })
    return this.norm ? this.norm(x) : x
  }
}

/**
 * Copies of a decoder layer, one after the other, all with the same memory.
 *
 * @param norm - called with the result, or null
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
 */
export class TransformerDecoder extends Module {
  static override readonly layerName: string = 'TransformerDecoder'
  layers: ModuleList<TransformerDecoderLayer>
  readonly numLayers: number
  norm: LayerNorm | null

  constructor(decoderLayer: TransformerDecoderLayer, numLayers: number, norm: LayerNorm | null = null) {
    super()
    takeStack(nameOf(this), 'decoderLayer', decoderLayer, numLayers, norm)
    this.layers = new ModuleList(Array.from({ length: numLayers }, () => copyModule(decoderLayer)))
    this.numLayers = numLayers
    this.norm = norm
  }

  forward(tgt: Tensor, memory: Tensor, options?: DecoderLayerCall): Tensor {
    let x = tgt
    for (const layer of this.layers) x = layer(x, memory, options)
    return this.norm ? this.norm(x) : x
  }
}

/** Options of {@link Transformer}. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Features of both sequences; 512 by default. */
  dModel?: number
  /** Heads of every attention; 8 by default. */
  nhead?: number
  /** 6 by default. */
  numEncoderLayers?: number
  /** 6 by default. */
  numDecoderLayers?: number
  /** Encodes instead of a {@link TransformerEncoder}. */
  customEncoder?: (Module & { forward(src: Tensor, options: EncoderCall): Tensor }) | null
  /** Decodes instead of a {@link TransformerDecoder}. */
  customDecoder?:
    (Module & { forward(tgt: Tensor, memory: Tensor, options: DecoderLayerCall): Tensor }) | null
}

/** Options of {@link Transformer} in a call: the masks of encoder and decoder. */
export interface TransformerCall extends DecoderLayerCall {
  srcMask?: Tensor | null
  srcKeyPaddingMask?: Tensor | null
  /** Says that `srcMask`, which has to be there, hides what comes after a position; false by default. */
  srcIsCausal?: boolean
}

// made when they are needed: spreads at module level would keep them in every bundle
const transformerOptions = (): OptionTable<TransformerOptions> => ({
  ...transformerLayerOptions,
  dModel: positive,
  nhead: positive,
  numEncoderLayers: layerCount,
  numDecoderLayers: layerCount,
  customEncoder: nullable(kind('a module', moduleKind.accepts)),
  customDecoder: nullable(kind('a module', moduleKind.accepts)),
})

const transformerCall = (): OptionTable<TransformerCall> => ({
  ...decoderCall,
  srcMask: optionalTensor,
  srcKeyPaddingMask: optionalTensor,
  srcIsCausal: flag,
})

/**
 * An encoder and a decoder: source `[s, n, dModel]` and target `[t, n, dModel]` to the target's shape.
 *
 * Every parameter of two axes is drawn by `xavierUniform_`.
 *
 * @throws ShapeError where the sequences do not fit together
 * @see Vaswani et al. 2017, https://arxiv.org/abs/1706.03762
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 * @example
 * const model = new g.nn.Transformer({ dModel: 8, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1 })
 * const tgtMask = g.nn.Transformer.generateSquareSubsequentMask(3)
 * model(g.ones(4, 1, 8), g.ones(3, 1, 8), { tgtMask }).shape // => [3, 1, 8]
 */
export class Transformer extends Module {
  static override readonly layerName: string = 'Transformer'
  encoder: Module & { forward(src: Tensor, options: EncoderCall): Tensor }
  decoder: Module & { forward(tgt: Tensor, memory: Tensor, options: DecoderLayerCall): Tensor }
  readonly dModel: number
  readonly nhead: number
  readonly batchFirst: boolean

  constructor(options?: TransformerOptions) {
    super()
    const given = takeOptions(nameOf(this), transformerOptions(), options)
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6, ...rest } = given
    const { customEncoder = null, customDecoder = null, ...layer } = rest
    const { layerNormEps: eps = 1e-5, bias = true, dtype = 'float32', batchFirst = false } = layer
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias, dtype })
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, norm())
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, norm())
    this.dModel = dModel
    this.nhead = nhead
    this.batchFirst = batchFirst
    this.resetParameters()
  }

  /** Draws every parameter of two axes or more anew. */
  resetParameters(): void {
    for (const p of this.parameters()) if (p.ndim > 1) xavierUniform_(p)
  }

  forward(src: Tensor, tgt: Tensor, options?: TransformerCall): Tensor {
    const given = takeOptions(nameOf(this), transformerCall(), options)
    const { srcMask = null, srcKeyPaddingMask = null, srcIsCausal = false, ...decoder } = given
    takeTensor(nameOf(this), 'src', src)
    takeTensor(nameOf(this), 'tgt', tgt)
    if (src.ndim === 3) {
      const axis = this.batchFirst ? 0 : 1
      if (src.shape[axis] !== tgt.shape[axis])
        throw new ShapeError('the batch number of src and tgt must be equal')
    }
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel)
      throw new ShapeError('the feature number of src and tgt must be equal to d_model')
    const memory = this.encoder(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal })
    return this.decoder(tgt, memory, decoder)
  }

  /**
   * The mask that hides from each position what comes after it: 0 where it sees, -Infinity where not.
   *
   * @param size - length of the sequence
   * @param options.dtype - float32 by default
   */
  static generateSquareSubsequentMask(size: number, options?: { dtype?: DType }): Tensor {
    const call = 'generateSquareSubsequentMask'
    const { dtype = 'float32' } = takeOptions(call, maskOptions, options)
    takeArgument(call, 'size', count, size)
    return triu(full([size, size], -Infinity, { dtype }), 1)
  }
}
