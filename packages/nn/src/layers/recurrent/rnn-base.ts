import { type DType, empty, ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  integer,
  kind,
  oneOf,
  type OptionTable,
  takeArgument,
  takeOptions,
  warn,
} from '@gradus/core/internal'
import { count, floatName, probability } from '../../module/arguments.ts'
import { uniform_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool, float } from '../../module/python-text.ts'

/** Options of recurrent layers. */
export interface RecurrentOptions {
  /** Layers, each over the outputs of the one before; 1 by default. */
  numLayers?: number
  /** Learns biases; true by default. */
  bias?: boolean
  /** Input and output are `[n, t, ...]` instead of `[t, n, ...]`; false by default. */
  batchFirst?: boolean
  /** Dropout of the outputs of all layers but the last; 0 by default. */
  dropout?: number
  /** Runs a second cell from the end to the beginning, and puts the outputs side by side; false by default. */
  bidirectional?: boolean
  /** float32 by default. */
  dtype?: DType
}

const whole = /* @__PURE__ */ integer()
/** Each is made at once: a billion of them would end the process. */
const layerCount = /* @__PURE__ */ integer(Number.MIN_SAFE_INTEGER, 10_000)

export const recurrentOptions = /* @__PURE__ */ defineOptions<RecurrentOptions>({
  numLayers: layerCount,
  bias: flag,
  batchFirst: flag,
  dropout: /* @__PURE__ */ kind<number>(
    'a number from 0 to 1',
    probability.accepts,
    () =>
      'dropout should be a number in range [0, 1] representing the probability of an element being zeroed',
  ),
  bidirectional: flag,
  dtype: floatName,
})

/** Options of {@link RNNBase}. */
export interface RNNBaseOptions extends RecurrentOptions {
  /** The hidden state of an LSTM, not its cell, is projected to this size; 0, the default, for no projection. */
  projSize?: number
}

// made when it is needed: a spread at module level would keep it in every bundle
export const rnnBaseOptions = (): OptionTable<RNNBaseOptions> => ({ ...recurrentOptions, projSize: whole })

/** What kind of cell a recurrent layer has. */
export type RNNMode = 'RNN_TANH' | 'RNN_RELU' | 'GRU' | 'LSTM'

const modeKind = /* @__PURE__ */ oneOf('RNN_TANH', 'RNN_RELU', 'GRU', 'LSTM')

/** The parameters of one cell. */
export interface CellWeights {
  readonly ih: Parameter
  readonly hh: Parameter
  readonly biasIh: Parameter | null
  readonly biasHh: Parameter | null
  /** The projection of the hidden state, if there is one. */
  readonly hr: Parameter | null
}

/**
 * The base of {@link RNN}, {@link GRU} and {@link LSTM}, and of recurrent layers of your own: parameters under PyTorch's names
 * (`weight_ih_l0`, `bias_hh_l1_reverse`) for each layer and direction, uniform in ±1/√hiddenSize.
 *
 * @param mode - the cell, which says how many gates the parameters have
 * @param inputSize - features of the input
 * @param hiddenSize - features of the state
 * @throws ValueError for sizes that are not positive, and for `projSize` without an LSTM
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNNBase.html
 * @example
 * class Own extends g.nn.RNNBase {
 *   forward(x: g.Tensor): g.Tensor {
 *     const { ih, biasIh } = this.weightsOf(0)
 *     return g.nn.functional.linear(x, ih, biasIh)
 *   }
 * }
 * new Own('GRU', 3, 4)(g.ones(2, 3)).shape // => [2, 12]
 */
export abstract class RNNBase extends Module {
  readonly mode: RNNMode
  readonly inputSize: number
  readonly hiddenSize: number
  readonly numLayers: number
  readonly bias: boolean
  readonly batchFirst: boolean
  readonly dropout: number
  readonly bidirectional: boolean
  readonly projSize: number

