import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeImage, ImageFolder } from '../src/image/index.ts'
import { DataLoader } from '../src/index.ts'
import {
  channelsOf,
  chunk,
  header,
  joined,
  signature,
  writePng,
  type PngImage,
} from './fixtures/png-writer.ts'

setBackend(referenceBackend())

const folder = mkdtempSync(join(tmpdir(), 'gradus-images-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Samples that differ, in the range of a depth. */
const noise = (count: number, depth: number): number[] =>
  Array.from({ length: count }, (_, i) => (i * 2654435761 * 7 + i * i * 40503) % 2 ** depth)

const image = (color: number, depth: number, options: Partial<PngImage> = {}): PngImage => {
  const [width, height] = [11, 9]
  return {
    width,
    height,
    depth,
    color,
    samples: noise(width * height * channelsOf[color], depth),
    ...options,
  }
}

const combinations = [
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [4, [8, 16]],
  [6, [8, 16]],
] as const

describe('PNG', () => {
  for (const [color, depths] of combinations) {
    for (const depth of depths) {
      for (const interlaced of [false, true]) {
        test(`colour type ${color} with ${depth} bits${interlaced ? ', interlaced' : ''}, by each filter`, async () => {
          for (let filter = 0; filter <= 4; filter++) {
            const png = image(color, depth, { interlaced, filter })
            const x = await decodeImage(writePng(png), { mode: 'unchanged' })
            const channels = channelsOf[color]
            expect([x.dtype, x.shape]).toEqual(['uint8', [channels, 9, 11]])
            const scaled = Array.from(png.samples, (s) =>
              depth === 16 ? s >> 8 : Math.round((s * 255) / (2 ** depth - 1)),
            )
            expect([...x.permute(1, 2, 0).contiguous().readSync()]).toEqual(scaled)
          }
        })
      }
    }
  }

  test('a palette, of each depth, becomes its colours; alpha stands beside them where it is asked for', async () => {
    for (const depth of [1, 2, 4, 8]) {
      const palette = Uint8Array.from(noise(3 * 2 ** depth, 8))
      const png = image(3, depth, { palette, transparency: Uint8Array.of(7) })
      const x = await decodeImage(writePng(png), { mode: 'rgba' })
      const pixels = Array.from(png.samples, (index) => [
        ...palette.subarray(3 * index, 3 * index + 3),
        index === 0 ? 7 : 255,
      ])
      expect([...x.permute(1, 2, 0).contiguous().readSync()]).toEqual(pixels.flat())
      expect((await decodeImage(writePng(png))).shape).toEqual([3, 9, 11])
    }
  })

  test('one colour may be transparent', async () => {
    const gray = image(0, 4, { width: 2, height: 1, samples: [3, 5], transparency: Uint8Array.of(0, 5) })
    expect((await decodeImage(writePng(gray), { mode: 'unchanged' })).tolist()).toEqual([
      [[51, 85]],
      [[255, 0]],
    ])
    const color = image(2, 8, {
      width: 2,
      height: 1,
      samples: [1, 2, 3, 4, 5, 6],
      transparency: Uint8Array.of(0, 1, 0, 2, 0, 3),
    })
    expect((await decodeImage(writePng(color), { mode: 'rgba' })).select(0, 3).tolist()).toEqual([[0, 255]])
  })

  test('modes are those of Pillow: grey is weighed, alpha left out', async () => {
    const png = writePng(image(6, 8, { width: 1, height: 1, samples: [200, 100, 50, 9] }))
    expect((await decodeImage(png)).tolist()).toEqual([[[200]], [[100]], [[50]]])
    // Image.new('RGB', (1, 1), (200, 100, 50)).convert('L')
    expect((await decodeImage(png, { mode: 'gray' })).tolist()).toEqual([[[124]]])
    const gray = writePng(image(4, 8, { width: 1, height: 1, samples: [77, 9] }))
    expect((await decodeImage(gray)).tolist()).toEqual([[[77]], [[77]], [[77]]])
    expect((await decodeImage(gray, { mode: 'rgba' })).tolist()).toEqual([[[77]], [[77]], [[77]], [[9]]])
  })

  const idat = (bytes: Uint8Array): Uint8Array => chunk('IDAT', bytes)
  const end = chunk('IEND', new Uint8Array(0))
  const refused = (bytes: Uint8Array, message: string, options = {}): Promise<void> =>
    expect(decodeImage(bytes, options)).rejects.toThrow(message)

  test('a header that claims too many pixels is refused before memory is taken', async () => {
    const before = process.memoryUsage().arrayBuffers
    const huge = header({ width: 60_000, height: 60_000, depth: 8, color: 6, samples: [] })
    await refused(
      joined([signature, chunk('IHDR', huge), idat(new Uint8Array(9)), end]),
      '60000 × 60000 pixels',
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
    await refused(writePng(image(0, 8)), 'more than 98', { maxPixels: 98 })
  })

  test('what is damaged is refused', async () => {
    const whole = writePng(image(2, 8))
    await refused(whole.subarray(0, 60), 'longer than the file')
    await refused(whole.subarray(0, whole.length - 12), 'ends before its last chunk')
    const flipped = Uint8Array.from(whole)
    flipped[20] ^= 1
    await refused(flipped, 'the chunk IHDR is damaged')
    const torn = Uint8Array.from(whole)
    torn[60] ^= 0xff
    await refused(torn, 'cannot be read')
    const few = [signature, chunk('IHDR', header(image(0, 8))), end]
    await refused(joined(few), 'has no pixels')
    await refused(joined([signature, end]), 'the header is the first chunk')
    await refused(
      joined([signature, chunk('IHDR', header(image(0, 3))), end]),
      'values that PNG does not know',
    )
    await refused(writePng(image(3, 8)), 'colours that pixels refer to are not there')
    await refused(
      writePng(image(3, 8, { palette: Uint8Array.of(1, 2, 3) })),
      'a pixel refers to a colour that is not there',
    )
    await refused(Uint8Array.of(1, 2, 3), 'neither a PNG nor a JPEG file')
  })

  test('pixel data that unpack to more than the image are refused where they exceed it', async () => {
    const { deflateSync } = await import('node:zlib')
    const bomb = Uint8Array.from(deflateSync(new Uint8Array(1 << 26)))
    await refused(
      joined([signature, chunk('IHDR', header(image(0, 8))), idat(bomb), end]),
      'more than 108 bytes',
    )
  })
})

describe('JPEG', () => {
  // 8 × 8 pixels: red above, blue below, saved by Pillow with quality 95 and no subsampling
  const jpeg = Uint8Array.from(
    atob(
      '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIAAgDAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD4X/4aD/6lH/yf/wDtdfuH/EnH/U8/8tv/AL4P6O/4nU/6kP8A5df/AHuf/9k=',
    ),
    (c) => c.charCodeAt(0),
  )

  test('pixels are those that libjpeg decodes, to a few levels', async () => {
    const x = await decodeImage(jpeg)
    expect([x.dtype, x.shape]).toEqual(['uint8', [3, 8, 8]])
    const expected = [
      [220, 220, 221, 218, 21, 18, 21, 20],
      [30, 31, 29, 31, 39, 41, 39, 40],
      [42, 38, 40, 40, 199, 199, 201, 199],
    ].map((plane) => plane.map((v) => Array.from({ length: 8 }, () => v))) // rows of one value
    const found = x.tolist() as number[][][]
    expected.forEach((plane, c) =>
      plane.forEach((row, y) =>
        row.forEach((v, i) => expect(Math.abs(found[c][y][i] - v)).toBeLessThanOrEqual(3)),
      ),
    )
  })

  test('more pixels than are allowed, and damage, are refused', async () => {
    await expect(decodeImage(jpeg, { maxPixels: 63 })).rejects.toThrow('more than 63 pixels')
    await expect(decodeImage(jpeg.subarray(0, 100))).rejects.toThrow('damaged')
    // the sizes in the frame: 65535 × 65535
    const huge = Uint8Array.from(jpeg)
    const frame = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0)
    huge.fill(0xff, frame + 5, frame + 9)
    await expect(decodeImage(huge)).rejects.toThrow('more than 67108864 pixels')
  })
})

describe('a folder of images', () => {
  const write = (path: string, value: number): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(
      join(folder, path),
      writePng(image(0, 8, { width: 2, height: 2, samples: [value, 1, 2, 3] })),
    )
  }

  test('has a class for each folder in it, and gives batches of images and labels', async () => {
    write('pets/dog/b.png', 20)
    write('pets/dog/deeper/a.png', 30)
    write('pets/cat/c.PNG', 10)
    writeFileSync(join(folder, 'pets/cat/notes.txt'), '')
    const images = new ImageFolder(join(folder, 'pets'), { transform: (x) => x.to('float32') })
    expect(images.classes).toEqual(['cat', 'dog'])
    expect(images.length).toBe(3)
    const found: unknown[] = []
    for await (const [x, y] of new DataLoader(images, { batchSize: 3 })) {
      found.push(x.dtype, x.shape, x.at('...', 0, 0).select(1, 0).tolist(), y.dtype, y.tolist())
    }
    expect(found).toEqual(['float32', [3, 3, 2, 2], [10, 20, 30], 'int64', [0, 1, 1]])
  })

  test('that is not there, has no classes, or a class without images is refused', () => {
    expect(() => new ImageFolder(join(folder, 'none'))).toThrow('cannot be read')
    mkdirSync(join(folder, 'flat'))
    expect(() => new ImageFolder(join(folder, 'flat'))).toThrow("Couldn't find any class folder")
    mkdirSync(join(folder, 'flat', 'bird'))
    expect(() => new ImageFolder(join(folder, 'flat'))).toThrow('Found no valid file for the class "bird"')
  })

  test('a damaged image is named', async () => {
    write('torn/a/x.png', 1)
    writeFileSync(join(folder, 'torn/a/y.png'), 'no image')
    const torn = new ImageFolder(join(folder, 'torn'))
    await expect(torn.get(1)).rejects.toThrow('torn/a/y.png: neither a PNG nor a JPEG file')
  })
})
