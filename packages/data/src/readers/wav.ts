import { tensor, type Tensor } from '@gradus/core'
import { DataError } from './data-error.ts'
import { allOf, checkReadable, nameOf, type Readable } from './source.ts'

/** Sound as a tensor. */
export interface Sound {
  /** [channels, frames], float32 from -1 to 1 */
  waveform: Tensor
  /** Frames in a second. */
  sampleRate: number
}

/**
 * The sound in a WAV file: PCM of 8, 16, 24 or 32 bits, or floating-point numbers of 32 or 64.
 *
 * @throws DataError for a file of another format or encoding
 * @see https://pytorch.org/audio/stable/generated/torchaudio.load.html
 * @example
 * ```ts norun
 * const { waveform, sampleRate } = await g.utils.data.readWav('speech.wav')
 * ```
 */
export async function readWav(from: Readable): Promise<Sound> {
  checkReadable('readWav', from)
  const name = nameOf(from)
  const bytes = await allOf(from)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const { format, data } = chunksOf(view, name)
  const { channels, sampleRate, width } = format
  const read = samplesOf(format, name)
  const frames = Math.floor(data.length / (channels * width))
  const samples = new Float32Array(channels * frames)
  for (let frame = 0; frame < frames; frame++) {
    for (let channel = 0; channel < channels; channel++) {
      samples[channel * frames + frame] = read(view, data.start + (frame * channels + channel) * width)
    }
  }
  return { waveform: tensor(samples).reshape([channels, frames]), sampleRate }
}

interface Format {
  readonly encoding: number
  readonly channels: number
  readonly sampleRate: number
  /** Bytes of a sample. */
  readonly width: number
}

const fourAt = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3))

/** The two chunks that matter; others are passed over. */
function chunksOf(view: DataView, name: string): { format: Format; data: { start: number; length: number } } {
  const size = view.byteLength
  if (size < 12 || fourAt(view, 0) !== 'RIFF' || fourAt(view, 8) !== 'WAVE') {
    throw new DataError(`${name}: not a WAV file: it begins with RIFF, a length, and WAVE`)
  }
  let format: Format | null = null
  for (let at = 12; at + 8 <= size;) {
    const id = fourAt(view, at)
    const length = view.getUint32(at + 4, true)
    const start = at + 8
    if (id === 'fmt ') format = formatAt(view, start, Math.min(length, size - start), name)
    if (id === 'data') {
      if (format === null) throw new DataError(`${name}: the samples come before their format`)
      // a recorder that was cut off leaves a length that is too large, or 2^32 - 1
      return { format, data: { start, length: Math.min(length, size - start) } }
    }
    // chunks begin at even bytes
    at = start + length + (length % 2)
  }
  throw new DataError(`${name}: the file has no samples`)
}

function formatAt(view: DataView, at: number, length: number, name: string): Format {
  if (length < 16) throw new DataError(`${name}: the format has ${length} bytes of 16`)
  const extended = view.getUint16(at, true) === 0xfffe && length >= 26
  const format = {
    // the extended form names the encoding later on
    encoding: view.getUint16(extended ? at + 24 : at, true),
    channels: view.getUint16(at + 2, true),
    sampleRate: view.getUint32(at + 4, true),
    width: view.getUint16(at + 14, true) / 8,
  }
  if (format.channels === 0) throw new DataError(`${name}: the sound has no channels`)
  return format
}

/** How one sample is read. */
function samplesOf({ encoding, width }: Format, name: string): (view: DataView, at: number) => number {
  if (encoding === 1 && width === 1) return (view, at) => (view.getUint8(at) - 128) / 2 ** 7
  if (encoding === 1 && width === 2) return (view, at) => view.getInt16(at, true) / 2 ** 15
  if (encoding === 1 && width === 3) {
    return (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23
  }
  if (encoding === 1 && width === 4) return (view, at) => view.getInt32(at, true) / 2 ** 31
  if (encoding === 3 && width === 4) return (view, at) => view.getFloat32(at, true)
  if (encoding === 3 && width === 8) return (view, at) => view.getFloat64(at, true)
  throw new DataError(`${name}: samples of encoding ${encoding} with ${8 * width} bits are not read`, {
    hint: 'convert the file to PCM of 16 bits',
  })
}
