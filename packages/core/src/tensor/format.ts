import { count, flag, nullable, oneOf, real } from '../base/kinds.ts'
import { defineOptions, takeOptions } from '../base/options.ts'
import type { DType } from '../base/dtype.ts'
import { isFloat } from '../base/dtype.ts'
import { formatExponent, formatFixed } from './format-number.ts'

/** How tensors print. */
export interface PrintOptions {
  /** Decimals of floating values, 4 by default. */
  precision: number
  /** The most elements printed in full, 1000 by default. */
  threshold: number
  /** Items at either end of every dimension of a summary, 3 by default. */
  edgeitems: number
  /** Characters a line has, 80 by default. */
  linewidth: number
  /** Scientific notation: always, never, or (null, the default) where the values call for it. */
  sciMode: boolean | null
}

const profiles = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
}

type GivenOptions = Partial<PrintOptions> & { profile?: keyof typeof profiles }
const printOptions = /* @__PURE__ */ defineOptions<GivenOptions>({
  precision: count,
  threshold: real,
  edgeitems: count,
  linewidth: real,
  sciMode: /* @__PURE__ */ nullable(flag),
  profile: /* @__PURE__ */ oneOf('default', 'short', 'full'),
})

let current: PrintOptions = { ...profiles.default, sciMode: null }

/** The options now in force, as a copy. */
export const getPrintOptions = (): PrintOptions => ({ ...current })

/**
 * Changes how tensors print. Options that are not named stay; only `sciMode` goes back to null, as in PyTorch.
 *
 * @param options.profile - 'default', 'short' or 'full' (no summaries): set first, then the other options
 * @see https://pytorch.org/docs/stable/generated/torch.set_printoptions.html
 * @example
 * g.setPrintOptions({ precision: 2 })
 * String(g.tensor([1.12345])) // => 'tensor([1.12])'
 */
export function setPrintOptions(options: GivenOptions): void {
  takeOptions('setPrintOptions', printOptions, options)
  const base = options.profile === undefined ? current : profiles[options.profile]
  current = {
    precision: options.precision ?? base.precision,
    threshold: options.threshold ?? base.threshold,
    edgeitems: options.edgeitems ?? base.edgeitems,
    linewidth: options.linewidth ?? base.linewidth,
    sciMode: options.sciMode ?? null,
  }
}

/** A tensor as far as printing sees it. */
export interface Printable {
  shape: readonly number[]
  dtype: DType
  /** The element at a position in row-major order. */
  at(index: number): number | bigint | boolean
  /** Printed as `device='…'`; left out for the default device. */
  device?: string | undefined
  /** The name of the operation that made it, printed as `grad_fn=<…>`. */
  gradFn?: string | undefined
  /** Printed as `requires_grad=True` where there is no `gradFn`. */
  requiresGrad?: boolean | undefined
}

const prefix = 'tensor('

/**
 * A tensor's text as PyTorch prints it, but for dtypes, which are named without `torch.`.
 *
 * float32, int64 and bool are not named, except int64 and bool on an empty tensor.
 *
 * @example
 * formatTensor({ shape: [2], dtype: 'float32', at: (i) => [1, 2.5][i] }) // => 'tensor([1.0000, 2.5000])'
 */
export function formatTensor(x: Printable): string {
  const count = x.shape.reduce((product, size) => product * size, 1)
  const body = count === 0 ? '[]' : formatBody(x, count > current.threshold)
  return addSuffixes(prefix + body, suffixesOf(x, count))
}

/**
 * A tensor's dtype and shape, as error messages name it.
 *
 * @example
 * describe('float32', [2, 3]) // => 'float32[2, 3]'
 */
export const describe = (dtype: DType, shape: readonly number[]): string => `${dtype}[${shape.join(', ')}]`

function suffixesOf({ shape, dtype, device, gradFn, requiresGrad }: Printable, count: number): string[] {
  const unnamed = dtype === 'float32' || (count > 0 && (dtype === 'int64' || dtype === 'bool'))
  const suffixes: string[] = []
  if (device !== undefined) suffixes.push(`device='${device}'`)
  if (count === 0 ? shape.length !== 1 : current.edgeitems === 0) suffixes.push(`size=${tuple(shape)}`)
  if (!unnamed) suffixes.push(`dtype=${dtype}`)
  if (gradFn !== undefined) suffixes.push(`grad_fn=<${gradFn}>`)
  else if (requiresGrad === true) suffixes.push('requires_grad=True')
  return suffixes
}

