import { isInteger, type DType } from '../base/dtype.ts'
import { checkSameShape, checkSize, checkView, refuse } from './check.ts'
import type { Epilogue, View, Window } from './types.ts'

/* The requirements of each routine of a backend on its arguments, checked before it touches memory. */

const shapeOf = ({ layout }: View): string => `[${layout.shape.join(', ')}]`

const checkViews = (views: Readonly<Record<string, View>>): void => {
  for (const name in views) checkView(views[name], name)
}

function checkDTypes(views: Readonly<Record<string, View>>, dtype: DType): void {
  for (const name in views)
    if (views[name].dtype !== dtype) refuse(`${name} is ${views[name].dtype} beside ${dtype}`)
}

function checkAxis({ layout }: View, axis: number): void {
  checkSize(axis, 'an axis')
  if (axis >= Math.max(1, layout.rank)) refuse(`axis ${axis} of ${layout.rank}`)
}

/** Positions: of an integer dtype. */
function checkPositions(index: View): void {
  if (!isInteger(index.dtype)) refuse(`positions are integers, got ${index.dtype}`)
}

export function checkMatmul(x: View, y: View, out: View, epilogue?: Epilogue): void {
  checkViews({ x, y, out })
  checkDTypes({ x, y }, out.dtype)
  const [a, b, c] = [x.layout.shape, y.layout.shape, out.layout.shape]
  const rank = c.length
  let fits = rank >= 2 && a.length === rank && b.length === rank
  for (let i = 0; i < rank - 2; i++) fits &&= a[i] === c[i] && b[i] === c[i]
  fits &&= a[rank - 2] === c[rank - 2] && b[rank - 1] === c[rank - 1] && a[rank - 1] === b[rank - 2]
  if (!fits) refuse(`a product of ${shapeOf(x)} and ${shapeOf(y)} is not ${shapeOf(out)}`)
  for (const operand of epilogue?.operands ?? []) {
    checkView(operand, 'an operand of an epilogue')
    checkSameShape(operand, out, 'a product and an operand of its epilogue')
  }
}

function checkWindow({ stride, padding, dilation }: Window, kernel: readonly number[], axes: number): void {
  const lists = { stride, padding, dilation, kernel }
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== axes) refuse(`${name} has ${list.length} numbers for ${axes} axes`)
    const least = name === 'padding' ? 0 : 1
    for (const n of list) checkSize(n, name, name === 'kernel' ? 0 : least)
  }
  if (axes < 1 || axes > 3) refuse(`windows have 1 to 3 spatial axes, got ${axes}`)
}

export function checkConv(
  x: View,
  weight: View,
  out: View,
  window: Window,
  groups: number,
  bias?: View,
): void {
  checkViews({ x, weight, out })
  checkDTypes({ weight, out }, x.dtype)
  checkSize(groups, 'groups', 1)
  const [n, c, ...input] = x.layout.shape
  const [o, perGroup, ...kernel] = weight.layout.shape
  const [images, filters, ...output] = out.layout.shape
  checkWindow(window, kernel, input.length)
  const fits =
    weight.layout.rank === x.layout.rank &&
    out.layout.rank === x.layout.rank &&
    images === n &&
    filters === o &&
    perGroup * groups === c &&
    o % groups === 0 &&
    output.every((count, i) => count <= Math.max(0, windowsOf(input[i], kernel[i], window, i)))
  if (!fits)
    refuse(
      `a convolution of ${shapeOf(x)} with ${shapeOf(weight)} in ${groups} groups is not ${shapeOf(out)}`,
    )
  if (bias === undefined) return
  checkView(bias, 'bias')
  checkDTypes({ bias }, out.dtype)
  if (bias.layout.rank !== 1 || bias.layout.shape[0] !== o)
    refuse(`a bias of ${o} filters is ${shapeOf(bias)}`)
}

