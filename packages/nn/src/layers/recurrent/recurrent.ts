import {
  type DType,
  ShapeError,
  type Tensor,
  ValueError,
  cat,
  empty,
  linear,
  stack,
  unbind,
  where,
  zeros,
} from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  integer,
  kind,
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
import {
  dropoutBetween,
  paddingOf,
  sequenceOptions,
  type SequenceOptions,
  withoutPadding,
} from './padding.ts'

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

export const recurrentOptions = /* @__PURE__ */ defineOptions<RecurrentOptions>({
  numLayers: whole,
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
    options: RecurrentOptions | undefined,
    table: OptionTable<RecurrentOptions> = recurrentOptions,
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
    takeArgument(nameOf(this), 'inputSize', count, inputSize)
    takeArgument(nameOf(this), 'hiddenSize', whole, hiddenSize)
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
          void this.registerParameter(name + suffix, new Parameter(empty(shape, { dtype })))
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

  /** The next state from what the input gives to the gates; the first part of a state is what is put out. */
  protected abstract step(gates: Tensor, state: readonly Tensor[], weights: CellWeights): readonly Tensor[]

  /** The last axis of each part of the state. */
  protected abstract stateSizes(): readonly number[]

  /** Output and last states of a sequence. */
  protected sequence(
    given: Tensor,
    initial: readonly Tensor[] | null,
    callOptions: SequenceOptions | undefined,
  ): { output: Tensor; state: Tensor[] } {
    const options = takeOptions(nameOf(this), sequenceOptions, callOptions)
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
    const padding = paddingOf(options, time, n, this.batchFirst && isBatch)
    x = withoutPadding(x, padding)
    const last: Tensor[][] = this.stateSizes().map(() => [])
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs = Array.from({ length: this.directions }, (_, direction) => {
        const state = first.map((s) => s.select(0, layer * this.directions + direction))
        const pass = this.pass(x, state, this.weightsOf(layer, direction), direction === 1, padding.steps)
        pass.state.forEach((s, i) => last[i].push(s))
        return stack(pass.steps, 0)
      })
      x = outputs.length === 1 ? outputs[0] : cat(outputs, 2)
      if (this.training && this.dropout > 0 && layer < this.numLayers - 1)
        x = dropoutBetween(x, this.dropout, padding)
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
    const gates = unbind(linear(x, weights.ih, weights.biasIh), 0)
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
    const name = nameOf(this)
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
  if (dropout > 0 && numLayers === 1) {
    warn(
      `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${dropout} and num_layers=${numLayers}`,
    )
  }
}
