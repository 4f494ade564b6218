import { kind } from '../base/kinds.ts'
import type { Tensor } from './tensor.ts'

/** Whether a value is a tensor. It is recognised by what it has, so that nothing here needs the class. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'storage' in value && 'layout' in value && 'dtype' in value

/** A tensor, as an option or argument. */
export const aTensor = /* @__PURE__ */ kind<Tensor>('a tensor', isTensor)
