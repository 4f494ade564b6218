import { kind } from '../base/kinds.ts'
import type { Tensor } from './tensor.ts'

/** Whether a value is a tensor. It is recognised by what it has, so that nothing here needs the class. */
export const isTensor = (value: unknown): value is Tensor =>
  // anything may be asked for a property once it is an object
  typeof value === 'object' && value !== null && (value as Partial<Tensor>).layout !== undefined

/** A tensor, as an option or argument. */
export const aTensor = /* @__PURE__ */ kind<Tensor>('a tensor', isTensor)
