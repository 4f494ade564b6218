import { isFloat, Tensor, ValueError } from '@gradus/core/functions'
import { sameShape } from '@gradus/core/backend'
import { describeValue } from '@gradus/core/internal'
import type { AccumulatorStateDict } from './types.ts'

/** The numbers of a window; its gradients are in `p.grad`. */
export interface Window {
  microBatches: number
  weight: number
  /** Gradients are kept in units of this weight, that of the first micro-batch: so they stay as large as a mean. */
  unit: number | null
  loss: number
  /** Whether weights are given. */
  weighted: boolean | null
  scale: number | null
}

export const emptyWindow = (): Window => ({
  microBatches: 0,
  weight: 0,
  unit: null,
  loss: 0,
  weighted: null,
  scale: null,
})

const isNumber = (x: unknown): boolean => typeof x === 'number' && Number.isFinite(x)
const orNull =
  (fits: (x: unknown) => boolean) =>
  (x: unknown): boolean =>
    x === null || fits(x)

/** The numbers of a window as a checkpoint has them. */
const numbers: Readonly<Record<string, (x: unknown) => boolean>> = {
  micro_batches: (x) => Number.isSafeInteger(x) && Number(x) >= 0,
  weight: (x) => isNumber(x) && Number(x) >= 0,
  unit: orNull((x) => isNumber(x) && Number(x) > 0),
  // of a window with an infinite loss it is infinite, which JSON writes as null
  loss: orNull((x) => typeof x === 'number'),
  weighted: orNull((x) => typeof x === 'boolean'),
  scale: orNull((x) => isNumber(x) && Number(x) > 0),
}

/** @throws ValueError for a window that is none, or is of other parameters */
export function checkWindowState(state: AccumulatorStateDict, params: readonly Tensor[]): void {
  // anything may come from a file
  const given: unknown = state
  if (typeof given !== 'object' || given === null || !('gradients' in given)) {
    throw new ValueError(
      `GradAccumulator.loadStateDict takes what stateDict() gave, got ${describeValue(given)}`,
    )
  }
  for (const [name, fits] of Object.entries(numbers)) {
    const value: unknown = Reflect.get(given, name)
    if (!fits(value)) throw new ValueError(`the loaded window has ${name} ${describeValue(value)}`)
  }
  for (const [number, grad] of Object.entries(state.gradients)) {
    const p: Tensor | undefined = params[Number(number)]
    if (!(grad instanceof Tensor)) {
      throw new ValueError(
        `the loaded window has ${describeValue(grad)} as the gradient of parameter ${number}`,
      )
    }
    if (!p || !sameShape(p.shape, grad.shape)) {
      throw new ValueError(
        `the loaded window has a gradient of shape [${grad.shape.join(', ')}] for parameter ${number}, which ` +
          (p ? `is [${p.shape.join(', ')}]` : 'the optimizer does not have'),
      )
    }
    if (!isFloat(grad.dtype)) {
      throw new ValueError(`the loaded window has a gradient of dtype ${grad.dtype} for parameter ${number}`)
    }
  }
}
