import {
  cat,
  dropout as drop,
  empty,
  gruCell,
  linear,
  lstmCell,
  ShapeError,
  stack,
  tensor,
  ValueError,
  warn,
  where,
  zeros,
  type DType,
  type Tensor,
} from '@gradus/core'
import { uniform_ } from '../init.ts'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { bool, float } from '../python-text.ts'

/** Options of {@link RNN}, {@link LSTM} and {@link GRU}. */
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

/** What recurrent layers take in a call. */
export interface SequenceOptions {
  /** Steps of each sample: what comes after them is padding, which changes no state and gives zeros. All by default. */
  lengths?: readonly number[] | Tensor | null
}

/** The parameters of one cell. */
export interface CellWeights {
  readonly ih: Parameter
  readonly hh: Parameter
  readonly biasIh: Parameter | null
  readonly biasHh: Parameter | null
  /** The projection of the hidden state, if there is one. */
  readonly hr: Parameter | null
}

/** A sequence of one direction through one layer. */
interface Pass {
  readonly steps: readonly Tensor[]
  readonly state: readonly Tensor[]
}

/**
 * The base of recurrent layers: parameters under PyTorch's names (`weight_ih_l0`, `bias_hh_l1_reverse`), layers,
 * directions, padding.
 */
export abstract class Recurrent extends Module {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly numLayers: number
  readonly bias: boolean
  readonly batchFirst: boolean
  readonly dropout: number
  readonly bidirectional: boolean
  readonly projSize: number

  constructor(
    inputSize: number,
    hiddenSize: number,
    gates: number,
    projSize: number,
    {
      numLayers = 1,
      bias = true,
      batchFirst = false,
      dropout = 0,
      bidirectional = false,
      dtype = 'float32',
    }: RecurrentOptions,
  ) {
    super()
    checkOptions(hiddenSize, numLayers, dropout, projSize)
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.numLayers = numLayers
    this.bias = bias
    this.batchFirst = batchFirst
    this.dropout = dropout
    this.bidirectional = bidirectional
    this.projSize = projSize
    const out = projSize > 0 ? projSize : hiddenSize
    for (let layer = 0; layer < numLayers; layer++) {
      const width = layer === 0 ? inputSize : out * this.directions
      for (let direction = 0; direction < this.directions; direction++) {
        const suffix = suffixOf(layer, direction)
        const add = (name: string, shape: number[]): void =>
          this.registerParameter(name + suffix, new Parameter(empty(shape, { dtype })))
        add('weight_ih', [gates * hiddenSize, width])
        add('weight_hh', [gates * hiddenSize, out])
        if (bias) add('bias_ih', [gates * hiddenSize])
        if (bias) add('bias_hh', [gates * hiddenSize])
        if (projSize > 0) add('weight_hr', [projSize, hiddenSize])
      }
    }
    this.resetParameters()
  }

  private get directions(): number {
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
    // registered by the constructor under these names, or absent
    const of = (name: string): unknown => Reflect.get(this, name + suffixOf(layer, direction)) ?? null
    return {
      ih: of('weight_ih') as Parameter, // likewise
      hh: of('weight_hh') as Parameter, // likewise
      biasIh: of('bias_ih') as Parameter | null, // likewise
      biasHh: of('bias_hh') as Parameter | null, // likewise
      hr: of('weight_hr') as Parameter | null, // likewise
    }
  }

  /** The next state from what the input gives to the gates; the first part of a state is what is put out. */
  protected abstract step(gates: Tensor, state: readonly Tensor[], weights: CellWeights): readonly Tensor[]

  /** The last axis of each part of the state. */
  protected abstract stateSizes(): readonly number[]

