// Digits drawn by code, for who has no files of them: strokes of a pen, each time moved, turned, slanted and smudged.
import * as g from 'gradus'
import { digitsOf, type Digits } from './optdigits.ts'

type Point = readonly [x: number, y: number]

/** Part of an ellipse, in turns clockwise from the right. */
function arc(x: number, y: number, width: number, height: number, from: number, to: number): Point[] {
  const steps = Math.ceil(Math.abs(to - from) * 12)
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / steps)
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)]
  })
}

// one line of the pen for each digit, in a square from its upper left corner
const strokes: readonly (readonly Point[])[] = [
  arc(0.5, 0.5, 0.27, 0.4, 0, 1),
  [[0.34, 0.26], [0.54, 0.1], [0.54, 0.9]], // prettier-ignore
  [...arc(0.5, 0.32, 0.26, 0.22, 0.5, 1.1), [0.24, 0.9], [0.78, 0.9]],
  [...arc(0.48, 0.3, 0.24, 0.2, 0.55, 1.25), ...arc(0.48, 0.7, 0.27, 0.2, 0.75, 1.45)],
  [[0.62, 0.9], [0.62, 0.1], [0.2, 0.65], [0.82, 0.65]], // prettier-ignore
  [[0.74, 0.1], [0.32, 0.1], [0.28, 0.46], ...arc(0.48, 0.64, 0.27, 0.25, 0.7, 1.4)],
  [[0.66, 0.1], [0.38, 0.38], ...arc(0.5, 0.66, 0.23, 0.24, 0.5, 1.5)],
  [[0.22, 0.1], [0.78, 0.1], [0.42, 0.9]], // prettier-ignore
  [...arc(0.5, 0.3, 0.2, 0.2, 0.25, 1.25), ...arc(0.5, 0.7, 0.25, 0.2, 0.75, 1.75)],
  [...arc(0.5, 0.34, 0.23, 0.24, 0, 1), [0.68, 0.9]],
]

/** `count` digits of `size` × `size` pixels, as many of each kind, the same for the same seed. */
export function drawnDigits(count: number, size: number, seed: number): Digits {
  const random = new g.Generator(seed)
  const labels = Array.from({ length: count }, (_, i) => i % 10)
  const pixels = new Float32Array(count * size * size)
  labels.forEach((digit, i) => draw(digit, random, pixels.subarray(i * size * size, (i + 1) * size * size)))
  return digitsOf(pixels, labels, size)
}

function draw(digit: number, random: g.Generator, pixels: Float32Array): void {
  const size = Math.sqrt(pixels.length)
  const around = (centre: number, width: number): number => centre + width * (2 * random.u24() - 1)
  const angle = around(0, 0.3)
  const slant = around(0, 0.3)
  const [right, down] = [around(0.5, 0.08), around(0.5, 0.08)]
  const [wide, high] = [around(0.9, 0.15), around(0.9, 0.1)]
  const pen = around(0.055, 0.02)
  const line = strokes[digit].map(([px, py]): Point => {
    const y = around(py - 0.5, 0.045) * high
    const x = around(px - 0.5, 0.045) * wide - slant * y
    return [
      right + x * Math.cos(angle) - y * Math.sin(angle),
      down + x * Math.sin(angle) + y * Math.cos(angle),
    ]
  })
  for (let i = 0; i < pixels.length; i++) {
    const centre: Point = [((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size]
    // an edge is one pixel wide
    const ink = 0.5 + (pen - distance(centre, line)) * size
    pixels[i] = Math.min(1, Math.max(0, Math.min(1, ink) + around(0, 0.3)))
  }
}

/** From a point to the nearest piece of a line. */
function distance([x, y]: Point, line: readonly Point[]): number {
  let nearest = Infinity
  for (let i = 1; i < line.length; i++) {
    const [[ax, ay], [bx, by]] = [line[i - 1], line[i]]
    const [dx, dy] = [bx - ax, by - ay]
    const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
    nearest = Math.min(nearest, (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2)
  }
  return Math.sqrt(nearest)
}
