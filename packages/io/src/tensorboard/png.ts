import { joined } from './protobuf.ts'
import { crc32 } from '../zip/crc32.ts'

/** Bytes, one to a channel, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** 1 for grey, 3 for colours, 4 with transparency. */
  readonly channels: 1 | 3 | 4
  readonly data: Uint8Array
}

/** An image as PNG. https://www.w3.org/TR/png-3/ */
export async function encodePng({ width, height, channels, data }: Pixels): Promise<Uint8Array> {
  const row = width * channels
  // each row begins with how it was filtered: not at all
  const rows = new Uint8Array(height * (row + 1))
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, { 1: 0, 3: 2, 4: 6 }[channels]], 8)
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  return joined([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', await deflate(rows)),
    chunk('IEND', new Uint8Array(0)),
  ])
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = joined([new TextEncoder().encode(type), data])
  const edge = new Uint8Array(8)
  const view = new DataView(edge.buffer)
  view.setUint32(0, data.length)
  view.setUint32(4, crc32(body))
  return joined([edge.subarray(0, 4), body, edge.subarray(4)])
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
