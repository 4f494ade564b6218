/** How samples lie in the pixel data of a PNG file. */
export interface Raster {
  readonly width: number
  readonly height: number
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number
  readonly channels: number
  readonly interlaced: boolean
}

/** Pixels that are stored together: where they begin, their steps, and how many there are. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly columns: number
  readonly rows: number
}

const whole = [[0, 0, 1, 1]] as const
// https://www.w3.org/TR/png-3/#8InterlaceMethods
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

const passesOf = ({ width, height, interlaced }: Raster): Pass[] =>
  (interlaced ? adam7 : whole)
    .map(([x, y, dx, dy]) => ({
      x,
      y,
      dx,
      dy,
      columns: Math.ceil((width - x) / dx),
      rows: Math.ceil((height - y) / dy),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)

/** Bytes of a row, without the byte before it that names its filter. */
const rowBytes = ({ depth, channels }: Raster, columns: number): number =>
  Math.ceil((columns * depth * channels) / 8)

/** Bytes of the pixel data after unpacking. */
export const dataLength = (raster: Raster): number =>
  passesOf(raster).reduce((sum, { columns, rows }) => sum + rows * (1 + rowBytes(raster, columns)), 0)

/**
 * The samples of all pixels, row by row.
 *
 * @param raw - of the length that {@link dataLength} says; filters are undone in it
 * @returns null if a row has a filter that there is not
 */
export function samplesIn(raw: Uint8Array, raster: Raster): Uint8Array | Uint16Array | null {
  const { width, height, depth, channels } = raster
  const count = width * height * channels
  const samples = depth === 16 ? new Uint16Array(count) : new Uint8Array(count)
  const step = Math.max(1, (depth * channels) >> 3)
  let at = 0
  for (const pass of passesOf(raster)) {
    const size = rowBytes(raster, pass.columns)
    let above: Uint8Array | null = null
    for (let row = 0; row < pass.rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + size)
      if (!unfilter(raw[at], line, above ?? new Uint8Array(size), step)) return null
      copyRow(line, samples, raster, pass, row)
      above = line
      at += 1 + size
    }
  }
  return samples
}

/** Undoes a row's filter in place: https://www.w3.org/TR/png-3/#9Filters. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): boolean {
  if (filter > 4) return false
  if (filter === 1) for (let i = step; i < line.length; i++) line[i] += line[i - step]
  else if (filter === 2) for (let i = 0; i < line.length; i++) line[i] += above[i]
  else if (filter === 3) {
    for (let i = 0; i < line.length; i++) line[i] += ((i < step ? 0 : line[i - step]) + above[i]) >> 1
  } else if (filter === 4) {
    for (let i = 0; i < line.length; i++) {
      const [a, b, c] = i < step ? [0, above[i], 0] : [line[i - step], above[i], above[i - step]]
      line[i] += paeth(a, b, c)
    }
  }
  return true
}

/** The neighbour that is nearest to left + above - upper left. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner)
  const toAbove = Math.abs(left - corner)
  const toCorner = Math.abs(left + above - 2 * corner)
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

function copyRow(
  line: Uint8Array,
  samples: Uint8Array | Uint16Array,
  { width, depth, channels }: Raster,
  { x, y, dx, dy, columns }: Pass,
  row: number,
): void {
  const base = (y + row * dy) * width
  const mask = 2 ** depth - 1
  for (let column = 0; column < columns; column++) {
    const to = (base + x + column * dx) * channels
    for (let c = 0; c < channels; c++) {
      const i = column * channels + c
      if (depth === 8) samples[to + c] = line[i]
      else if (depth === 16) samples[to + c] = (line[2 * i] << 8) | line[2 * i + 1]
      else samples[to + c] = (line[(i * depth) >> 3] >> (8 - depth - ((i * depth) & 7))) & mask
    }
  }
}