  /** @param table - the options of a class that has others */
  constructor(
    mode: RNNMode,
    inputSize: number,
    hiddenSize: number,
    options?: RNNBaseOptions,
    table: OptionTable<RecurrentOptions> = rnnBaseOptions(),
  ) {
    super()
    const {
      numLayers = 1,
      bias = true,
      batchFirst = false,
      dropout = 0,
      bidirectional = false,
      dtype = 'float32',
    } = takeOptions(nameOf(this), table, options)
    const { projSize = 0 } = options ?? {}
    this.mode = takeArgument(nameOf(this), 'mode', modeKind, mode)
    takeArgument(nameOf(this), 'inputSize', count, inputSize)
    takeArgument(nameOf(this), 'hiddenSize', whole, hiddenSize)
    checkOptions(hiddenSize, numLayers, dropout, projSize)
    if (projSize > 0 && mode !== 'LSTM')
      throw new ValueError('projSize argument is only supported for LSTM, not RNN or GRU')
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.numLayers = numLayers
    this.bias = bias
    this.batchFirst = batchFirst
    this.dropout = dropout
    this.bidirectional = bidirectional
    this.projSize = projSize
    for (let layer = 0; layer < numLayers; layer++) this.addLayer(layer, dtype)
    this.resetParameters()
  }

  private addLayer(layer: number, dtype: DType): void {
    const { inputSize, hiddenSize, projSize, directions, bias } = this
    const out = projSize > 0 ? projSize : hiddenSize
    const width = layer === 0 ? inputSize : out * directions
    const gates = hiddenSize * (this.mode === 'LSTM' ? 4 : this.mode === 'GRU' ? 3 : 1)
    for (let direction = 0; direction < directions; direction++) {
      const suffix = suffixOf(layer, direction)
      const add = (name: string, shape: number[]): void =>
        void this.registerParameter(name + suffix, new Parameter(empty(shape, { dtype })))
      add('weight_ih', [gates, width])
      add('weight_hh', [gates, out])
      if (bias) add('bias_ih', [gates])
      if (bias) add('bias_hh', [gates])
      if (projSize > 0) add('weight_hr', [projSize, hiddenSize])
    }
  }

  protected get directions(): number {
    return this.bidirectional ? 2 : 1
  }

  /** Draws all parameters anew, uniform in ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0
    for (const p of this.parameters()) uniform_(p, -bound, bound)
  }

  /**
   * The parameters of a layer's cell.
   *
   * @param direction - 0 forwards, 1 backwards
   */
  weightsOf(layer: number, direction = 0): CellWeights {
    takeArgument('weightsOf', 'layer', integer(0, this.numLayers - 1), layer)
    takeArgument('weightsOf', 'direction', integer(0, this.directions - 1), direction)
    const of = (name: string): Parameter | null => {
      const value: unknown = Reflect.get(this, name + suffixOf(layer, direction))
      return value instanceof Parameter ? value : null
    }
    return {
      ih: of('weight_ih')!,
      hh: of('weight_hh')!,
      biasIh: of('bias_ih'),
      biasHh: of('bias_hh'),
      hr: of('weight_hr'),
    }
  }

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`]
    if (this.projSize !== 0) parts.push(`proj_size=${this.projSize}`)
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`)
    if (!this.bias) parts.push('bias=False')
    if (this.batchFirst) parts.push('batch_first=True')
    if (this.dropout !== 0) parts.push(`dropout=${float(this.dropout)}`)
    if (this.bidirectional) parts.push(`bidirectional=${bool(true)}`)
    return parts.join(', ')
  }
}

const suffixOf = (layer: number, direction: number): string =>
  `_l${layer}${direction === 1 ? '_reverse' : ''}`

function checkOptions(hiddenSize: number, numLayers: number, dropout: number, projSize: number): void {
  if (hiddenSize <= 0) throw new ValueError('hidden_size must be greater than zero')
  if (numLayers <= 0) throw new ValueError('num_layers must be greater than zero')
  if (projSize < 0) {
    throw new ValueError('proj_size should be a positive integer or zero to disable projections')
  }
  if (projSize >= hiddenSize) throw new ValueError('proj_size has to be smaller than hidden_size')
  if (dropout > 0 && numLayers === 1) {
    warn(
      `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${dropout} and num_layers=${numLayers}`,
    )
  }
}
