import { DTypeError, empty, isFloat, ShapeError, tensor, ValueError, type Tensor } from '@gradus/core'
import { defineOptions, kind, takeArgument, withDefaults } from '@gradus/core/internal'
import { roundToEven } from './geometry.ts'
import { below, generatorOf, happens, perChannel, probability, sizeOf, type Transform } from './transform.ts'

/**
 * Bytes, 0 to 255, as float32 from 0 to 1; floating-point images as they are.
 *
 * @throws DTypeError for other integers
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ConvertImageDtype.html
 * @example
 * g.utils.data.transforms.toFloat()(g.tensor([[[0, 255]]], { dtype: 'uint8' })).tolist() // => [[[0, 1]]]
 */
export function toFloat(): Transform {
  return (image) => {
    if (isFloat(image.dtype)) return image
    if (image.dtype === 'uint8') return image.to('float32').div(255)
    throw new DTypeError(`toFloat takes uint8 images, got ${image.dtype}`)
  }
}

/** One number per channel, as a tensor that is broadcast over an image. */
function channelwise(values: number | readonly number[], image: Tensor, call: string): Tensor {
  const list = typeof values === 'number' ? [values] : values
  const channels = image.shape.at(-3)
  if (image.ndim < 3 || (list.length !== 1 && list.length !== channels)) {
    throw new ShapeError(
      `${call} has ${list.length} channels, the image [${image.shape.join(', ')}] has ${channels ?? 'none'}`,
    )
  }
  return tensor([...list], { dtype: image.dtype }).reshape([-1, 1, 1])
}

/**
 * `(image - mean) / std`, channel by channel.
 *
 * @throws DTypeError for an image of integers; ValueError for a deviation of 0
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 * @example
 * g.utils.data.transforms.normalize(1, 2)(g.tensor([[[1, 5]]])).tolist() // => [[[0, 2]]]
 */
export function normalize(mean: number | readonly number[], std: number | readonly number[]): Transform {
  takeArgument('normalize', 'mean', perChannel, mean)
  takeArgument('normalize', 'std', perChannel, std)
  if ([std].flat().includes(0)) throw new ValueError('std evaluated to zero, leading to division by zero.')
  return (image) => {
    if (!isFloat(image.dtype)) {
      throw new DTypeError(`Input tensor should be a float tensor. Got ${image.dtype}.`, {
        hint: 'toFloat() before it makes one of bytes',
      })
    }
    return image.sub(channelwise(mean, image, 'normalize')).div(channelwise(std, image, 'normalize'))
  }
}

/** Options of {@link randomErasing}. */
export interface RandomErasingOptions {
  /** How often; 0.5 by default. */
  p?: number
  /** The least and the largest share of the image that is erased; [0.02, 0.33] by default. */
  scale?: readonly [number, number]
  /** The least and the largest ratio of height to width; [0.3, 3.3] by default. */
  ratio?: readonly [number, number]
  /** What is written, for all channels or each; 'random' is normal noise. 0 by default. */
  value?: number | readonly number[] | 'random'
}

const range = (min: number, max: number) =>
  kind<readonly [number, number]>(
    `two numbers from ${min} to ${max}, the smaller first`,
    (x) => Array.isArray(x) && x.length === 2 && x[0] >= min && x[0] <= x[1] && x[1] <= max,
  )

const erasingTable = /* @__PURE__ */ defineOptions<RandomErasingOptions>({
  p: probability,
  scale: range(0, 1),
  ratio: range(Number.MIN_VALUE, Number.MAX_VALUE),
  value: kind("'random', a number, or one for each channel", (x) => x === 'random' || perChannel.accepts(x)),
})

const erasingDefaults: Required<RandomErasingOptions> = {
  p: 0.5,
  scale: [0.02, 0.33],
  ratio: [0.3, 3.3],
  value: 0,
}

/**
 * A rectangle of the image erased, with probability `p`; the image is copied.
 *
 * @throws DTypeError for noise in an image of integers
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomErasing.html
 * @see Zhong et al. 2017, "Random Erasing Data Augmentation", https://arxiv.org/abs/1708.04896
 * @example
 * const erase = g.utils.data.transforms.randomErasing({ p: 1, scale: [0.25, 0.25], ratio: [1, 1] })
 * erase(g.ones(1, 4, 4)).sum().item() // => 12
 */
export function randomErasing(options?: RandomErasingOptions): Transform {
  const { p, scale, ratio, value } = withDefaults('randomErasing', erasingTable, options, erasingDefaults)
  // as torchvision has them: float32
  const [narrow, wide] = tensor([...ratio])
    .log()
    .tolist() as [number, number] // two numbers give two
  return (image, context) => {
    const [height, width] = sizeOf(image, 'randomErasing')
    const generator = generatorOf(context)
    if (!happens(p, generator)) return image
    const uniform = (from: number, to: number): Tensor => empty(1).uniform_(from, to, { generator })
    // ten tries for a rectangle that lies within
    for (let tries = 0; tries < 10; tries++) {
      const area = height * width * uniform(scale[0], scale[1]).item()
      const aspect = uniform(narrow, wide).exp().item()
      const high = roundToEven(Math.sqrt(area * aspect))
      const broad = roundToEven(Math.sqrt(area / aspect))
      if (high >= height || broad >= width) continue
      const noise =
        value === 'random'
          ? empty(...image.shape.slice(0, -2), high, broad).normal_(0, 1, { generator })
          : channelwise(value, image, 'randomErasing')
      if (value === 'random' && !isFloat(image.dtype)) {
        throw new DTypeError(`noise cannot be written into an image of ${image.dtype}`)
      }
      const top = below(height - high + 1, generator)
      const left = below(width - broad + 1, generator)
      const result = image.clone()
      result.narrow(-2, top, high).narrow(-1, left, broad).copy_(noise)
      return result
    }
    return image
  }
}
