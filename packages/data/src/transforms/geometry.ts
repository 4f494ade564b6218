import { flip, interpolate, pad, ValueError, type Tensor } from '@gradus/core'
import { defineOptions, flag, integer, kind, oneOf, takeArgument, withDefaults } from '@gradus/core/internal'
import {
  below,
  generatorOf,
  happens,
  probability,
  sizeKind,
  sizeOf,
  type Size,
  type Transform,
} from './transform.ts'

const both = (size: number | Size): Size => (typeof size === 'number' ? [size, size] : size)

const part = (x: Tensor, top: number, left: number, [height, width]: Size): Tensor =>
  x.narrow(-2, top, height).narrow(-1, left, width)

/** To the even number where two are as near: Python's `round`. */
export function roundToEven(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  if (rest !== 0.5) return Math.round(x)
  return down % 2 === 0 ? down : down + 1
}

/** Options of {@link randomCrop}. */
export interface RandomCropOptions {
  /** Pixels added at each side before: of all sides, or [left and right, top and bottom], or [left, top, right, bottom]. */
  padding?: number | readonly number[]
  /** Pads further where the image is smaller than the crop; false by default. */
  padIfNeeded?: boolean
  /** The value of added pixels; 0 by default. */
  fill?: number
}

const paddingKind = /* @__PURE__ */ kind<number | readonly number[]>(
  'an integer, or 1, 2 or 4 of them, not negative',
  (x) =>
    isSide(x) ||
    (Array.isArray(x) && (x.length === 1 || x.length === 2 || x.length === 4) && x.every(isSide)),
)

const isSide = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0 // a safe integer is a number

const cropTable = /* @__PURE__ */ defineOptions<RandomCropOptions>({
  padding: paddingKind,
  padIfNeeded: flag,
  fill: kind('a finite number', Number.isFinite),
})

/** [left, right, top, bottom], as `pad` takes them. */
function sides(padding: number | readonly number[]): [number, number, number, number] {
  const [left, top = left, right = left, bottom = top] = typeof padding === 'number' ? [padding] : padding
  return [left, right, top, bottom]
}

/**
 * A part of the given size at a random place.
 *
 * @throws ValueError for an image that is smaller
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
 * @example
 * const crop = g.utils.data.transforms.randomCrop(2, { padding: 1 })
 * crop(g.ones(3, 2, 2)).shape // => [3, 2, 2]
 */
export function randomCrop(size: number | Size, options?: RandomCropOptions): Transform {
  const wanted = both(takeArgument('randomCrop', 'size', sizeKind, size))
  const { padding, padIfNeeded, fill } = withDefaults('randomCrop', cropTable, options, {
    padding: 0,
    padIfNeeded: false,
    fill: 0,
  })
  return (image, context) => {
    sizeOf(image, 'randomCrop')
    let x = padded(image, sides(padding), fill)
    if (padIfNeeded) {
      const [height, width] = sizeOf(x, 'randomCrop')
      const [high, wide] = [Math.max(0, wanted[0] - height), Math.max(0, wanted[1] - width)]
      x = padded(x, [wide, wide, high, high], fill)
    }
    const [height, width] = sizeOf(x, 'randomCrop')
    if (height < wanted[0] || width < wanted[1]) {
      throw new ValueError(
        `Required crop size (${wanted.join(', ')}) is larger than input image size (${height}, ${width})`,
        { hint: 'padding or padIfNeeded makes the image larger' },
      )
    }
    // nothing is drawn where there is one place only
    if (height === wanted[0] && width === wanted[1]) return x
    const generator = generatorOf(context)
    const top = below(height - wanted[0] + 1, generator)
    return part(x, top, below(width - wanted[1] + 1, generator), wanted)
  }
}

const padded = (x: Tensor, by: readonly [number, number, number, number], value: number): Tensor =>
  by.every((n) => n === 0) ? x : pad(x, [...by], { value })

/**
 * The middle of the image; zeros are added where it is smaller.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
 * @example
 * g.utils.data.transforms.centerCrop([1, 2])(g.arange(12).reshape(1, 3, 4)).tolist() // => [[[5, 6]]]
 */
