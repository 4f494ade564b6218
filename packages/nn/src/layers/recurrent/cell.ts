import {
  type DType,
  ShapeError,
  type Tensor,
  empty,
  gruCell,
  linear,
  lstmCell,
  relu,
  tanh,
  zeros,
} from '@gradus/core/functions'
import {
  aTensor,
  defineOptions,
  describeValue,
  flag,
  kind,
  listOf,
  type OptionTable,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { count, floatName, positive } from '../../module/arguments.ts'
import { uniform_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'

/** Options of {@link LSTMCell} and {@link GRUCell}. */
export interface CellOptions {
  /** Learns biases; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const cellOptions = /* @__PURE__ */ defineOptions<CellOptions>({ bias: flag, dtype: floatName })

const oneState = /* @__PURE__ */ listOf(aTensor, 1)
const twoStates = /* @__PURE__ */ listOf(aTensor, 2)

/**
 * The base of {@link RNNCell}, {@link GRUCell} and {@link LSTMCell}: weights `[numChunks · hiddenSize, ...]` and biases, all
 * uniform in ±1/√hiddenSize.
 *
 * @param numChunks - gates of the cell
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 */
export abstract class RNNCellBase extends Module {
  static override readonly stateKeys = {
    weightIh: 'weight_ih',
    weightHh: 'weight_hh',
    biasIh: 'bias_ih',
    biasHh: 'bias_hh',
  }
  readonly inputSize: number
  readonly hiddenSize: number
  weightIh: Parameter
  weightHh: Parameter
  biasIh: Parameter | null
  biasHh: Parameter | null

  /** @param table - the options of a class that has others */
  constructor(
    inputSize: number,
    hiddenSize: number,
    numChunks: number,
    options?: CellOptions,
    table: OptionTable<CellOptions> = cellOptions,
  ) {
    super()
    const { bias = true, dtype = 'float32' } = takeOptions(nameOf(this), table, options)
    takeArgument(nameOf(this), 'numChunks', positive, numChunks)
    this.inputSize = takeArgument(nameOf(this), 'inputSize', count, inputSize)
    this.hiddenSize = takeArgument(nameOf(this), 'hiddenSize', count, hiddenSize)
    const parameter = (...shape: number[]): Parameter => new Parameter(empty(shape, { dtype }))
    this.weightIh = this.registerParameter('weightIh', parameter(numChunks * hiddenSize, inputSize))
    this.weightHh = this.registerParameter('weightHh', parameter(numChunks * hiddenSize, hiddenSize))
    this.biasIh = this.registerParameter('biasIh', bias ? parameter(numChunks * hiddenSize) : null)
    this.biasHh = this.registerParameter('biasHh', bias ? parameter(numChunks * hiddenSize) : null)
    this.resetParameters()
  }

  /** Draws all parameters anew, uniform in ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0
    for (const p of this.parameters()) uniform_(p, -bound, bound)
  }

  /** Input and states as batches, zeros for states that are not given. */
  protected batches(x: Tensor, state: readonly Tensor[] | null, parts: number): Tensor[] {
    const name = nameOf(this)
    takeTensor(name, 'x', x)
    if (state !== null) takeArgument(name, 'state', parts === 1 ? oneState : twoStates, state)
    if (x.ndim !== 1 && x.ndim !== 2)
      throw new ShapeError(`${name}: Expected input to be 1D or 2D, got ${x.ndim}D instead`)
    for (const [i, s] of (state ?? []).entries()) {
      if (s.ndim !== 1 && s.ndim !== 2) {
        const what = parts > 1 ? `hx[${i}]` : 'hidden'
        throw new ShapeError(`${name}: Expected ${what} to be 1D or 2D, got ${s.ndim}D instead`)
      }
    }
    const lift = (y: Tensor): Tensor => (y.ndim === 2 ? y : y.unsqueeze(0))
    const batch = lift(x)
    const first =
      state?.map(lift) ??
      Array.from({ length: parts }, () => zeros([batch.shape[0], this.hiddenSize], { dtype: x.dtype }))
    return [batch, ...first]
  }

  protected gates(x: Tensor, h: Tensor): [Tensor, Tensor] {
    return [linear(x, this.weightIh, this.biasIh), linear(h, this.weightHh, this.biasHh)]
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh === null ? ', bias=False' : ''}`
  }
}

/** Options of {@link RNNCell}. */
export interface RNNCellOptions extends CellOptions {
  /** 'tanh' by default. */
  nonlinearity?: 'tanh' | 'relu'
}

const rnnCellOptions = /* @__PURE__ */ defineOptions<RNNCellOptions>({
  bias: flag,
  dtype: floatName,
  nonlinearity: /* @__PURE__ */ kind<'tanh' | 'relu'>(
    "'tanh' or 'relu'",
    (x) => x === 'tanh' || x === 'relu',
    (x) => `Unknown nonlinearity: ${describeValue(x)}`,
  ),
})

/**
 * One step of an {@link RNN}: `[n, inputSize]` and a state `[n, hiddenSize]` (zeros by default), both also without `n`.
 *
 * @throws ShapeError, ValueError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 * @example
 * new g.nn.RNNCell(3, 4)(g.ones(2, 3)).shape // => [2, 4]
 */
export class RNNCell extends RNNCellBase {
  static override readonly layerName: string = 'RNNCell'
  readonly nonlinearity: 'tanh' | 'relu'

  constructor(inputSize: number, hiddenSize: number, options?: RNNCellOptions) {
    super(inputSize, hiddenSize, 1, options, rnnCellOptions)
    this.nonlinearity = options?.nonlinearity ?? 'tanh'
  }

  forward(x: Tensor, state: Tensor | null = null): Tensor {
    const [batch, h] = this.batches(x, state === null ? null : [state], 1)
    const [a, b] = this.gates(batch, h)
    const next = this.nonlinearity === 'tanh' ? tanh(a.add(b)) : relu(a.add(b))
    return x.ndim === 2 ? next : next.squeeze(0)
  }

  override extraRepr(): string {
    return super.extraRepr() + (this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`)
  }
}

/**
 * One step of a {@link GRU}: `[n, inputSize]` and a state `[n, hiddenSize]` (zeros by default), both also without `n`.
 *
 * @throws ShapeError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 */
export class GRUCell extends RNNCellBase {
  static override readonly layerName: string = 'GRUCell'
  constructor(inputSize: number, hiddenSize: number, options?: CellOptions) {
    super(inputSize, hiddenSize, 3, options)
  }

  forward(x: Tensor, state: Tensor | null = null): Tensor {
    const [batch, h] = this.batches(x, state === null ? null : [state], 1)
    const [a, b] = this.gates(batch, h)
    const next = gruCell(a, b, h)
    return x.ndim === 2 ? next : next.squeeze(0)
  }
}

/**
 * One step of an {@link LSTM}: `[n, inputSize]` and a pair of hidden state and cell `[n, hiddenSize]` (zeros by default), all
 * also without `n`.
 *
 * @returns the next pair
 * @throws ShapeError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 * @example
 * const [, c] = new g.nn.LSTMCell(3, 4)(g.ones(2, 3))
 * c.shape // => [2, 4]
 */
export class LSTMCell extends RNNCellBase {
  static override readonly layerName: string = 'LSTMCell'
  constructor(inputSize: number, hiddenSize: number, options?: CellOptions) {
    super(inputSize, hiddenSize, 4, options)
  }

  forward(x: Tensor, state: readonly [Tensor, Tensor] | null = null): [Tensor, Tensor] {
    const [batch, h, c] = this.batches(x, state, 2)
    const [a, b] = this.gates(batch, h)
    const { hidden, cell } = lstmCell(a, b, c)
    return x.ndim === 2 ? [hidden, cell] : [hidden.squeeze(0), cell.squeeze(0)]
  }
}
