import { DataError } from '../readers/data-error.ts'
import { joined, unpacked } from '../readers/source.ts'
import type { Pixels } from './pixels.ts'
import { samplesIn, dataLength, type Raster } from './png-rows.ts'

interface Header extends Raster {
  readonly color: number
}

/** Channels by colour type, and the bit depths that each may have. */
const colors = new Map([
  [0, { channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { channels: 3, depths: [8, 16] }],
  [3, { channels: 1, depths: [1, 2, 4, 8] }],
  [4, { channels: 2, depths: [8, 16] }],
  [6, { channels: 4, depths: [8, 16] }],
])

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Whether a file begins as PNG files do. */
export const isPng = (bytes: Uint8Array): boolean => signature.every((byte, i) => bytes[i] === byte)

/**
 * The pixels of a PNG file. Pixel data are unpacked by the platform, and no further than the header's size: of the libraries at hand
 * one unpacks whatever is there, and reads interlaced images of less than 8 bits wrongly.
 *
 * @see https://www.w3.org/TR/png-3
 */
export async function readPng(bytes: Uint8Array, maxPixels: number, name: string): Promise<Pixels> {
  const { header, palette, transparency, data } = chunksOf(bytes, maxPixels, name)
  const length = dataLength(header)
  const raw = await joined(unpacked(piecesIn(data), 'deflate', name), length, name)
  if (raw.length !== length)
    throw new DataError(`${name}: ${raw.length} of the ${length} bytes of pixels are there`)
  const samples = samplesIn(raw, header)
  if (samples === null) throw new DataError(`${name}: a row has a filter that PNG does not know`)
  return palette
    ? paletted(samples, palette, transparency, header, name)
    : direct(samples, transparency, header)
}

async function* piecesIn(data: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* data
}

interface Chunks {
  readonly header: Header
  readonly palette: Uint8Array | null
  readonly transparency: Uint8Array | null
  readonly data: readonly Uint8Array[]
}

function chunksOf(bytes: Uint8Array, maxPixels: number, name: string): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const refuse = (what: string): DataError => new DataError(`${name}: ${what}`)
  let header: Header | null = null
  let palette: Uint8Array | null = null
  let transparency: Uint8Array | null = null
  const data: Uint8Array[] = []
  for (let at = signature.length; ;) {
    if (at + 12 > bytes.length) throw refuse('the file ends before its last chunk')
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (length > bytes.length - at - 12)
      throw refuse(`the chunk ${JSON.stringify(type)} is longer than the file`)
    const body = bytes.subarray(at + 8, at + 8 + length)
    const isHeader = type === 'IHDR'
    if (isHeader !== (header === null)) throw refuse('the header is the first chunk, and the only one')
    // pixel data carry a sum of their own
    const isChecked = isHeader || type === 'PLTE' || type === 'tRNS'
    if (isChecked && crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw refuse(`the chunk ${type} is damaged`)
    }
    if (isHeader) header = headerIn(body, maxPixels, name)
    else if (type === 'PLTE') palette = body
    else if (type === 'tRNS') transparency = body
    else if (type === 'IDAT') data.push(body)
    else if (type === 'IEND') break
    else if ((bytes[at + 4] & 0x20) === 0) throw refuse(`the chunk ${JSON.stringify(type)} is not known`)
    at += 12 + length
  }
  if (header === null || data.length === 0) throw refuse('the file has no pixels')
  if (header.color === 3) checkPalette(palette, transparency, refuse)
  else if (header.color >= 4) transparency = null
  else if (transparency !== null && transparency.length !== (header.color === 0 ? 2 : 6)) {
    throw refuse('the transparent colour is damaged')
  }
  return { header, palette: header.color === 3 ? palette : null, transparency, data }
}

function checkPalette(
  palette: Uint8Array | null,
  transparency: Uint8Array | null,
  refuse: (what: string) => DataError,
): void {
  if (palette === null || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768) {
    throw refuse('the colours that pixels refer to are not there')
  }
  if ((transparency?.length ?? 0) > palette.length / 3)
    throw refuse('more colours are transparent than there are')
}

function headerIn(body: Uint8Array, maxPixels: number, name: string): Header {
  if (body.length !== 13) throw new DataError(`${name}: the header has ${body.length} bytes of 13`)
  const view = new DataView(body.buffer, body.byteOffset, 13)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [depth, color, compression, filter, interlace] = body.subarray(8)
  const isKnown =
    colors.get(color)?.depths.includes(depth) === true && compression === 0 && filter === 0 && interlace <= 1
  if (!isKnown) throw new DataError(`${name}: the header has values that PNG does not know`)
  if (width === 0 || height === 0) throw new DataError(`${name}: the image has no pixels`)
  if (width * height > maxPixels) {
    throw new DataError(`${name}: the header claims ${width} × ${height} pixels, more than ${maxPixels}`, {
      hint: 'maxPixels allows more',
    })
  }
  return { width, height, depth, color, channels: colors.get(color)!.channels, interlaced: interlace === 1 } // one that is known
}

/** The colours that pixels refer to. */
function paletted(
  indices: ArrayLike<number>,
  palette: Uint8Array,
  transparency: Uint8Array | null,
  { width, height }: Header,
  name: string,
): Pixels {
  const channels = transparency ? 4 : 3
  const samples = new Uint8Array(width * height * channels)
  const colors = palette.length / 3
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]
    if (index >= colors) throw new DataError(`${name}: a pixel refers to a colour that is not there`)
    for (let c = 0; c < 3; c++) samples[i * channels + c] = palette[3 * index + c]
    if (transparency) samples[i * channels + 3] = index < transparency.length ? transparency[index] : 255
  }
  return { width, height, channels, samples }
}

/** Samples of 8 bits: 1, 2 and 4 bits are spread over 0 to 255; of 16 bits the upper 8 are kept, as libpng does. */
function direct(
  wide: Uint8Array | Uint16Array,
  transparency: Uint8Array | null,
  { width, height, depth, channels }: Header,
): Pixels {
  const scale = 255 / (2 ** Math.min(depth, 8) - 1)
  const samples = wide instanceof Uint8Array && depth === 8 ? wide : new Uint8Array(wide.length)
  if (samples !== wide) {
    for (let i = 0; i < wide.length; i++) samples[i] = depth === 16 ? wide[i] >> 8 : wide[i] * scale
  }
  if (transparency === null) return { width, height, channels, samples }
  const transparent = Array.from(
    { length: channels },
    (_, c) => transparency[2 * c] * 256 + transparency[2 * c + 1],
  )
  return { width, height, channels: channels + 1, samples: withAlpha(wide, samples, channels, transparent) }
}

/** The given colour is transparent, all others are not. */
function withAlpha(
  wide: ArrayLike<number>,
  samples: Uint8Array,
  channels: number,
  transparent: ArrayLike<number>,
): Uint8Array {
  const count = samples.length / channels
  const result = new Uint8Array(count * (channels + 1))
  for (let i = 0; i < count; i++) {
    let isTransparent = true
    for (let c = 0; c < channels; c++) {
      result[i * (channels + 1) + c] = samples[i * channels + c]
      isTransparent &&= wide[i * channels + c] === transparent[c]
    }
    result[i * (channels + 1) + channels] = isTransparent ? 0 : 255
  }
  return result
}

/** The sum that ends each chunk. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
