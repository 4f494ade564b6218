import { bytesOf } from '../base/dtype.ts'
import { BackendError } from '../base/errors.ts'
import type { Shape } from '../base/layout.ts'
import { sameShape } from '../base/layout.ts'
import type { Over, Program } from '../program/program.ts'
import type { Binding, View } from './types.ts'

/*
 * The checks of a backend on its arguments before it touches memory. A call whose operands are too small would read and write
 * the memory of other tensors. Core's ops check shapes first, with advice for the user. A failure here means that core was
 * handed a tensor whose layout does not match its block.
 */

const hint =
  'this call would touch memory of other tensors; a size, stride or storage was changed behind the back of an op'

/** Refuses a call before anything is written. */
export const refuse = (what: string): never => {
  throw new BackendError(what, { hint })
}

/** Whether the block of a view holds all elements of its layout. */
const isCovered = ({ layout, dtype, storage }: View): boolean =>
  layout.reach * bytesOf(dtype) <= storage.block.bytes

/** @throws BackendError unless the block of a view holds all elements of its layout */
export function checkView(view: View, name: string): void {
  if (isCovered(view)) return
  const { layout, dtype, storage } = view
  const { shape, strides, offset, reach } = layout
  refuse(
    Number.isNaN(reach)
      ? `${name} has no layout: sizes [${shape.join(', ')}], strides [${strides.join(', ')}] and offset ${offset} are whole, and reach no element before the first`
      : `${name} reaches ${reach * bytesOf(dtype)} bytes of a block of ${storage.block.bytes}: ${dtype}[${shape.join(', ')}] with strides [${strides.join(', ')}] from ${offset} on`,
  )
}

/** @throws BackendError unless raw elements fit into a block from its beginning */
export function checkWrite(block: View['storage']['block'], bytes: number): void {
  if (!(bytes <= block.bytes)) refuse(`${bytes} bytes do not fit into a block of ${block.bytes}`)
}

/**
 * @throws BackendError unless operands and params are as many as the program has, of its dtypes, as long as the axes that they
 * span, and lie within their blocks
 */
export function checkBinding(program: Program, binding: Binding): void {
  const { outer, inner, operands, params } = binding
  const declared = program.operands
  if (operands.length !== declared.length || params.length !== program.params.length)
    refuseCount(program, binding)
  // outer axes are those of an output; no operand need span the inner ones
  for (let i = 0; i < inner.length; i++) checkSize(inner[i], 'an inner axis')
  for (let i = 0; i < declared.length; i++) {
    const own = declared[i]
    const { layout, dtype, storage } = operands[i]
    const fits = layout.reach * own.bytes <= storage.block.bytes && dtype === own.dtype
    const isOuter =
      layout.shape === outer && own.over !== 'scalar' && (inner.length === 0 || own.over === 'outer')
    if (!fits || !(isOuter || spans(layout.shape, own.over, outer, inner))) refuseOperand(program, binding, i)
  }
}

function refuseCount({ operands, params }: Program, binding: Binding): never {
  return binding.operands.length === operands.length
    ? refuse(`a program of ${params.length} params was given ${binding.params.length}`)
    : refuse(`a program of ${operands.length} operands was given ${binding.operands.length}`)
}

function refuseOperand(program: Program, { outer, inner, operands }: Binding, i: number): never {
  const own = program.operands[i]
  const view = operands[i]
  const name = `operand ${i} of a program`
  if (view.dtype !== own.dtype) refuse(`${name} is ${view.dtype}, and declared ${own.dtype}`)
  checkView(view, name)
  return refuse(
    `${name} over [${outer.join(', ')}] and [${inner.join(', ')}] is [${view.layout.shape.join(', ')}], and spans ${own.over}`,
  )
}

function spans(shape: Shape, over: Over, outer: Shape, inner: Shape): boolean {
  if (over === 'scalar') return shape.length === 0
  if (over === 'outer' || inner.length === 0) return sameShape(shape, outer)
  const lead = outer.length
  if (shape.length !== lead + inner.length) return false
  for (let i = 0; i < lead; i++) if (shape[i] !== outer[i]) return false
  for (let i = 0; i < inner.length; i++) if (shape[lead + i] !== inner[i]) return false
  return true
}

/** @throws BackendError unless a number is a size: whole, from `least` on */
export function checkSize(n: number, name: string, least = 0): void {
  if (!Number.isSafeInteger(n) || n < least) refuse(`${name} is a whole number from ${least} on, got ${n}`)
}

/** @throws BackendError unless two views have equal shapes */
export function checkSameShape(x: View, y: View, names: string): void {
  if (!sameShape(x.layout.shape, y.layout.shape))
    refuse(`${names} have one shape, got [${x.layout.shape.join(', ')}] and [${y.layout.shape.join(', ')}]`)
}
