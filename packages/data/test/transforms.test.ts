import {
  arange,
  Generator,
  manualSeed,
  ones,
  rand,
  setBackend,
  tensor,
  zeros,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { transforms } from '../src/index.ts'

setBackend(referenceBackend())

const { centerCrop, compose, normalize, randomCrop, randomErasing, randomHorizontalFlip, resize, toFloat } =
  transforms

/** [top, left, height, width] of the elements that are not 0; null if all are. */
function box(x: Tensor): number[] | null {
  const rows = x.select(0, 0).tolist() as number[][]
  const marked = rows.flatMap((row, y) => row.flatMap((v, i) => (v === 0 ? [] : [[y, i] as const])))
  if (marked.length === 0) return null
  const [ys, xs] = [marked.map(([y]) => y), marked.map(([, i]) => i)]
  const [top, left] = [Math.min(...ys), Math.min(...xs)]
  return [top, left, Math.max(...ys) - top + 1, Math.max(...xs) - left + 1]
}

// numbers from torchvision's own steps in PyTorch 2.13
test('random erasing draws the rectangles of torchvision, and copies the image', () => {
  manualSeed(5)
  const erase = randomErasing({ value: 1 })
  const image = zeros(1, 12, 10)
  expect(Array.from({ length: 10 }, () => box(erase(image)))).toEqual([
    null,
    [2, 1, 9, 4],
    [0, 1, 7, 6],
    null,
    null,
    null,
    null,
    null,
    [3, 0, 7, 5],
    null,
  ])
  expect(image.sum().item()).toBe(0)
})

test('random erasing with noise writes the normal numbers of PyTorch', () => {
  manualSeed(6)
  const erase = randomErasing({ p: 1, scale: [0.2, 0.2], ratio: [1, 1], value: 'random' })
  const x = erase(zeros(2, 6, 6))
  expect(box(x)).toEqual([1, 1, 3, 3])
  expect(x.at(0, 1).tolist()).toEqual([0, -1.335198998451233, -0.4896668791770935, -0.7344776391983032, 0, 0])
})

test('crops and flips draw what torchvision draws', () => {
  manualSeed(7)
  const positions = arange(72).reshape(1, 8, 9)
  const crop = randomCrop([3, 4])
  const corners = Array.from({ length: 6 }, () => crop(positions).at(0, 0, 0).item())
  expect(corners).toEqual([[3, 4], [1, 2], [1, 3], [5, 5], [4, 5], [4, 1]].map(([y, x]) => y * 9 + x)) // prettier-ignore
  const flip = randomHorizontalFlip()
  expect(
    Array.from({ length: 8 }, () =>
      flip(tensor([[[0, 1]]]))
        .at(0, 0, 0)
        .item(),
    ),
  ).toEqual([1, 1, 1, 1, 0, 1, 0, 1])
})

test('a crop of the whole image draws nothing, padding makes room for more', () => {
  manualSeed(1)
  const first = rand(1).item()
  manualSeed(1)
  expect(randomCrop(2)(ones(1, 2, 2)).shape).toEqual([1, 2, 2])
  expect(rand(1).item()).toBe(first)
  expect(randomCrop([4, 2], { padding: [0, 1], fill: 7 })(ones(1, 2, 2)).tolist()).toEqual([
    [
      [7, 7],
      [1, 1],
      [1, 1],
      [7, 7],
    ],
  ])
  expect(randomCrop(5, { padIfNeeded: true })(ones(3, 2, 9)).shape).toEqual([3, 5, 5])
  expect(() => randomCrop(3)(ones(1, 2, 9))).toThrow(
    'Required crop size (3, 3) is larger than input image size (2, 9)',
  )
})

test('the middle of an image is where torchvision rounds it to, with zeros around a small one', () => {
  expect(centerCrop([1, 2])(arange(15).reshape(1, 3, 5)).tolist()).toEqual([[[7, 8]]])
  expect(centerCrop(2)(arange(9).reshape(1, 3, 3)).tolist()).toEqual([
    [
      [0, 1],
      [3, 4],
    ],
  ])
  expect(centerCrop(3)(ones(1, 2, 2)).tolist()).toEqual([
    [
      [1, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
    ],
  ])
})

test('resizing interpolates as torchvision does: averaged where it shrinks, rounded for bytes', () => {
  const found = resize([2, 3])(arange(20).to('float32').reshape(1, 4, 5))
    .flatten()
    .tolist() as number[]
  const expected = [4, 5.5714287757873535, 7.142857074737549, 11.85714340209961, 13.428570747375488, 15]
  found.forEach((x, i) => expect(x).toBeCloseTo(expected[i], 5))
  const bytes = arange(20).mul(12).add(1).to('uint8').reshape(1, 4, 5)
  const cubic = resize([3, 7], { mode: 'bicubic' })(bytes)
  expect([cubic.dtype, cubic.flatten().tolist()]).toEqual([
    'uint8',
    [12, 18, 28, 36, 45, 54, 61, 90, 97, 106, 115, 124, 133, 140, 169, 176, 185, 194, 202, 212, 218],
  ])
  expect(resize(2)(ones(3, 5, 4)).shape).toEqual([3, 2, 2])
  expect(resize(4, { maxSize: 6 })(ones(3, 10, 20)).shape).toEqual([3, 3, 6])
  expect(() => resize([2, 2], { maxSize: 6 })).toThrow('max_size should only be passed')
})

test('bytes become numbers from 0 to 1, and are normalised by channel', () => {
  const image = tensor([[[0]], [[255]], [[51]]], { dtype: 'uint8' })
  const transform = compose([toFloat(), normalize([0, 1, 0], [1, 2, 0.2])])
  expect(transform(image).flatten().tolist()).toEqual([0, 0, 1])
  expect(() => normalize(0, 1)(image)).toThrow('Input tensor should be a float tensor. Got uint8.')
  expect(() => normalize([0, 0], 1)(ones(3, 1, 1))).toThrow(
    'normalize has 2 channels, the image [3, 1, 1] has 3',
  )
  expect(() => normalize(0, [1, 0])).toThrow('std evaluated to zero')
})

test('a generator that is given is the only one drawn from', () => {
  const drawn = (seed: number) =>
    randomErasing({ p: 1, value: 1 })(zeros(1, 9, 9), { generator: new Generator(seed) })
  manualSeed(3)
  const next = rand(1).item()
  manualSeed(3)
  expect(box(drawn(1))).toEqual(box(drawn(1)))
  expect(rand(1).item()).toBe(next)
})

test('options and arguments are checked when a transform is made', () => {
  const untyped = transforms as unknown as Record<string, (...args: unknown[]) => unknown>
  expect(() => untyped['randomCrop'](0)).toThrow('randomCrop: size must be a positive integer')
  expect(() => untyped['randomCrop'](2, { pad: 1 })).toThrow("randomCrop has no option 'pad'")
  expect(() => untyped['randomHorizontalFlip'](2)).toThrow('p must be a number from 0 to 1')
  expect(() => untyped['resize']([1, 2, 3])).toThrow('size must be')
  expect(() => untyped['resize'](2, { interpolation: 'bilinear' })).toThrow("no option 'interpolation'")
  expect(() => untyped['normalize']('a', 1)).toThrow('mean must be a number')
  expect(() => untyped['randomErasing']({ scale: [0.5, 0.2] })).toThrow('scale must be two numbers')
  expect(() => untyped['randomErasing']({ value: 'noise' })).toThrow("value must be 'random'")
})
