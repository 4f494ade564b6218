import { defineOptions, takeOptions, type OptionTable, takeArgument } from '../base/options.ts'
import { dtypeName, flag, number, plainValue } from '../base/kinds.ts'
import { currentBackend } from '../backend/current.ts'
import { bytesOf, type DType, type TypedArray } from '../base/dtype.ts'
import { ValueError } from '../base/errors.ts'
import { encode, flatten, type Nested, encodeEach } from '../tensor/elements.ts'
import { Layout, type Shape } from '../base/layout.ts'
import { fillView } from '../op/fill.ts'
import { checkSizes, sizesOf } from '../base/shape.ts'
import { Storage } from '../tensor/storage.ts'
import { Tensor } from '../fluent/tensor.ts'

/** Options of every factory. */
export interface TensorOptions {
  /** Element type; each factory says its default. */
  dtype?: DType
  /** Makes the result a leaf that accumulates gradients. Needs a tape: see {@link setTape}. */
  requiresGrad?: boolean
}
/** The kinds of {@link TensorOptions}. */
export const tensorOptions = /* @__PURE__ */ defineOptions<TensorOptions>({
  dtype: dtypeName,
  requiresGrad: flag,
})

const asTensorOptions = /* @__PURE__ */ defineOptions<Pick<TensorOptions, 'dtype'>>({ dtype: dtypeName })

/** Sizes as numbers or one array, then options. */
export type SizesAndOptions =
  readonly number[] | readonly [...number[], TensorOptions] | readonly [Shape, TensorOptions?]

/** Splits `(2, 3)`, `(2, 3, { … })`, `([2, 3])` and `([2, 3], { … })`. */
export function splitSizes<T extends TensorOptions>(
  call: string,
  args: readonly unknown[],
  table: OptionTable<T>,
): { shape: Shape; options: Partial<T> } {
  const last = args.at(-1)
  // sizes are numbers, or one array before the options
  const hasOptions =
    args.length > 0 && typeof last !== 'number' && !(args.length === 1 && Array.isArray(last))
  // a value of any kind that stands in the place of options
  const options = takeOptions(call, table, hasOptions ? (last as T | undefined) : undefined)
  // `checkSizes` examines the values that are taken for sizes here
  const sizes = (hasOptions ? args.slice(0, -1) : args) as readonly (number | Shape)[]
  return { shape: checkSizes(sizesOf(sizes)), options }
}

/** An uninitialised tensor on the current backend. */
export function allocate(shape: Shape, dtype: DType): Tensor {
  const layout = Layout.of(shape)
  return new Tensor(new Storage(currentBackend(), layout.size * bytesOf(dtype)), layout, dtype)
}

/** A tensor of elements as they lie in memory: see {@link encode}. */
export function fromRaw(data: TypedArray, shape: Shape, dtype: DType): Tensor {
  const x = allocate(shape, dtype)
  if (data.length !== x.numel())
    throw new ValueError(`${data.length} elements do not fill the shape [${shape.join(', ')}]`)
  x.storage.backend.write(x.storage.block, data)
  return x
}

/** A vector of `length` values. The memory is taken first: a length that cannot be had fails before the loop runs. */
export function sequence(length: number, dtype: DType, valueAt: (i: number) => number): Tensor {
  const x = allocate(checkSizes([length]), dtype)
  x.storage.backend.write(x.storage.block, encodeEach(length, dtype, valueAt))
  return x
}

/** The leaf that the option `requiresGrad` asks for. */
export const finish = (x: Tensor, options: TensorOptions): Tensor =>
  options.requiresGrad ? x.requiresGrad_() : x

const dtypeOfArray = (data: object): DType | null => {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Int16Array) return 'int16'
  if (data instanceof Int8Array) return 'int8'
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return 'uint8'
  if (data instanceof BigInt64Array) return 'int64'
  return null
}

/**
 * A tensor of nested arrays, a number, a typed array, or another tensor (copied).
 *
 * Numbers make float32, booleans bool, bigints int64, typed arrays keep their type: JavaScript does not tell 2 from 2.0.
 *
 * @throws ValueError for ragged arrays, and for integers that do not fit the dtype
 * @example
 * g.tensor([[1, 2], [3, 4]]).shape // => [2, 2]
 * g.tensor([1, 2], { dtype: 'int32' }).dtype // => 'int32'
 */
export function tensor(data: Nested | TypedArray | Tensor, options?: TensorOptions): Tensor {
  options = takeOptions('tensor', tensorOptions, options)
  if (data instanceof Tensor) {
    const copy = data.detach().clone()
    return finish(options.dtype ? copy.to(options.dtype) : copy, options)
  }
  if (typeof data === 'object' && ArrayBuffer.isView(data)) {
    const own = dtypeOfArray(data)
    if (own === null) throw new ValueError(`tensor() does not take a ${data.constructor.name}`)
    const dtype = options.dtype ?? own
    const same = dtype === own
    if (!same) checkIntegers(data, dtype)
    return finish(fromRaw(same ? data : encode(data, dtype), [data.length], dtype), options)
  }
  // neither tensor nor typed array: nested arrays
  const { values, shape } = flatten(data)
  const dtype = options.dtype ?? inferDType(values)
  checkIntegers(values, dtype)
  return finish(fromRaw(encode(values, dtype), shape, dtype), options)
}