const tuple = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`

function addSuffixes(text: string, suffixes: string[]): string {
  const indent = prefix.length
  let column = text.length - text.lastIndexOf('\n') + 1
  for (const suffix of suffixes) {
    if (column + suffix.length + 2 > current.linewidth) {
      text += `,\n${' '.repeat(indent)}${suffix}`
      column = indent + suffix.length
    } else {
      text += `, ${suffix}`
      column += suffix.length + 2
    }
  }
  return text + ')'
}

function formatBody({ shape, dtype, at }: Printable, summarize: boolean): string {
  const elements: (number | bigint | boolean)[] = []
  visit(shape, summarize, (index) => elements.push(at(index)))
  const { width, format } = isFloat(dtype) ? floatFormat(elements.map(Number)) : plainFormat(elements)
  const pad = (index: number): string => format(at(index)).padStart(width)
  return nested({ shape, summarize, pad, width }, 0, 0, prefix.length)
}

interface Layout {
  shape: readonly number[]
  summarize: boolean
  /** The text of an element, padded to `width`. */
  pad(index: number): string
  width: number
}

/** The brackets around everything below one index of the first `axis` dimensions; `index` is the flat index so far. */
function nested(layout: Layout, axis: number, index: number, indent: number): string {
  const { shape, summarize, pad, width } = layout
  if (axis === shape.length) return pad(index)
  const last = axis === shape.length - 1
  const positions = shownPositions(shape[axis], summarize).map((i) => index * shape[axis] + i)
  const items = positions.map((at) => (last ? pad(at) : nested(layout, axis + 1, at, indent + 1)))
  // PyTorch's blank before the dots of a vector, but not where nothing else is shown
  if (positions.length < shape[axis]) {
    items.splice(positions.length / 2, 0, last && positions.length > 0 ? ' ...' : '...')
  }
  const newLine = '\n' + ' '.repeat(indent + 1)
  if (!last) return `[${items.join(',' + '\n'.repeat(shape.length - axis - 2) + newLine)}]`
  const perLine = Math.max(1, Math.floor((current.linewidth - indent) / (width + 2)))
  const lines: string[] = []
  for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '))
  return `[${lines.join(',' + newLine)}]`
}

/** The indices of one dimension that are shown. */
function shownPositions(size: number, summarize: boolean): number[] {
  const edge = current.edgeitems
  if (!summarize || size <= 2 * edge) return Array.from({ length: size }, (_, i) => i)
  return Array.from({ length: 2 * edge }, (_, i) => (i < edge ? i : size - 2 * edge + i))
}

/** Calls `each` with the flat index of every element that is shown. */
function visit(shape: readonly number[], summarize: boolean, each: (index: number) => void): void {
  const below = (axis: number, index: number): void => {
    if (axis === shape.length) return each(index)
    for (const i of shownPositions(shape[axis], summarize)) below(axis + 1, index * shape[axis] + i)
  }
  below(0, 0)
}

interface ElementFormat {
  /** Of the longest element. */
  width: number
  format(value: number | bigint | boolean): string
}

function plainFormat(elements: (number | bigint | boolean)[]): ElementFormat {
  const format = (value: number | bigint | boolean): string =>
    typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
  return { width: longest(elements.map(format)), format }
}

function floatFormat(elements: number[]): ElementFormat {
  const { precision, sciMode } = current
  // zeros, infinities and NaN have no say in the format, nor in the width
  const values = elements.filter((x) => Number.isFinite(x) && x !== 0)
  const integers = values.every(Number.isInteger)
  const scientific = values.length > 0 && (sciMode ?? needsExponents(values))
  const text = (x: number): string => {
    if (scientific) return formatExponent(x, precision)
    if (!integers) return formatFixed(x, precision)
    return formatFixed(x, 0) + (Number.isFinite(x) ? '.' : '')
  }
  return { width: longest(values.map(text)), format: (value) => text(Number(value)) }
}

function needsExponents(values: number[]): boolean {
  let [smallest, largest] = [Infinity, 0]
  for (const x of values) {
    smallest = Math.min(smallest, Math.abs(x))
    largest = Math.max(largest, Math.abs(x))
  }
  return largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4
}

const longest = (texts: string[]): number => texts.reduce((width, text) => Math.max(width, text.length), 1)
