import { copyKey, thisCopy } from '../base/copy.ts'
import { kind, listOf, nullable } from '../base/kinds.ts'
import { takeArgument } from '../base/options.ts'
import type { Tensor } from './tensor.ts'

/** Whether a value is a tensor of this copy of the package. It is recognised by a property, so that nothing here needs the class. */
export const isTensor = (value: unknown): value is Tensor =>
  // anything may be asked for a property once it is an object
  typeof value === 'object' && value !== null && (value as Partial<Tensor>)[copyKey] === thisCopy

/** A tensor, as an option or argument. */
export const aTensor = /* @__PURE__ */ kind<Tensor>('a tensor', isTensor)

/** Refuses a value that is no tensor, for arguments that a function reads before it reaches an op. */
export function takeTensor(call: string, name: string, value: unknown): void {
  if (!isTensor(value)) takeArgument(call, name, aTensor, value)
}

/** {@link takeTensor}, where null is an answer. */
export function takeTensorOrNull(call: string, name: string, value: unknown): void {
  if (value !== null && !isTensor(value)) takeArgument(call, name, nullable(aTensor), value)
}

/** Refuses a value that is not an array of tensors. */
export function takeTensors(call: string, name: string, value: unknown): void {
  takeArgument(call, name, tensorList, value)
}

/** Refuses a value that is neither a tensor nor a number. */
export function takeOperand(call: string, name: string, value: unknown): void {
  if (!isTensor(value) && typeof value !== 'number') takeArgument(call, name, anOperand, value)
}

const tensorList = /* @__PURE__ */ listOf(aTensor)
const anOperand = /* @__PURE__ */ kind<Tensor | number | boolean>(
  'a tensor or a number',
  (x) => isTensor(x) || typeof x === 'number' || typeof x === 'boolean',
)
