import { defaultGenerator, rand, randint, ShapeError, type Generator, type Tensor } from '@gradus/core'
import { functionKind, kind, listOf, takeArgument } from '@gradus/core/internal'
import type { ItemContext } from '../datasets/context.ts'

/**
 * Makes an image of an image, `[channels, height, width]` or with more axes before. It draws from the context's generator if it is
 * given one, else from the default generator, in torchvision's order.
 */
export type Transform = (image: Tensor, context?: Pick<ItemContext, 'generator'>) => Tensor

/**
 * One transform after the other.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Compose.html
 * @example
 * const { compose, toFloat, normalize } = g.utils.data.transforms
 * const transform = compose([toFloat(), normalize([0.5], [0.5])])
 * transform(g.full([1, 1, 2], 255, { dtype: 'uint8' })).tolist() // => [[[1, 1]]]
 */
export function compose(transforms: readonly Transform[]): Transform {
  takeArgument('compose', 'transforms', listOf(functionKind<Transform>()), transforms)
  return (image, context) => transforms.reduce((x, transform) => transform(x, context), image)
}

/** Height and width. */
export type Size = readonly [height: number, width: number]

/** A size, or the length of both sides. */
export const sizeKind = /* @__PURE__ */ kind<number | Size>(
  'a positive integer, or [height, width]',
  (x) => isLength(x) || (Array.isArray(x) && x.length === 2 && x.every(isLength)),
)

const isLength = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) > 0 // a safe integer is a number

/** Numbers, one for each channel, or one for all. */
export const perChannel = /* @__PURE__ */ kind<number | readonly number[]>(
  'a number, or one for each channel',
  (x) => Number.isFinite(x) || (Array.isArray(x) && x.length > 0 && x.every(Number.isFinite)),
)

/** A share of all. */
export const probability = /* @__PURE__ */ kind<number>(
  'a number from 0 to 1',
  (x) => typeof x === 'number' && x >= 0 && x <= 1,
)

/** Height and width of an image. */
export function sizeOf(image: Tensor, call: string): Size {
  if (image.ndim < 2)
    throw new ShapeError(`${call} takes images [..., height, width], got [${image.shape.join(', ')}]`)
  return [image.shape.at(-2)!, image.shape.at(-1)!]
}

export const generatorOf = (context: Pick<ItemContext, 'generator'> | undefined): Generator =>
  context?.generator ?? defaultGenerator()

/** Whether something that happens with a probability does: torchvision's `torch.rand(1) < p`. */
export const happens = (p: number, generator: Generator): boolean =>
  // a float32 is compared with p as one
  rand(1, { generator }).item() < Math.fround(p)

/** A whole number from 0 to `count - 1`: torchvision's `torch.randint(0, count, (1,))`. */
export const below = (count: number, generator: Generator): number =>
  randint(0, count, [1], { generator }).item()
