import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { arange, Generator, randint, stack, tensor, type Tensor } from '@gradus/core'
import { Embedding, functional, LayerNorm, Linear, Module, ModuleList } from '@gradus/nn'
import { dataFolder } from './golden/index.ts'

/** Sizes of a {@link Gpt}. */
export interface GptSizes {
  readonly block: number
  readonly width: number
  readonly heads: number
  readonly layers: number
}

class Block extends Module {
  readonly ln1: LayerNorm
  readonly qkv: Linear
  readonly proj: Linear
  readonly ln2: LayerNorm
  readonly fc: Linear
  readonly out: Linear
  private readonly heads: number

  constructor({ width, heads }: GptSizes) {
    super()
    this.heads = heads
    this.ln1 = new LayerNorm(width)
    this.qkv = new Linear(width, 3 * width, { bias: false })
    this.proj = new Linear(width, width, { bias: false })
    this.ln2 = new LayerNorm(width)
    this.fc = new Linear(width, 4 * width)
    this.out = new Linear(4 * width, width)
  }

  forward(x: Tensor): Tensor {
    const [n, t, c] = x.shape
    const [q, k, v] = this.qkv(this.ln1(x))
      .view(n, t, 3, this.heads, c / this.heads)
      .permute(2, 0, 3, 1, 4)
      .unbind(0)
    const attended = functional.scaledDotProductAttention(q, k, v, { isCausal: true })
    const y = x.add(this.proj(attended.transpose(1, 2).reshape(n, t, c)))
    return y.add(this.out(functional.gelu(this.fc(this.ln2(y)))))
  }
}

/** The model of `curves/shakespeare_gpt.py` of the golden data, in any size. */
export class Gpt extends Module {
  readonly tok: Embedding
  readonly pos: Embedding
  readonly blocks: ModuleList
  readonly ln: LayerNorm
  readonly head: Linear

  constructor(characters: number, sizes: GptSizes) {
    super()
    const { block, width, layers } = sizes
    this.tok = new Embedding(characters, width)
    this.pos = new Embedding(block, width)
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new Block(sizes)))
    this.ln = new LayerNorm(width)
    this.head = new Linear(width, characters, { bias: false })
  }

  forward(ids: Tensor): Tensor {
    let x = this.tok(ids).add(this.pos(arange(ids.shape[1])))
    for (const one of this.blocks) x = (one as Block)(x) // the list is made of them
    return this.head(this.ln(x))
  }
}

/** Characters as numbers: of the golden data's Shakespeare where it is, else of sentences made up here. */
export function textAsNumbers(): { data: Tensor; characters: number } {
  const text = dataFolder ? readFileSync(join(dataFolder, 'shakespeare', 'input.txt'), 'utf8') : madeUpText()
  const chars = [...new Set(text)].sort()
  const numberOf = new Map(chars.map((c, i) => [c, i]))
  const numbers = Array.from(text.slice(0, 200_000), (c) => numberOf.get(c) ?? 0)
  return { data: tensor(numbers, { dtype: 'int64' }), characters: chars.length }
}

/** Windows of the text at random places, and the characters that follow each: `[rows, block]` both. */
export function drawRows(data: Tensor, rows: number, block: number): { x: Tensor; y: Tensor } {
  const starts = [...randint(data.numel() - block - 1, [rows])].map(Number)
  const at = (offset: number): Tensor => stack(starts.map((i) => data.slice(i + offset, i + offset + block)))
  return { x: at(0), y: at(1) }
}

function madeUpText(): string {
  const random = new Generator(7)
  const one = (words: string): string => {
    const list = words.split(' ')
    return list[random.random() % list.length]
  }
  const noun = (): string =>
    `${one('a the one')} ${one('red tall quiet round')} ${one('house river fox boat tree')}`
  const sentence = (): string => `${noun()} ${one('meets finds passes follows leaves')} ${noun()}`
  return Array.from({ length: 3000 }, () => `${sentence()}${one('. , ; !')} `).join('')
}
