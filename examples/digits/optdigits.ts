// Handwritten digits of 8 × 8 pixels in the files that the UCI repository gives out.
import { join } from 'node:path'
import * as g from 'gradus'
import { readText } from '../program/files.ts'
import { UsageError } from '../program/options.ts'

/** Pictures of digits. */
export interface Digits {
  /** [n, 1, size, size], from 0, the paper, to 1, the ink */
  x: g.Tensor
  /** [n], int64: which digit it is */
  y: g.Tensor
}

/** Pictures to train on, and others to test with. */
export interface DigitSets {
  train: Digits
  test: Digits
}

/** What `--data` takes. */
export const expectedFolder = '--data takes the folder with optdigits.tra and optdigits.tes'

/**
 * The 3,823 digits to train on and the 1,797 of other writers to test with.
 *
 * @throws UsageError if a file is not there, or a line of it is not 64 pixels from 0 to 16 and a digit
 * @see Alpaydin & Kaynak 1998, https://archive.ics.uci.edu/dataset/80
 */
export function readOptdigits(folder: string): DigitSets {
  return { train: read(join(folder, 'optdigits.tra')), test: read(join(folder, 'optdigits.tes')) }
}

function read(file: string): Digits {
  const lines = readText(file, expectedFolder).trim().split(/\r?\n/)
  const rows = lines.map((line, i) => {
    const row = line.split(',').map(Number)
    const isDigit = row.length === 65 && row.every((n, at) => n >= 0 && n <= (at < 64 ? 16 : 9))
    if (isDigit) return row
    throw new UsageError(
      `line ${i + 1} of ${JSON.stringify(file)} is not 64 pixels from 0 to 16 and a digit`,
      1,
    )
  })
  return digitsOf(
    Float32Array.from(rows.flatMap((row) => row.slice(0, 64).map((pixel) => pixel / 16))),
    rows.map((row) => row[64]),
    8,
  )
}

/** Pixels row by row, picture by picture, and what each picture shows. */
export const digitsOf = (pixels: Float32Array, labels: readonly number[], size: number): Digits => ({
  x: g.tensor(pixels).view(labels.length, 1, size, size),
  y: g.tensor([...labels], { dtype: 'int64' }),
})
