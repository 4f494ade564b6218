// Digits in the four files in which MNIST is given out, packed or not.
import * as g from 'gradus'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { locate } from '../program/files.ts'
import { UsageError } from '../program/options.ts'
import { drawnDigits } from './drawn.ts'

/** Pictures as bytes, [n, height, width], and the digit on each, [n]. */
export interface BytePictures {
  images: g.Tensor
  labels: g.Tensor
}

/** Pictures to train on, and others to test with. */
export interface IdxSets {
  train: BytePictures
  test: BytePictures
}

const parts = { train: 'train', test: 't10k' } as const

/**
 * The digits in a folder with MNIST's files: `train-images-idx3-ubyte` and the other three, with or without `.gz`.
 *
 * @throws UsageError if one is not there, or not of this format
 */
export async function readIdxFolder(folder: string): Promise<IdxSets> {
  const read = async (name: string, axes: number): Promise<g.Tensor> => {
    const places = [name, `${name}.gz`, name.replace('-idx', '.idx')].map((file) =>
      join(locate(folder), file),
    )
    const file = places.find((place) => existsSync(place))
    if (file === undefined) {
      throw new UsageError(
        `${JSON.stringify(join(folder, name))} does not exist; --data takes the folder with the four files of MNIST`,
        1,
      )
    }
    try {
      const x = await g.utils.data.readIdx(file)
      if (x.ndim === axes && x.dtype === 'uint8') return x
      throw new UsageError(`${JSON.stringify(file)} has no bytes in ${axes} axes`, 1)
    } catch (error) {
      if (error instanceof g.TensorError) throw new UsageError(error.message.split('\n')[0], 1)
      throw error
    }
  }
  const pictures = async (part: 'train' | 't10k'): Promise<BytePictures> => {
    const images = await read(`${part}-images-idx3-ubyte`, 3)
    const labels = await read(`${part}-labels-idx1-ubyte`, 1)
    if (images.shape[0] === labels.shape[0] && labels.numel() > 0 && labels.max().item() <= 9)
      return { images, labels }
    throw new UsageError(
      `the labels of ${part} in ${JSON.stringify(folder)} are not a digit for each image`,
      1,
    )
  }
  return { train: await pictures(parts.train), test: await pictures(parts.test) }
}

/** Digits drawn here, written as MNIST's files are and read from them. */
export async function drawnIdx(): Promise<IdxSets> {
  const pictures = async (count: number, seed: number): Promise<BytePictures> => {
    const { x, y } = drawnDigits(count, 28, seed)
    const files = [x.squeeze(1).mul(255).round(), y].map((part) => g.utils.data.toIdx(part.to('uint8')))
    const [images, labels] = await Promise.all(files.map((file) => g.utils.data.readIdx(file)))
    return { images, labels }
  }
  return { train: await pictures(4000, 7), test: await pictures(1000, 8) }
}
