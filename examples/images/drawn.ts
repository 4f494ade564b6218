// Pictures drawn by code, in a folder for each kind: discs, squares and crosses of any colour, on any ground.
import * as g from 'gradus'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'

type Shape = (x: number, y: number) => boolean

// in a square from -1 to 1
const shapes: Readonly<Record<string, Shape>> = {
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.3,
  disc: (x, y) => x * x + y * y < 1,
  square: () => true,
}

/** Writes `count` pictures of each kind, `size` × `size` pixels, as PNG files; the same for the same seed. */
export function drawPictures(folder: string, count: number, size: number, seed: number): void {
  const random = new g.Generator(seed)
  for (const [name, shape] of Object.entries(shapes)) {
    mkdirSync(join(folder, name), { recursive: true })
    for (let i = 0; i < count; i++) {
      writeFileSync(join(folder, name, `${i}.png`), png(draw(shape, size, random), size))
    }
  }
}

function draw(shape: Shape, size: number, random: g.Generator): Uint8Array {
  const between = (low: number, high: number): number => low + (high - low) * random.u24()
  const radius = between(0.2, 0.35) * size
  const [cx, cy] = [between(radius, size - radius), between(radius, size - radius)]
  const ground = [0, 1, 2].map(() => between(0, 110))
  const ink = [0, 1, 2].map(() => between(130, 240))
  const pixels = new Uint8Array(size * size * 3)
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [((i % size) - cx) / radius, (Math.floor(i / size) - cy) / radius]
    const isInk = Math.abs(x) < 1 && Math.abs(y) < 1 && shape(x, y)
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = (isInk ? ink : ground)[c] + between(0, 15)
  }
  return pixels
}

/** A PNG file of red, green and blue bytes: https://www.w3.org/TR/png-3. */
function png(pixels: Uint8Array, size: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 2], 8)
  // each row after a byte that says that it is not filtered
  const rows = Array.from({ length: size }, (_, y) => [
    Buffer.alloc(1),
    pixels.subarray(3 * size * y, 3 * size * (y + 1)),
  ])
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type), body])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