export function centerCrop(size: number | Size): Transform {
  const wanted = both(takeArgument('centerCrop', 'size', sizeKind, size))
  return (image) => {
    const [height, width] = sizeOf(image, 'centerCrop')
    const high = Math.max(0, wanted[0] - height)
    const wide = Math.max(0, wanted[1] - width)
    const around = [wide >> 1, (wide + 1) >> 1, high >> 1, (high + 1) >> 1] as const
    const x = padded(image, around, 0)
    const top = roundToEven((height + high - wanted[0]) / 2)
    return part(x, top, roundToEven((width + wide - wanted[1]) / 2), wanted)
  }
}

/**
 * The image, left and right exchanged with probability `p`.
 *
 * @param p - 0.5 by default
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomHorizontalFlip.html
 * @example
 * g.utils.data.transforms.randomHorizontalFlip(1)(g.tensor([[[1, 2]]])).tolist() // => [[[2, 1]]]
 */
export const randomHorizontalFlip = (p = 0.5): Transform => randomFlip('randomHorizontalFlip', p, -1)

/**
 * The image, top and bottom exchanged with probability `p`.
 *
 * @param p - 0.5 by default
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomVerticalFlip.html
 * @example
 * g.utils.data.transforms.randomVerticalFlip(1)(g.tensor([[[1], [2]]])).tolist() // => [[[2], [1]]]
 */
export const randomVerticalFlip = (p = 0.5): Transform => randomFlip('randomVerticalFlip', p, -2)

function randomFlip(call: string, p: number, axis: -1 | -2): Transform {
  takeArgument(call, 'p', probability, p)
  return (image, context) => {
    sizeOf(image, call)
    return happens(p, generatorOf(context)) ? flip(image, [axis]) : image
  }
}

/** Options of {@link resize}. */
export interface ResizeOptions {
  /** 'bilinear' by default. */
  mode?: 'nearest' | 'bilinear' | 'bicubic'
  /** Averages over all pixels that shrinking skips; true by default, but for 'nearest'. */
  antialias?: boolean
  /** With one length: the longer side becomes no longer than this. */
  maxSize?: number
}

const resizeTable = /* @__PURE__ */ defineOptions<ResizeOptions>({
  mode: /* @__PURE__ */ oneOf('nearest', 'bilinear', 'bicubic'),
  antialias: flag,
  maxSize: /* @__PURE__ */ integer(1),
})

const resizeDefaults: Required<Pick<ResizeOptions, 'mode'>> = { mode: 'bilinear' }

/**
 * The image in another size. One length is that of the shorter side, the other follows. Integers are rounded.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Resize.html
 * @example
 * g.utils.data.transforms.resize(2)(g.ones(3, 4, 6)).shape // => [3, 2, 3]
 */
export function resize(size: number | Size, options?: ResizeOptions): Transform {
  takeArgument('resize', 'size', sizeKind, size)
  const { mode, antialias, maxSize } = withDefaults('resize', resizeTable, options, resizeDefaults)
  if (maxSize !== undefined && typeof size !== 'number') {
    throw new ValueError('max_size should only be passed if size specifies the length of the smaller edge')
  }
  if (maxSize !== undefined && typeof size === 'number' && maxSize <= size) {
    throw new ValueError(`max_size = ${maxSize} must be strictly greater than the requested size = ${size}`)
  }
  return (image) => {
    const [height, width] = sizeOf(image, 'resize')
    const wanted = typeof size === 'number' ? scaled([height, width], size, maxSize) : size
    if (wanted[0] === height && wanted[1] === width) return image
    const lead = image.shape.slice(0, -2)
    const isFloat = image.dtype === 'float32' || image.dtype === 'float64'
    const x = (isFloat ? image : image.to('float32')).reshape([1, -1, height, width])
    const smooth = mode === 'nearest' ? {} : { antialias: antialias ?? true, alignCorners: false }
    const y = interpolate(x, { size: [...wanted], mode, ...smooth }).reshape([...lead, ...wanted])
    if (isFloat) return y
    // cubic curves leave the range of the pixels
    const inRange = mode === 'bicubic' && image.dtype === 'uint8' ? y.clamp(0, 255) : y
    return inRange.round().to(image.dtype)
  }
}

function scaled([height, width]: Size, size: number, maxSize: number | undefined): Size {
  const [short, long] = width <= height ? [width, height] : [height, width]
  let [newShort, newLong] = [size, Math.floor((size * long) / short)]
  if (maxSize !== undefined && newLong > maxSize) {
    ;[newShort, newLong] = [Math.floor((maxSize * newShort) / newLong), maxSize]
  }
  return width <= height ? [newLong, newShort] : [newShort, newLong]
}