  /** Output and last states of a sequence. */
  protected sequence(
    given: Tensor,
    initial: readonly Tensor[] | null,
    lengths: SequenceOptions['lengths'],
  ): { output: Tensor; state: Tensor[] } {
    const isBatch = given.ndim === 3
    this.checkInput(given, initial)
    let x = isBatch ? given : given.unsqueeze(1)
    if (this.batchFirst && isBatch) x = x.transpose(0, 1)
    const [time, n] = x.shape
    const count = this.numLayers * this.directions
    const first =
      initial?.map((s) => (isBatch ? s : s.unsqueeze(1))) ??
      this.stateSizes().map((size) => zeros([count, n, size], { dtype: x.dtype }))
    this.checkState(first, n)
    const masks = maskOf(lengths ?? null, time, n)
    const last: Tensor[][] = this.stateSizes().map(() => [])
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs = Array.from({ length: this.directions }, (_, direction) => {
        const state = first.map((s) => s.select(0, layer * this.directions + direction))
        const pass = this.pass(x, state, this.weightsOf(layer, direction), direction === 1, masks)
        pass.state.forEach((s, i) => last[i].push(s))
        return stack(pass.steps, 0)
      })
      x = outputs.length === 1 ? outputs[0] : cat(outputs, 2)
      if (this.dropout > 0 && layer < this.numLayers - 1) {
        x = drop(x, this.dropout, { training: this.training })
      }
    }
    const state = last.map((s) => stack(s, 0))
    if (!isBatch) return { output: x.squeeze(1), state: state.map((s) => s.squeeze(1)) }
    return { output: this.batchFirst ? x.transpose(0, 1) : x, state }
  }

  private pass(
    x: Tensor,
    initial: readonly Tensor[],
    weights: CellWeights,
    backwards: boolean,
    masks: readonly (Tensor | null)[],
  ): Pass {
    // the products with the input need no state: one for all steps
    const gates = linear(x, weights.ih, weights.biasIh).unbind(0)
    const steps: Tensor[] = new Array<Tensor>(gates.length)
    let state = initial
    for (let i = 0; i < gates.length; i++) {
      const t = backwards ? gates.length - 1 - i : i
      const before = state
      const next = this.step(gates[t], before, weights)
      const mask = masks[t]
      state = mask ? next.map((s, k) => where(mask, s, before[k])) : next
      steps[t] = mask ? where(mask, next[0], 0) : next[0]
    }
    return { steps, state }
  }

  private checkInput(x: Tensor, initial: readonly Tensor[] | null): void {
    const name = this.constructor.name
    if (x.ndim !== 2 && x.ndim !== 3)
      throw new ShapeError(`${name}: Expected input to be 2D or 3D, got ${x.ndim}D instead`)
    if (x.shape.at(-1) !== this.inputSize) {
      throw new ShapeError(
        `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${x.shape.at(-1)}`,
      )
    }
    for (const s of initial ?? []) {
      if (s.ndim !== x.ndim) {
        throw new ShapeError(
          `For ${x.ndim === 2 ? 'unbatched 2-D' : 'batched 3-D'} input, hx should also be ${x.ndim}-D but got ${s.ndim}-D tensor`,
        )
      }
    }
  }

  private checkState(state: readonly Tensor[], n: number): void {
    this.stateSizes().forEach((size, i) => {
      const expected = [this.numLayers * this.directions, n, size]
      if (state[i].shape.join() !== expected.join()) {
        const what = state.length > 1 ? ['hidden[0]', 'hidden[1]'][i] : 'hidden'
        throw new ShapeError(
          `Expected ${what} size (${expected.join(', ')}), got [${state[i].shape.join(', ')}]`,
        )
      }
    })
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
  if (!(dropout >= 0 && dropout <= 1)) {
    throw new ValueError(
      'dropout should be a number in range [0, 1] representing the probability of an element being zeroed',
    )
  }
  if (dropout > 0 && numLayers === 1) {
    warn(
      `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${dropout} and num_layers=${numLayers}`,
    )
  }
}

