import { Generator } from '@gradus/core'
import { kind, takeArgument, type Kind } from '@gradus/core/internal'

/** A random number generator. */
export const generatorKind = /* @__PURE__ */ kind<Generator>('a Generator', (x) => x instanceof Generator)

/** A positive whole number, under the name that PyTorch's message has for it. */
/*@__NO_SIDE_EFFECTS__*/
export function countKind(name: string): Kind<number> {
  return kind(
    'a positive integer',
    // a safe integer is a number
    (x) => Number.isSafeInteger(x) && (x as number) > 0,
    (x) => `${name} should be a positive integer value, but got ${name}=${String(x)}`,
  )
}

/** Anything with a length. */
export interface Sized {
  readonly length: number
}

const sized = /* @__PURE__ */ kind<Sized>(
  'a dataset or an array, which has a length',
  (x) => typeof x === 'object' && x !== null && 'length' in x && typeof x.length === 'number',
)

/** @throws ArgumentError for a value without a length */
export const checkedSource = (call: string, source: Sized): Sized =>
  takeArgument(call, 'source', sized, source)

/** Whether the memory of a typed array was sent elsewhere: it throws as soon as anyone iterates. */
const isDetached = (x: object): boolean =>
  ArrayBuffer.isView(x) && x.byteLength === 0 && x.buffer.byteLength === 0

/** Positions, or anything to iterate over. */
export const iterableKind = /* @__PURE__ */ kind<Iterable<unknown>>(
  'an array or another iterable',
  (x) => typeof x === 'object' && x !== null && Symbol.iterator in x && !isDetached(x),
)
