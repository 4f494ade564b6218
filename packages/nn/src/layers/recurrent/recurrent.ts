import {
  ShapeError,
  type Tensor,
  ValueError,
  cat,
  dropout,
  indexSelect,
  linear,
  split,
  stack,
  unbind,
  where,
  zeros,
} from '@gradus/core/functions'
import { takeOptions, takeTensor, takeTensors } from '@gradus/core/internal'
import { nameOf } from '../../module/name-of.ts'
import { packedPass } from './packed-pass.ts'
import { PackedSequence, sizesOf, withData } from './packed-sequence.ts'
import {
  dropoutBetween,
  paddingOf,
  sequenceOptions,
  type SequenceOptions,
  withoutPadding,
} from './padding.ts'
import { type CellWeights, RNNBase } from './rnn-base.ts'

/** A sequence of one direction through one layer. */
export interface Pass {
  readonly steps: readonly Tensor[]
  readonly state: readonly Tensor[]
}

/** How sequences of one form go through a layer. */
interface Form {
  /** The gates' part of the input for each step. */
  split(gates: Tensor): readonly Tensor[]
  /** One direction. */
  pass(
    gates: readonly Tensor[],
    initial: readonly Tensor[],
    backwards: boolean,
    step: (gates: Tensor, state: readonly Tensor[]) => readonly Tensor[],
  ): Pass
  join(steps: readonly Tensor[]): Tensor
  dropout(x: Tensor): Tensor
}

/** A recurrent layer whose cell is a function of gates and state: layers, directions, padding, packed sequences. */
export abstract class Recurrent extends RNNBase {
  /** The next state from what the input gives to the gates; the first part of a state is what is put out. */
  protected abstract step(gates: Tensor, state: readonly Tensor[], weights: CellWeights): readonly Tensor[]

  /** The last axis of each part of the state. */
  protected abstract stateSizes(): readonly number[]

  /** Output, of the form of the input, and last states of a sequence. */
  protected sequence<X extends Tensor | PackedSequence>(
    given: X,
    initial: readonly Tensor[] | null,
    callOptions: SequenceOptions | undefined,
  ): { output: X; state: Tensor[] } {
    const options = takeOptions(nameOf(this), sequenceOptions, callOptions)
    const isPacked = given instanceof PackedSequence
    if (!isPacked) takeTensor(nameOf(this), 'x', given)
    if (initial !== null) takeTensors(nameOf(this), 'state', initial)
    const result = isPacked ? this.ofPacked(given, initial, options) : this.ofSteps(given, initial, options)
    return { output: result.output as X, state: result.state } // each gives what it takes
  }

  private ofSteps(
    given: Tensor,
    initial: readonly Tensor[] | null,
    options: SequenceOptions,
  ): { output: Tensor; state: Tensor[] } {
    const isBatch = given.ndim === 3
    this.checkInput(given, initial)
    let x = isBatch ? given : given.unsqueeze(1)
    if (this.batchFirst && isBatch) x = x.transpose(0, 1)
    const [time, n] = x.shape
    const first = this.firstState(initial?.map((s) => (isBatch ? s : s.unsqueeze(1))) ?? null, n, x)
    const padding = paddingOf(options, time, n, this.batchFirst && isBatch)
    const { output, state } = this.layers(withoutPadding(x, padding), first, {
      split: (gates) => unbind(gates, 0),
      pass: (gates, before, backwards, step) => paddedPass(gates, before, backwards, step, padding.steps),
      join: (steps) => stack(steps, 0),
      dropout: (y) => dropoutBetween(y, this.dropout, padding),
    })
    if (!isBatch) return { output: output.squeeze(1), state: state.map((s) => s.squeeze(1)) }
    return { output: this.batchFirst ? output.transpose(0, 1) : output, state }
  }