/** Per step which samples have it, `[n, 1]`; null where all do. */
function maskOf(lengths: SequenceOptions['lengths'] | null, time: number, n: number): (Tensor | null)[] {
  if (!lengths) return new Array<Tensor | null>(time).fill(null)
  // a list of numbers is told from a tensor by its kind
  const list = Array.isArray(lengths)
    ? (lengths as readonly number[])
    : Array.from((lengths as Tensor).readSync(), Number)
  if (list.length !== n) {
    throw new ShapeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${list.length} (batch_size=${n})`,
    )
  }
  for (const length of list) {
    if (!(length > 0 && length <= time)) {
      throw new ValueError(
        `Length of all samples has to be greater than 0 and at most ${time}, but found an element of ${length} in 'lengths'`,
      )
    }
  }
  return Array.from({ length: time }, (_, t) =>
    list.every((length) => t < length) ? null : tensor(list.map((length) => [t < length])),
  )
}

/** Options of {@link RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** 'tanh' by default. */
  nonlinearity?: 'tanh' | 'relu'
}

/**
 * `h' = tanh(W x + b + U h + c)` over a sequence: `[t, n, inputSize]` to `[t, n, directions · hiddenSize]`.
 *
 * Called with a sequence (`[t, inputSize]` without a batch) and the first state `[layers · directions, n, hiddenSize]`,
 * zeros by default; gives the outputs and the last state. All parameters are uniform in ±1/√hiddenSize.
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
  readonly nonlinearity: 'tanh' | 'relu'

  constructor(inputSize: number, hiddenSize: number, { nonlinearity = 'tanh', ...options }: RNNOptions = {}) {
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') {
      throw new ValueError(`Unknown nonlinearity '${String(nonlinearity)}'. Select from 'tanh' or 'relu'.`)
    }
    super(inputSize, hiddenSize, 1, 0, options)
    this.nonlinearity = nonlinearity
  }

  protected stateSizes(): readonly number[] {
    return [this.hiddenSize]
  }

  protected step(gates: Tensor, [h]: readonly Tensor[], { hh, biasHh }: CellWeights): readonly Tensor[] {
    const sum = gates.add(linear(h, hh, biasHh))
    return [this.nonlinearity === 'tanh' ? sum.tanh() : sum.relu()]
  }

  forward(x: Tensor, state: Tensor | null = null, { lengths }: SequenceOptions = {}): [Tensor, Tensor] {
    const result = this.sequence(x, state ? [state] : null, lengths)
    return [result.output, result.state[0]]
  }
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
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 3, 0, options)
  }

  protected stateSizes(): readonly number[] {
    return [this.hiddenSize]
  }

  protected step(gates: Tensor, [h]: readonly Tensor[], { hh, biasHh }: CellWeights): readonly Tensor[] {
    return [gruCell(gates, linear(h, hh, biasHh), h)]
  }

  forward(x: Tensor, state: Tensor | null = null, { lengths }: SequenceOptions = {}): [Tensor, Tensor] {
    const result = this.sequence(x, state ? [state] : null, lengths)
    return [result.output, result.state[0]]
  }
}

/** Options of {@link LSTM}. */
export interface LSTMOptions extends RecurrentOptions {
  /** The hidden state, not the cell, is projected to this size; 0, the default, for no projection. */
  projSize?: number
}

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
  constructor(inputSize: number, hiddenSize: number, { projSize = 0, ...options }: LSTMOptions = {}) {
    super(inputSize, hiddenSize, 4, projSize, options)
  }

  protected stateSizes(): readonly number[] {
    return [this.projSize > 0 ? this.projSize : this.hiddenSize, this.hiddenSize]
  }

  protected step(gates: Tensor, [h, c]: readonly Tensor[], weights: CellWeights): readonly Tensor[] {
    const { hidden, cell } = lstmCell(gates, linear(h, weights.hh, weights.biasHh), c)
    return [weights.hr ? linear(hidden, weights.hr) : hidden, cell]
  }

  forward(
    x: Tensor,
    state: readonly [Tensor, Tensor] | null = null,
    { lengths }: SequenceOptions = {},
  ): [Tensor, [Tensor, Tensor]] {
    const result = this.sequence(x, state, lengths)
    return [result.output, [result.state[0], result.state[1]]]
  }
}
