import { isFloat, Tensor, ValueError, type Shape } from '@gradus/core/functions'
import { sameShape } from '@gradus/core/backend'
import { internals } from '@gradus/core/internal'
import type { Declaration } from './declaration.ts'
import { loadedNumber, loadedTensor } from './loaded.ts'
import { checkMaster } from './masters.ts'
import { snake, type ParamState } from './state-dict.ts'
import { stateDType } from './state-dtype.ts'

const size = (shape: Shape): string => `[${shape.join(', ')}]`

/**
 * The state of a parameter out of a state dict, as an optimizer of this declaration keeps it.
 *
 * @param given - under the names that gradus uses
 * @throws ValueError for an entry that is missing, unknown, or of another shape or kind
 */
export function declaredState<O>(
  declaration: Declaration<O>,
  options: O,
  p: Tensor,
  given: Readonly<Record<string, unknown>>,
  at: string,
): ParamState {
  const counters = Object.keys(declaration.counters ? declaration.counters(options) : { step: 0 })
  const own: ParamState = {}
  for (const name in given) {
    const value = given[name]
    if (value === null || value === undefined) continue
    if (counters.includes(name)) own[name] = loadedNumber(value, snake(name), at)
    else if (name in declaration.state) {
      const shape = declaration.state[name].shape?.(p) ?? p.shape
      own[name] = loadedTensor(value, shape, p, snake(name), at)
    } else {
      const known = [...counters, ...Object.keys(declaration.state)].map(snake).join(', ')
      throw new ValueError(
        `the loaded state of ${at} has ${snake(name)}, which ${declaration.name} does not keep`,
        {
          hint: known === '' ? 'it keeps no state' : `it keeps ${known}`,
        },
      )
    }
  }
  if (Object.keys(own).length === 0) return own
  const needed = Object.keys(declaration.state).filter((name) => {
    const { when, optional } = declaration.state[name]
    return !optional && (when?.(options, p) ?? true)
  })
  const missing = [...counters, ...needed].find((name) => !(name in own))
  if (missing !== undefined) {
    throw new ValueError(
      `the loaded state of ${at} has no ${snake(missing)}, which ${declaration.name} needs`,
    )
  }
  return own
}

/** The state of a parameter as an optimizer without a declaration keeps it: numbers by these names, tensors copied. */
export function anyState(
  p: Tensor,
  given: Readonly<Record<string, unknown>>,
  scalars: readonly string[],
): ParamState {
  const copied = (x: Tensor): Tensor =>
    isFloat(x.dtype) ? x.detach().clone().to(stateDType(p)) : x.detach().clone()
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value instanceof Tensor
        ? scalars.includes(name)
          ? value.item()
          : copied(value)
        : Array.isArray(value)
          ? value.map(copied)
          : value,
    ]),
  ) as ParamState // of the kinds that a state dict has
}

/**
 * Refuses a parameter that its gradient or state does not fit, as after its `data` was replaced.
 *
 * @throws ValueError; nothing was changed
 */
export function checkFit<O>(
  declaration: Declaration<O> | null,
  p: Tensor,
  own: ParamState | undefined,
  at: () => string,
): void {
  const { layout } = p
  const { gradSlot: g } = internals(p)
  if (g !== null && g.layout !== layout && !sameShape(g.shape, p.shape)) {
    throw new ValueError(
      `the gradient of ${at()} has shape ${size(g.shape)}, the parameter ${size(p.shape)}`,
      {
        hint: 'its data was replaced: call zeroGrad() and backward() again',
      },
    )
  }
  checkMaster(p, at)
  if (!declaration || !own) return
  for (const name in declaration.state) {
    const x = own[name]
    if (!(x instanceof Tensor)) continue
    const shape = declaration.state[name].shape?.(p) ?? p.shape
    if (x.layout !== layout && !sameShape(x.shape, shape)) {
      throw new ValueError(
        `${snake(name)} of ${at()} has shape ${size(x.shape)}, the parameter needs ${size(shape)}`,
        {
          hint: 'its data was replaced by another size: forget its state with optimizer.state.delete(parameter)',
        },
      )
    }
    if (x.dtype !== stateDType(p)) {
      throw new ValueError(`${snake(name)} of ${at()} is ${x.dtype}, the parameter is ${p.dtype} now`, {
        hint: 'convert the state with optimizer.loadStateDict(optimizer.stateDict())',
      })
    }
  }
}
