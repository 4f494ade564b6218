import { tensor, type Tensor } from '@gradus/core'
import { defineOptions, integer, oneOf, withDefaults } from '@gradus/core/internal'
import { DataError } from '../readers/data-error.ts'
import { allOf, checkReadable, nameOf, type Readable } from '../readers/source.ts'
import { isJpeg, readJpeg } from './jpeg.ts'
import { planesOf, type ImageMode } from './pixels.ts'
import { isPng, readPng } from './png.ts'

/** Options of {@link decodeImage}. */
export interface DecodeImageOptions {
  /** Channels of the result; 'rgb' by default, so that images of all kinds make one batch. */
  mode?: ImageMode
  /** An image of more pixels is refused before memory is taken for it; 2^26 by default. */
  maxPixels?: number
}

const table = /* @__PURE__ */ defineOptions<DecodeImageOptions>({
  mode: /* @__PURE__ */ oneOf('rgb', 'gray', 'rgba', 'unchanged'),
  maxPixels: /* @__PURE__ */ integer(1, 2 ** 28),
})

const defaults: Required<DecodeImageOptions> = { mode: 'rgb', maxPixels: 2 ** 26 }

/**
 * The pixels of a PNG or JPEG file: uint8 `[channels, height, width]`. The same bits in Node and in pages.
 *
 * Orientation and colour profiles that a file may hold are not applied, as PyTorch does not. Of 16 bits the upper 8 are kept.
 *
 * @throws DataError for a file of another format, one that is damaged, and an image of more than `maxPixels`
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.decode_image.html
 * @example
 * ```ts norun
 * import { decodeImage } from '@gradus/data/image'
 * const x = await decodeImage('cat.jpg') // uint8 [3, height, width]
 * x.to('float32').div(255)
 * ```
 */
export async function decodeImage(from: Readable, options?: DecodeImageOptions): Promise<Tensor> {
  checkReadable('decodeImage', from)
  const { mode, maxPixels } = withDefaults('decodeImage', table, options, defaults)
  const name = nameOf(from)
  const bytes = await allOf(from)
  const pixels = isPng(bytes)
    ? await readPng(bytes, maxPixels, name)
    : isJpeg(bytes)
      ? readJpeg(bytes, maxPixels, name)
      : null
  if (pixels === null) throw new DataError(`${name}: neither a PNG nor a JPEG file`)
  const { planes, count } = planesOf(pixels, mode)
  return tensor(planes).reshape([count, pixels.height, pixels.width])
}
