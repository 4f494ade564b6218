/** Numbers in [0, 1) that depend on a seed alone: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function numbers(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws from lists and ranges. */
export class Draw {
  private readonly next: () => number

  constructor(seed: number) {
    this.next = numbers(seed)
  }

  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }
}

// where readers go wrong: bounds of widths, and what overflows when multiplied
const lengths = [0, 1, 2, 7, 8, 63, 127, 128, 255, 256, 65535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
const big = [
  '-1',
  '0',
  '1',
  '0.5',
  '1e9',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '1e400',
  '-0',
  'null',
  '"1"',
  '[]',
  '{}',
]

/** A change that knows nothing of the format. */
export function mutateBytes(bytes: Uint8Array, draw: Draw, from = 0, to = bytes.length): Uint8Array {
  const at = from + draw.below(Math.max(1, to - from))
  const copy = bytes.slice()
  switch (draw.below(7)) {
    case 0:
      if (at < copy.length) copy[at] ^= 1 << draw.below(8)
      return copy
    case 1:
      if (at < copy.length) copy[at] = draw.of([0, 1, 0x28, 0x2e, 0x7f, 0x80, 0xff])
      return copy
    case 2:
      return copy.subarray(0, at)
    case 3:
      return spliced(copy, at, 0, copy.subarray(at, at + 1 + draw.below(64)))
    case 4:
      return spliced(copy, at, 1 + draw.below(16), new Uint8Array(0))
    case 5:
      return spliced(
        copy,
        at,
        0,
        Uint8Array.from({ length: 1 + draw.below(32) }, () => draw.below(256)),
      )
    default: {
      const view = new DataView(copy.buffer, copy.byteOffset, copy.length)
      if (at + 4 <= copy.length) view.setUint32(at, draw.of(lengths), true)
      return copy
    }
  }
}

/** Bytes with some of them replaced. */
export function spliced(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const rest = bytes.subarray(at + remove)
  const start = Math.min(at, bytes.length)
  const result = new Uint8Array(start + insert.length + rest.length)
  result.set(bytes.subarray(0, start))
  result.set(insert, start)
  result.set(rest, start + insert.length)
  return result
}

/** A change of text that keeps its grammar, mostly: numbers, words and separators become others. */
export function mutateText(text: string, draw: Draw, words: readonly string[]): string {
  const tokens = [...text.matchAll(/-?\d+(?:\.\d+)?|"[^"]*"|'[^']*'|[A-Za-z_]+|[^\s\w]/g)]
  if (tokens.length === 0) return text
  const token = draw.of(tokens)
  const other = draw.of(tokens)[0]
  const replacement = draw.of([
    draw.of(big),
    draw.of(words),
    other,
    '',
    token[0] + token[0],
    `${token[0]}, ${other}`,
  ])
  return text.slice(0, token.index) + replacement + text.slice(token.index + token[0].length)
}