  private ofPacked(
    packed: PackedSequence,
    initial: readonly Tensor[] | null,
    { lengths, mask }: SequenceOptions,
  ): { output: PackedSequence; state: Tensor[] } {
    if (lengths != null || mask != null)
      throw new ValueError(
        `${nameOf(this)}: a packed sequence has its lengths, and takes neither lengths nor a mask`,
      )
    const { data, sortedIndices, unsortedIndices } = packed
    if (data.ndim !== 2) throw new ShapeError(`input must have 2 dimensions, got ${data.ndim}`)
    this.checkWidth(data)
    const sizes = [...sizesOf(packed)]
    const ordered = (state: readonly Tensor[], order: Tensor | null): Tensor[] =>
      state.map((s) => (order ? indexSelect(s, 1, order) : s))
    const first = this.firstState(initial, sizes[0], data)
    const { output, state } = this.layers(data, ordered(first, sortedIndices), {
      split: (gates) => split(gates, sizes, 0),
      pass: packedPass,
      join: (steps) => cat([...steps], 0),
      dropout: (y) => dropout(y, this.dropout),
    })
    return { output: withData(packed, output), state: ordered(state, unsortedIndices) }
  }

  private layers(given: Tensor, first: readonly Tensor[], form: Form): { output: Tensor; state: Tensor[] } {
    const last: Tensor[][] = first.map(() => [])
    let x = given
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs = Array.from({ length: this.directions }, (_, direction) => {
        const initial = first.map((s) => s.select(0, layer * this.directions + direction))
        const weights = this.weightsOf(layer, direction)
        // the products with the input need no state: one for all steps
        const gates = form.split(linear(x, weights.ih, weights.biasIh))
        const pass = form.pass(gates, initial, direction === 1, (g, state) => this.step(g, state, weights))
        pass.state.forEach((s, i) => last[i].push(s))
        return form.join(pass.steps)
      })
      x = outputs.length === 1 ? outputs[0] : cat(outputs, -1)
      if (this.training && this.dropout > 0 && layer < this.numLayers - 1) x = form.dropout(x)
    }
    return { output: x, state: last.map((s) => stack(s, 0)) }
  }

  /** The states before the first step, of `n` sequences; zeros if none are given. */
  private firstState(initial: readonly Tensor[] | null, n: number, x: Tensor): readonly Tensor[] {
    const layers = this.numLayers * this.directions
    if (initial === null) return this.stateSizes().map((size) => zeros([layers, n, size], { dtype: x.dtype }))
    this.checkState(initial, n)
    return initial
  }

  private checkInput(x: Tensor, initial: readonly Tensor[] | null): void {
    const name = nameOf(this)
    if (x.ndim !== 2 && x.ndim !== 3)
      throw new ShapeError(`${name}: Expected input to be 2D or 3D, got ${x.ndim}D instead`)
    this.checkWidth(x)
    for (const s of initial ?? []) {
      if (s.ndim !== x.ndim) {
        throw new ShapeError(
          `For ${x.ndim === 2 ? 'unbatched 2-D' : 'batched 3-D'} input, hx should also be ${x.ndim}-D but got ${s.ndim}-D tensor`,
        )
      }
    }
  }

  private checkWidth(x: Tensor): void {
    if (x.shape.at(-1) !== this.inputSize) {
      throw new ShapeError(
        `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${x.shape.at(-1)}`,
      )
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
}

/** One direction of a layer over steps of all samples; a sample whose step is padding keeps its state and gives zeros. */
function paddedPass(
  gates: readonly Tensor[],
  initial: readonly Tensor[],
  backwards: boolean,
  step: (gates: Tensor, state: readonly Tensor[]) => readonly Tensor[],
  masks: readonly (Tensor | null)[],
): Pass {
  const steps = new Array<Tensor>(gates.length)
  let state = initial
  for (let i = 0; i < gates.length; i++) {
    const t = backwards ? gates.length - 1 - i : i
    const before = state
    const next = step(gates[t], before)
    const mask = masks[t]
    state = mask ? next.map((s, k) => where(mask, s, before[k])) : next
    steps[t] = mask ? where(mask, next[0], 0) : next[0]
  }
  return { steps, state }
}
