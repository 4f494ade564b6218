import { defaultGenerator } from '@gradus/core/functions'
import { functionKind, takeArgument } from '@gradus/core/internal'
import type { Module } from './module.ts'

const classKind = /* @__PURE__ */ functionKind<new (...args: never[]) => Module>()

/**
 * A module whose parameters are uninitialised, for those that a state is loaded into; the default generator stays as it was.
 *
 * @param Class - of the module
 * @param args - of its constructor
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.skip_init.html
 * @example
 * g.nn.utils.skipInit(g.nn.Linear, 2, 3).weight.shape // => [3, 2]
 */
export function skipInit<A extends readonly unknown[], M extends Module>(
  Class: new (...args: A) => M,
  ...args: A
): M {
  takeArgument('skipInit', 'Class', classKind, Class)
  const generator = defaultGenerator()
  const state = generator.getState()
  try {
    return new Class(...args).toEmpty()
  } finally {
    generator.setState(state)
  }
}
