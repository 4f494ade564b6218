import {
  ShapeError,
  Tensor,
  ValueError,
  dropout,
  indexAdd,
  indexSelect,
  tensor,
  unbind,
  where,
  zeros,
} from '@gradus/core/functions'
import { defineOptions, either, integer, listOf, nullable } from '@gradus/core/internal'
import { optionalTensor, tensor as tensorKind } from '../../module/arguments.ts'

/** Options of a call of a recurrent layer. */
export interface SequenceOptions {
  /** Steps of each sample; all by default. Later steps are padding: they change no state and give zeros. */
  lengths?: readonly number[] | Tensor | null
  /**
   * The steps that count, where padding may be anywhere: bool, true where a step counts, `[t, n]` (`[n, t]` with `batchFirst`).
   * A step that does not count changes no state and gives zeros. Instead of `lengths`.
   */
  mask?: Tensor | null
}

export const sequenceOptions = /* @__PURE__ */ defineOptions<SequenceOptions>({
  lengths: /* @__PURE__ */ nullable(
    /* @__PURE__ */ either(/* @__PURE__ */ listOf(/* @__PURE__ */ integer()), tensorKind),
  ),
  mask: optionalTensor,
})

/** The padding of a batch of sequences. */
export interface Padding {
  /** Which samples have a step: bool `[t, n, 1]`; null where all have all. */
  readonly mask: Tensor | null
  /** The same for each step, `[n, 1]`; null where all samples have it. */
  readonly steps: readonly (Tensor | null)[]
  /** Steps of each sample, where they are known. */
  readonly lengths: readonly number[] | null
}

/** Reads the padding of a batch of `n` sequences of `time` steps. */
export function paddingOf(
  { lengths = null, mask = null }: SequenceOptions,
  time: number,
  n: number,
  batchFirst: boolean,
): Padding {
  if (mask !== null) {
    if (lengths !== null) {
      throw new ValueError('a sequence is padded by lengths or by a mask, not by both', {
        hint: 'the mask says all that lengths say',
      })
    }
    const whole = stepsOf(mask, time, n, batchFirst)
    return { mask: whole, steps: unbind(whole, 0), lengths: null }
  }
  if (lengths === null) return { mask: null, steps: new Array<null>(time).fill(null), lengths: null }
  const list = lengths instanceof Tensor ? Array.from(lengths.readSync(), Number) : lengths
  checkLengths(list, time, n)
  if (list.every((length) => length === time))
    return { mask: null, steps: new Array<null>(time).fill(null), lengths: list }
  const whole = tensor(Array.from({ length: time }, (_, t) => list.map((length) => [t < length])))
  const steps = unbind(whole, 0).map((step, t) => (list.every((length) => t < length) ? null : step))
  return { mask: whole, steps, lengths: list }
}

function checkLengths(list: readonly number[], time: number, n: number): void {
  if (list.length !== n) {
    throw new ShapeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${list.length} (batch_size=${n})`,
    )
  }
  for (const length of list) {
    if (!(Number.isInteger(length) && length > 0 && length <= time)) {
      throw new ValueError(
        `Length of all samples has to be greater than 0 and at most ${time}, but found an element of ${length} in 'lengths'`,
      )
    }
  }
}

function stepsOf(mask: Tensor, time: number, n: number, batchFirst: boolean): Tensor {
  const expected = batchFirst ? [n, time] : [time, n]
  if (mask.dtype !== 'bool' || mask.shape.join() !== expected.join()) {
    throw new ShapeError(
      `a mask is bool of shape [${expected.join(', ')}], got ${mask.dtype} of shape [${mask.shape.join(', ')}]`,
      { hint: 'true where a step counts: the input without its last axis' },
    )
  }
  return (batchFirst ? mask.t() : mask).unsqueeze(2)
}

/** The input with zeros for padding: NaN there would make NaN of every gradient, as 0 · NaN. */
export const withoutPadding = (x: Tensor, { mask }: Padding): Tensor =>
  mask === null ? x : where(mask, x, 0)

/**
 * Dropout between layers. Where lengths are known, numbers are drawn as PyTorch draws them for a packed sequence: step by step
 * for the samples that have the step, the longest sample first.
 */
export function dropoutBetween(x: Tensor, p: number, { mask, lengths }: Padding): Tensor {
  if (lengths === null || mask === null) return dropout(x, p)
  const [time, n, features] = x.shape
  const samples = lengths.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a])
  const rows = Array.from({ length: time }, (_, t) =>
    samples.filter((i) => t < lengths[i]).map((i) => t * n + i),
  ).flat()
  const at = tensor(Int32Array.from(rows))
  const packed = dropout(indexSelect(x.reshape([time * n, features]), 0, at), p)
  return indexAdd(zeros([time * n, features], { dtype: packed.dtype }), 0, at, packed).reshape([
    time,
    n,
    features,
  ])
}
