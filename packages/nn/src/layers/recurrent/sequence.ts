import { type Tensor, gruCell, linear, lstmCell, relu, tanh } from '@gradus/core/functions'
import { describeValue, kind, type OptionTable } from '@gradus/core/internal'
import type { PackedSequence } from './packed-sequence.ts'
import type { SequenceOptions } from './padding.ts'
import { Recurrent } from './recurrent.ts'
import { type CellWeights, type RecurrentOptions, recurrentOptions, type RNNBaseOptions } from './rnn-base.ts'

/** Options of {@link RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** 'tanh' by default. */
  nonlinearity?: 'tanh' | 'relu'
}

// made when it is needed: a spread at module level would keep it in every bundle
const rnnOptions = (): OptionTable<RNNOptions> => ({
  ...recurrentOptions,
  nonlinearity: kind<'tanh' | 'relu'>(
    "'tanh' or 'relu'",
    (x) => x === 'tanh' || x === 'relu',
    (x) => `Unknown nonlinearity ${describeValue(x)}. Select from 'tanh' or 'relu'.`,
  ),
})

/**
 * `h' = tanh(W x + b + U h + c)` over a sequence: `[t, n, inputSize]` to `[t, n, directions · hiddenSize]`.
 *
 * Called with a sequence (`[t, inputSize]` without a batch) and the first state `[layers · directions, n, hiddenSize]`,
 * zeros by default; gives the outputs and the last state. A {@link PackedSequence} gives one, and states in the order that its
 * sequences had before they were packed. All parameters are uniform in ±1/√hiddenSize.
 *
 * @throws ShapeError, ValueError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
 * @example
 * const layer = new g.nn.RNN(3, 4, { batchFirst: true })
 * const [output, state] = layer(g.ones(2, 5, 3))
 * output.shape // => [2, 5, 4]
 * state.shape // => [1, 2, 4]
 */
export class RNN extends Recurrent {
  static override readonly layerName: string = 'RNN'
  readonly nonlinearity: 'tanh' | 'relu'

  constructor(inputSize: number, hiddenSize: number, options?: RNNOptions) {
    super(
      options?.nonlinearity === 'relu' ? 'RNN_RELU' : 'RNN_TANH',
      inputSize,
      hiddenSize,
      options,
      rnnOptions(),
    )
    this.nonlinearity = options?.nonlinearity ?? 'tanh'
  }

  protected stateSizes(): readonly number[] {
    return [this.hiddenSize]
  }

  protected step(gates: Tensor, [h]: readonly Tensor[], { hh, biasHh }: CellWeights): readonly Tensor[] {
    const sum = gates.add(linear(h, hh, biasHh))
    return [this.nonlinearity === 'tanh' ? tanh(sum) : relu(sum)]
  }

  forward(x: PackedSequence, state?: Tensor | null): [PackedSequence, Tensor]
  forward(x: Tensor, state?: Tensor | null, options?: SequenceOptions): [Tensor, Tensor]
  forward<X extends Tensor | PackedSequence>(
    x: X,
    state: Tensor | null = null,
    options?: SequenceOptions,
  ): [X, Tensor] {
    const result = this.sequence(x, state === null ? null : [state], options)
    return [result.output, result.state[0]]
  }
}
/** A packed sequence gives one. */
export interface RNN {
  (x: PackedSequence, state?: Tensor | null): [PackedSequence, Tensor]
}

/**
 * Gated recurrent units over a sequence: `[t, n, inputSize]` to `[t, n, directions · hiddenSize]`; see {@link RNN}.
 *
 * @see Cho et al. 2014, https://arxiv.org/abs/1406.1078
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
 * @example
 * const [output] = new g.nn.GRU(3, 4)(g.ones(5, 2, 3), null, { lengths: [5, 2] })
 * output.select(1, 1).select(0, 4).tolist() // => [0, 0, 0, 0]
 */
export class GRU extends Recurrent {
  static override readonly layerName: string = 'GRU'
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentOptions) {
    super('GRU', inputSize, hiddenSize, options, recurrentOptions)
  }

  protected stateSizes(): readonly number[] {
    return [this.hiddenSize]
  }

  protected step(gates: Tensor, [h]: readonly Tensor[], { hh, biasHh }: CellWeights): readonly Tensor[] {
    return [gruCell(gates, linear(h, hh, biasHh), h)]
  }

  forward(x: PackedSequence, state?: Tensor | null): [PackedSequence, Tensor]
  forward(x: Tensor, state?: Tensor | null, options?: SequenceOptions): [Tensor, Tensor]
  forward<X extends Tensor | PackedSequence>(
    x: X,
    state: Tensor | null = null,
    options?: SequenceOptions,
  ): [X, Tensor] {
    const result = this.sequence(x, state === null ? null : [state], options)
    return [result.output, result.state[0]]
  }
}
/** A packed sequence gives one. */
export interface GRU {
  (x: PackedSequence, state?: Tensor | null): [PackedSequence, Tensor]
}

/** Options of {@link LSTM}. */
export type LSTMOptions = RNNBaseOptions

/**
 * Long short-term memory over a sequence: `[t, n, inputSize]` to `[t, n, directions · hiddenSize]`; see {@link RNN}. The
 * state is a pair: hidden `[layers · directions, n, projSize or hiddenSize]` and cell `[layers · directions, n, hiddenSize]`.
 *
 * @see Hochreiter & Schmidhuber 1997, https://www.bioinf.jku.at/publications/older/2604.pdf
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 * @example
 * const layer = new g.nn.LSTM(3, 4, { numLayers: 2 })
 * const [output, [h, c]] = layer(g.ones(5, 2, 3))
 * output.shape // => [5, 2, 4]
 * h.shape // => [2, 2, 4]
 * c.shape // => [2, 2, 4]
 */
export class LSTM extends Recurrent {
  static override readonly layerName: string = 'LSTM'
  constructor(inputSize: number, hiddenSize: number, options?: LSTMOptions) {
    super('LSTM', inputSize, hiddenSize, options)
  }

  protected stateSizes(): readonly number[] {
    return [this.projSize > 0 ? this.projSize : this.hiddenSize, this.hiddenSize]
  }

  protected step(gates: Tensor, [h, c]: readonly Tensor[], weights: CellWeights): readonly Tensor[] {
    const { hidden, cell } = lstmCell(gates, linear(h, weights.hh, weights.biasHh), c)
    return [weights.hr ? linear(hidden, weights.hr) : hidden, cell]
  }

  forward(x: PackedSequence, state?: readonly [Tensor, Tensor] | null): [PackedSequence, [Tensor, Tensor]]
  forward(
    x: Tensor,
    state?: readonly [Tensor, Tensor] | null,
    options?: SequenceOptions,
  ): [Tensor, [Tensor, Tensor]]
  forward<X extends Tensor | PackedSequence>(
    x: X,
    state: readonly [Tensor, Tensor] | null = null,
    options?: SequenceOptions,
  ): [X, [Tensor, Tensor]] {
    const result = this.sequence(x, state, options)
    return [result.output, [result.state[0], result.state[1]]]
  }
}
/** A packed sequence gives one. */
export interface LSTM {
  (x: PackedSequence, state?: readonly [Tensor, Tensor] | null): [PackedSequence, [Tensor, Tensor]]
}
