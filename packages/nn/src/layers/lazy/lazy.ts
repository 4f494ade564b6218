import { noGrad } from '@gradus/autograd'
import type { Shape, Tensor } from '@gradus/core/functions'
import { takeArgument } from '@gradus/core/internal'
import { tensor } from '../../module/arguments.ts'
import { isUninitialized } from '../../module/is-uninitialized.ts'
import type { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'

/** Gives values to fields that the class of a lazy module declares read-only. */
export function setFields<M extends Module>(module: M, fields: Partial<M>): void {
  Object.assign(module, fields)
}

/** Gives a parameter or buffer its shape, unless it has one or is none. */
export function materialize(x: Tensor | null, shape: Shape): void {
  if (x !== null && isUninitialized(x)) x.materialize(shape)
}

/** Whether a module has parameters or buffers without a shape, not counting those of modules below. */
export function hasUninitialized(module: Module): boolean {
  const own = { recurse: false }
  return [...module.parameters(own), ...module.buffers(own)].some(isUninitialized)
}

interface Resettable extends Module {
  resetParameters(): void
}

/** How a lazy module becomes the one that it stands for. */
export interface Laziness<M extends Resettable> {
  /** The class of the module after its first call. */
  readonly becomes: { readonly prototype: M }
  /** Reads sizes from the input of the first call; throws before anything is changed. */
  sizesOf(x: Tensor): Partial<M>
  /** Gives shapes to the parameters and buffers that have none. */
  materialize(): void
}

/**
 * Makes a lazy module one of the class that it stands for, at its first call. Parameters that a state dict has brought stay as
 * they are; if any has no shape yet, all are drawn.
 */
export function initialize<M extends Resettable>(
  module: M,
  args: readonly unknown[],
  rules: Laziness<M>,
): void {
  const x = takeArgument(nameOf(module), 'x', tensor, args[0])
  setFields(module, rules.sizesOf(x))
  const fresh = hasUninitialized(module)
  Object.setPrototypeOf(module, rules.becomes.prototype)
  if (!fresh) return
  noGrad(() => {
    rules.materialize()
    module.resetParameters()
  })
}
