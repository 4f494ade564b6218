import { decode } from 'jpeg-js'
import { DataError } from '../readers/data-error.ts'
import type { Pixels } from './pixels.ts'

/** Whether a file begins as JPEG files do. */
export const isJpeg = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

/** Bytes of memory that the decoder takes for a pixel, beside the file: coefficients, lines, and the result. */
const bytesPerPixel = 32

/** The pixels of a JPEG file, baseline or progressive. Colours of print (CMYK) become red, green and blue. */
export function readJpeg(bytes: Uint8Array, maxPixels: number, name: string): Pixels {
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: maxPixels / 1e6,
      maxMemoryUsageInMB: Math.ceil((maxPixels * bytesPerPixel + bytes.length) / 2 ** 20) + 8,
    })
    return { width, height, channels: 3, samples: data }
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    if (/maxResolutionInMP|maxMemoryUsageInMB/.test(what)) {
      throw new DataError(`${name}: the image has more than ${maxPixels} pixels`, {
        cause,
        hint: 'maxPixels allows more',
      })
    }
    throw new DataError(`${name}: damaged, or a kind of JPEG that is not read: ${what}`, { cause })
  }
}