/** How many windows lie on an axis and its padding. */
const windowsOf = (
  length: number,
  kernel: number,
  { stride, padding, dilation }: Window,
  i: number,
): number => Math.floor((length + 2 * padding[i] - dilation[i] * (kernel - 1) - 1) / stride[i]) + 1

export function checkPool(
  kind: 'max' | 'sum' | 'spread',
  x: View,
  out: View,
  kernel: readonly number[],
  window: Window,
  indices?: View,
): void {
  checkViews({ x, out })
  checkWindow(window, kernel, kernel.length)
  const lead = x.layout.rank - kernel.length
  const [a, b] = [x.layout.shape, out.layout.shape]
  const fits = lead >= 0 && out.layout.rank === x.layout.rank && a.every((n, i) => i >= lead || n === b[i])
  if (!fits) refuse(`windows of [${kernel.join(', ')}] on ${shapeOf(x)} do not make ${shapeOf(out)}`)
  // a window reaches no farther than one stride beyond the padding, where sizes are rounded up
  kernel.forEach((size, i) => {
    const length = a[lead + i] + 2 * window.padding[i] + window.stride[i]
    if (size > Math.max(1, length)) refuse(`windows of ${size} lie on ${length} positions`)
  })
  if (x.dtype !== out.dtype) refuse(`out is ${out.dtype} beside ${x.dtype}`)
  if (kind !== 'max') return
  if (indices === undefined) return refuse('a pool of maxima has no view for its positions')
  checkView(indices, 'indices')
  checkPositions(indices)
  checkSameShape(indices, out, 'maxima and their positions')
}

function checkTable(table: View, index: View, data: View, axis: number): void {
  checkAxis(table, axis)
  checkPositions(index)
  checkSameShape(index, data, 'an index and its elements')
  const { shape } = index.layout
  const fits =
    index.layout.size === 0 ||
    (shape.length === table.layout.rank && shape.every((n, i) => i === axis || n <= table.layout.shape[i]))
  if (!fits) refuse(`an index of ${shapeOf(index)} along axis ${axis} goes beyond ${shapeOf(table)}`)
}

export function checkGather(x: View, index: View, axis: number, out: View): void {
  checkViews({ x, index, out })
  checkTable(x, index, out, axis)
}

export function checkScatter(source: View, index: View, axis: number, out: View): void {
  checkViews({ source, index, out })
  checkTable(out, index, source, axis)
}

export function checkScan(x: View, axis: number, out: View, indices?: View): void {
  checkViews({ x, out })
  checkAxis(x, axis)
  checkSameShape(x, out, 'a scan and its result')
  if (indices === undefined) return
  checkView(indices, 'indices')
  checkPositions(indices)
  checkSameShape(x, indices, 'a scan and its positions')
}

export function checkSort(x: View, axis: number, values: View, indices: View): void {
  checkViews({ x, values, indices })
  checkAxis(x, axis)
  checkPositions(indices)
  checkSameShape(x, values, 'a line and its order')
  checkSameShape(x, indices, 'a line and its positions')
  if (values.dtype !== x.dtype) refuse(`values are ${values.dtype} beside ${x.dtype}`)
}

export function checkCopy(x: View, out: View): void {
  checkViews({ x, out })
  checkSameShape(x, out, 'a copy and its source')
}

/** Bytes of a generator's state, and the place of its count of unread words: see core's Generator. */
const stateBytes = 5056
const stateWords = 624

export function checkRandom(state: Uint8Array, out: View): void {
  checkView(out, 'out')
  if (out.dtype !== 'float32' || !out.layout.contiguous)
    refuse(`random numbers are contiguous float32, got ${out.dtype}${shapeOf(out)}`)
  if (state.byteLength !== stateBytes) refuse(`a state has ${stateBytes} bytes, got ${state.byteLength}`)
  const left = new DataView(state.buffer, state.byteOffset).getInt32(8, true)
  if (left < 1 || left > stateWords) refuse(`a state has 1 to ${stateWords} words left, got ${left}`)
}