/**
 * A tensor of data: a tensor of that dtype is itself, anything else is copied.
 *
 * @param options - `dtype` is that of the data by default
 * @see https://pytorch.org/docs/stable/generated/torch.as_tensor.html
 * @example
 * const x = g.ones(2)
 * g.asTensor(x) === x // => true
 */
export function asTensor(data: Nested | TypedArray | Tensor, options?: Pick<TensorOptions, 'dtype'>): Tensor {
  const { dtype } = takeOptions('asTensor', asTensorOptions, options)
  if (data instanceof Tensor) return dtype === undefined ? data : data.to(dtype)
  return tensor(data, dtype && { dtype })
}

function inferDType(values: readonly (number | boolean | bigint)[]): DType {
  if (values.length === 0) return 'float32'
  if (values.every((v) => typeof v === 'boolean')) return 'bool'
  return values.every((v) => typeof v === 'bigint') ? 'int64' : 'float32'
}

const limits: Partial<Record<DType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
}

function checkIntegers(values: ArrayLike<number | boolean | bigint>, dtype: DType): void {
  const range = limits[dtype]
  if (!range) return
  for (let i = 0; i < values.length; i++) {
    const v = Number(values[i])
    if (!(v >= range[0] && v <= range[1])) {
      throw new ValueError(`value cannot be converted to type ${dtype} without overflow`, {
        hint: `element ${i} is ${v}; ${dtype} holds ${range[0]} to ${range[1]}`,
      })
    }
  }
}

/**
 * A tensor filled with one value. The dtype follows the value: numbers float32, booleans bool.
 *
 * @example
 * g.full([2], 7).tolist() // => [7, 7]
 */
export function full(shape: Shape | number, value: number | boolean, options?: TensorOptions): Tensor {
  takeArgument('full', 'value', plainValue, value)
  options = takeOptions('full', tensorOptions, options)
  const sizes = checkSizes(typeof shape === 'number' ? [shape] : shape)
  const x = allocate(sizes, options.dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32'))
  fillView(x.storage.backend, x, Number(value))
  return finish(x, options)
}

const filled =
  (call: string, value: number) =>
  (...args: SizesAndOptions): Tensor => {
    const { shape, options } = splitSizes(call, args, tensorOptions)
    return full(shape, value, options)
  }

/** Zeros of a shape given as numbers or one array; float32 by default. */
export const zeros: (...args: SizesAndOptions) => Tensor = /* @__PURE__ */ filled('zeros', 0)
/** Ones of a shape given as numbers or one array; float32 by default. */
export const ones: (...args: SizesAndOptions) => Tensor = /* @__PURE__ */ filled('ones', 1)

/** Memory of a shape, uninitialised; float32 by default. */
export function empty(...args: SizesAndOptions): Tensor {
  const { shape, options } = splitSizes('empty', args, tensorOptions)
  return finish(allocate(shape, options.dtype ?? 'float32'), options)
}

/**
 * Numbers from `start` to `end` (excluded) in steps of `step`: `arange(end)` or `arange(start, end, step)`.
 * int64 when all are integers, else float32.
 *
 * @throws ValueError for a step of 0 or of the wrong sign, and bounds that are not finite
 * @see https://pytorch.org/docs/stable/generated/torch.arange.html
 * @example
 * g.arange(1, 4).tolist() // => [1, 2, 3]
 */
export function arange(end: number, options?: TensorOptions): Tensor
export function arange(start: number, end: number, step?: number, options?: TensorOptions): Tensor
export function arange(a: number, b?: number | TensorOptions, c?: number, d?: TensorOptions): Tensor {
  const twoSided = typeof b === 'number'
  const [start, end, step] = twoSided ? [a, b, c ?? 1] : [0, a, 1]
  const options = takeOptions('arange', tensorOptions, twoSided ? d : b)
  for (const [name, value] of Object.entries({ start, end, step }))
    takeArgument('arange', name, number, value)
  if (!(step > 0 || step < 0)) throw new ValueError('step must be nonzero')
  if (!Number.isFinite(start) || !Number.isFinite(end))
    throw new ValueError(`unsupported range: ${plainNumber(start)} -> ${plainNumber(end)}`)
  if (step > 0 ? start > end : start < end)
    throw new ValueError('upper bound and lower bound inconsistent with step sign')
  const integers = [start, end, step].every(Number.isInteger)
  const dtype = options.dtype ?? (integers ? 'int64' : 'float32')
  const length = Math.ceil((end - start) / step)
  return finish(
    sequence(length, dtype, (i) => start + i * step),
    options,
  )
}

/** A number as PyTorch's messages have it. */
const plainNumber = (x: number): string => (Number.isNaN(x) ? 'nan' : String(x).replace('Infinity', 'inf'))
