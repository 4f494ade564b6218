// The model, behind an interface of one method: another architecture takes its place by having the same.
import * as g from 'gradus'

/**
 * From windows [n, context] of character numbers to logits [n, p, vocabulary]: what follows each of the last `p`
 * characters of a window. A model that looks at the whole window at once has p = 1; a transformer has p = context.
 */
export type CharModel = g.nn.Module & { forward(ids: g.Tensor): g.Tensor }

/** Sizes of a model. */
export interface ModelSizes {
  vocabulary: number
  context: number
  width: number
  layers: number
}

/** Heads of at least 16 units, as many as divide the width, 8 at most. */
const headsOf = (width: number): number => [8, 4, 2].find((n) => width % n === 0 && width / n >= 16) ?? 1

/** One layer of a transformer: attention to the characters before, then a perceptron, each added to what came in. */
class Block extends g.nn.Module {
  readonly heads: number
  readonly norm1: g.nn.LayerNorm
  readonly qkv: g.nn.Linear
  readonly proj: g.nn.Linear
  readonly norm2: g.nn.LayerNorm
  readonly mlp: g.nn.Sequential

  constructor(width: number) {
    super()
    this.heads = headsOf(width)
    this.norm1 = new g.nn.LayerNorm(width)
    this.qkv = new g.nn.Linear(width, 3 * width, { bias: false })
    this.proj = new g.nn.Linear(width, width, { bias: false })
    this.norm2 = new g.nn.LayerNorm(width)
    this.mlp = new g.nn.Sequential(
      new g.nn.Linear(width, 4 * width),
      new g.nn.GELU(),
      new g.nn.Linear(4 * width, width),
    )
  }

  forward(x: g.Tensor): g.Tensor {
    const attended = x.add(this.proj(this.attend(this.qkv(this.norm1(x)))))
    return attended.add(this.mlp(this.norm2(attended)))
  }

  private attend(qkv: g.Tensor): g.Tensor {
    const [n, t, threeWidths] = qkv.shape as [number, number, number] // [n, context, 3 * width]
    const width = threeWidths / 3
    const [q, k, v] = qkv
      .view(n, t, 3, this.heads, width / this.heads)
      .permute(2, 0, 3, 1, 4)
      .unbind(0)
    const mixed = g.nn.functional.scaledDotProductAttention(q, k, v, { isCausal: true })
    return mixed.transpose(1, 2).reshape(n, t, width)
  }
}

/**
 * A small transformer that reads every character of the window in the light of those before it.
 *
 * @see Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"
 */
export class GPT extends g.nn.Module {
  readonly characters: g.nn.Embedding
  readonly positions: g.nn.Embedding
  readonly blocks: g.nn.Sequential
  readonly norm: g.nn.LayerNorm
  readonly head: g.nn.Linear

  constructor({ vocabulary, context, width, layers }: ModelSizes) {
    super()
    this.characters = new g.nn.Embedding(vocabulary, width)
    this.positions = new g.nn.Embedding(context, width)
    this.blocks = new g.nn.Sequential(...Array.from({ length: layers }, () => new Block(width)))
    this.norm = new g.nn.LayerNorm(width)
    this.head = new g.nn.Linear(width, vocabulary, { bias: false })
  }

  forward(ids: g.Tensor): g.Tensor {
    const places = this.positions(g.arange(ids.size(1), { dtype: 'int32' }))
    return this.head(this.norm(this.blocks(this.characters(ids).add(places))))
  }
}

/**
 * Continues a text without end, one character number at a time, drawn from `softmax(logits / temperature)` with the
 * generator of `manualSeed`.
 *
 * @param prompt - at least one window of characters; the last window is what the model sees first
 */
export function* continueText(
  model: CharModel,
  prompt: Int32Array,
  { context, temperature }: { context: number; temperature: number },
): Generator<number, never> {
  let window = prompt.slice(prompt.length - context)
  model.eval()
  for (;;) {
    const id = g.noGrad(() => {
      const logits = model(g.tensor(window).reshape(1, context)).select(1, -1)
      return g.multinomial(g.softmax(logits.div(temperature), -1), 1).item()
    })
    yield id
    window = Int32Array.of(...window.subarray(1), id)
  }
}
