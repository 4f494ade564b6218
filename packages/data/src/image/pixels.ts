/** Samples of 8 bits, pixel by pixel, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** 1 grey, 2 grey and alpha, 3 red, green and blue, 4 these and alpha */
  readonly channels: number
  readonly samples: Uint8Array
}

/** Channels of an image, as they are asked for. */
export type ImageMode = 'rgb' | 'gray' | 'rgba' | 'unchanged'

const channelsOf = { gray: 1, rgb: 3, rgba: 4 } as const

/** Planes, [channels, height, width], of a mode. Alpha is left out or 255 where it is not there; colours are not blended. */
export function planesOf(
  { width, height, channels, samples }: Pixels,
  mode: ImageMode,
): { planes: Uint8Array; count: number } {
  const count = mode === 'unchanged' ? channels : channelsOf[mode]
  const size = width * height
  const planes = new Uint8Array(size * count)
  const isGray = channels <= 2
  const alpha = channels === 2 || channels === 4 ? channels - 1 : -1
  for (let i = 0; i < size; i++) {
    const from = i * channels
    if (count === channels) for (let c = 0; c < count; c++) planes[c * size + i] = samples[from + c]
    else if (count === 1) planes[i] = isGray ? samples[from] : luma(samples, from)
    else {
      for (let c = 0; c < 3; c++) planes[c * size + i] = samples[isGray ? from : from + c]
      if (count === 4) planes[3 * size + i] = alpha < 0 ? 255 : samples[from + alpha]
    }
  }
  return { planes, count }
}

/** Brightness as ITU-R BT.601 weighs it, rounded as Pillow does. */
const luma = (samples: Uint8Array, at: number): number =>
  (samples[at] * 19595 + samples[at + 1] * 38470 + samples[at + 2] * 7471 + 0x8000) >> 16
