import type { Case, Gradus, Sizes } from '../case.ts'
import { fill, labels } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

type Tensor = ReturnType<typeof gradus.tensorOf>

export const vocabulary = 65

/** The model as a user of gradus writes it, from the parts that PyTorch has too. */
export function gradusGpt(g: Gradus, { width, layers, heads, tokens }: Sizes) {
  const { Embedding, LayerNorm, Linear, Module, ModuleList } = g.nn

  class Block extends Module {
    norm1 = new LayerNorm(width)
    qkv = new Linear(width, 3 * width)
    project = new Linear(width, width)
    norm2 = new LayerNorm(width)
    expand = new Linear(width, 4 * width)
    contract = new Linear(4 * width, width)

    forward(x: Tensor): Tensor {
      const [batch, length] = x.shape
      const parts = this.qkv(this.norm1(x)).reshape(batch, length, 3, heads, width / heads)
      const [q, k, v] = parts.permute(2, 0, 3, 1, 4).unbind(0)
      const attended = g.nn.functional.scaledDotProductAttention(q, k, v, { isCausal: true })
      const merged = attended.transpose(1, 2).reshape(batch, length, width)
      const h = x.add(this.project(merged))
      return h.add(this.contract(g.gelu(this.expand(this.norm2(h)))))
    }
  }

  class Gpt extends Module {
    token = new Embedding(vocabulary, width)
    position = new Embedding(tokens, width)
    blocks = new ModuleList(Array.from({ length: layers }, () => new Block()))
    norm = new LayerNorm(width)
    head = new Linear(width, vocabulary, { bias: false })

    forward(ids: Tensor): Tensor {
      let x = this.token(ids).add(this.position(g.arange(ids.shape[1])))
      for (const block of this.blocks) x = block(x)
      return this.head(this.norm(x))
    }
  }
  return new Gpt()
}

/** The model in Python; defines `model`, `x` and `y`. */
export const torchGpt = `
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, heads, width // heads).permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.project(y.transpose(1, 2).reshape(b, t, width))
        return x + self.contract(F.gelu(self.expand(self.norm2(x))))

class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(${vocabulary}, width)
        self.position = nn.Embedding(tokens, width)
        self.blocks = nn.ModuleList([Block() for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, ${vocabulary}, bias=False)

    def forward(self, ids):
        x = self.token(ids) + self.position(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

model = Gpt()
x = labels(batch * tokens, ${vocabulary}, 1).view(batch, tokens)
y = labels(batch * tokens, ${vocabulary}, 2)
`

const lengthOfBlock = 12

/** Shapes of the parameters in the order of PyTorch's `parameters()`, as it lays them out. */
function shapesOf({ width, layers, tokens }: Sizes): number[][] {
  const block = [
    ...[[width], [width], [3 * width, width], [3 * width], [width, width], [width], [width], [width]],
    ...[[4 * width, width], [4 * width], [width, 4 * width], [width]],
  ]
  const blocks = Array.from({ length: layers }, () => block).flat()
  return [[vocabulary, width], [tokens, width], ...blocks, [width], [width], [vocabulary, width]]
}

/** Whether the vector at this place is a weight of a norm, which starts at 1. */
function isScale(index: number, layers: number): boolean {
  const inBlock = (index - 2) % lengthOfBlock
  return (
    index === 2 + layers * lengthOfBlock ||
    (index < 2 + layers * lengthOfBlock && (inBlock === 0 || inBlock === 6))
  )
}

const isEmbedding = (index: number) => index < 2

/** A small transformer decoder on characters: embeddings, causal attention, GELU, layer norms, cross-entropy, AdamW. */
export const gpt: Pick<Case, 'gradus' | 'jax' | 'tfjs' | 'torch'> = {
  gradus: (g, sizes) => {
    const { batch, tokens } = sizes
    const x = gradus.labelsOf(g, batch * tokens, vocabulary, 1).reshape(batch, tokens)
    const y = gradus.labelsOf(g, batch * tokens, vocabulary, 2)
    const lossFn = new g.nn.CrossEntropyLoss()
    return gradus.training(g, gradusGpt(g, sizes), (model) =>
      lossFn(model(x).reshape(batch * tokens, vocabulary), y),
    )
  },
  jax: (jax, sizes) => {
    const { numpy: np } = jax
    const { batch, tokens, width, heads, layers } = sizes
    const parameters = shapesOf(sizes).map((shape, i) => {
      if (shape.length === 1) return isScale(i, layers) ? np.ones(shape) : np.zeros(shape)
      const weight = jaxjs.weightOf(jax, i, shape[0], shape[1])
      return isEmbedding(i) ? np.matrixTranspose(weight) : weight
    })
    const linear = (x: JaxArray, w: JaxArray, b: JaxArray) => np.matmul(x, w).add(b)
    const norm = (x: JaxArray, w: JaxArray, b: JaxArray) => jax.nn.standardize(x).mul(w).add(b)
    const block = (x: JaxArray, p: JaxArray[]) => {
      const qkv = linear(norm(x.ref, p[0], p[1]), p[2], p[3]).reshape([
        batch,
        tokens,
        3,
        heads,
        width / heads,
      ])
      const [q, k, v] = np.unstack(np.transpose(qkv, [2, 0, 1, 3, 4]))
      const attended = jax.nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch, tokens, width])
      const h = x.add(linear(attended, p[4], p[5]))
      const expanded = jax.nn.gelu(linear(norm(h.ref, p[6], p[7]), p[8], p[9]), { approximate: false })
      return h.add(linear(expanded, p[10], p[11]))
    }
    // gathering rows has no gradient under jit: an embedding is a product with one-hot rows
    const x = jaxjs.oneHotOf(jax, batch * tokens, vocabulary, 1).reshape([batch, tokens, vocabulary])
    return jaxjs.training(
      jax,
      parameters,
      [x, jaxjs.oneHotOf(jax, batch * tokens, vocabulary, 2)],
      (p, ids, y) => {
        let h = np.matmul(ids, p[0]).add(p[1])
        for (let i = 0; i < layers; i++)
          h = block(h, p.slice(2 + i * lengthOfBlock, 2 + (i + 1) * lengthOfBlock))
        const [scale, shift, head] = p.slice(2 + layers * lengthOfBlock)
        const logits = np.matmul(norm(h, scale, shift), head).reshape([batch * tokens, vocabulary])
        return jaxjs.crossEntropy(jax, logits, y)
      },
    )
  },
  tfjs: (tf, sizes) => {
    const { batch, tokens, width, heads, layers } = sizes
    const variables = shapesOf(sizes).map((shape, i) => {
      if (shape.length === 1) return tfjs.constantOf(tf, shape, isScale(i, layers) ? 1 : 0)
      if (!isEmbedding(i)) return tfjs.weightOf(tf, i, shape[0], shape[1])
      return tf.variable(
        tf.tensor2d(
          fill(shape[0] * shape[1], 1000 + i).map((value) => value / Math.sqrt(shape[1])),
          [shape[0], shape[1]],
        ),
      )
    })
    const x = tf.tensor1d(labels(batch * tokens, vocabulary, 1), 'int32')
    const y = tfjs.oneHotOf(tf, batch * tokens, vocabulary, 2)
    const mask = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0)), -1e9))
    type Tf = typeof mask
    const linear = (h: Tf, w: Tf, b: Tf) => tf.add(tf.matMul(h, w), b)
    const norm = (h: Tf, w: Tf, b: Tf) => tfjs.layerNorm(tf, h, w, b)
    const gelu = (h: Tf) => tf.mul(tf.mul(h, 0.5), tf.add(tf.erf(tf.mul(h, Math.SQRT1_2)), 1))
    const block = (h: Tf, p: Tf[]) => {
      const qkv = tf.reshape(linear(norm(h, p[0], p[1]), p[2], p[3]), [
        batch,
        tokens,
        3,
        heads,
        width / heads,
      ])
      const [q, k, v] = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
      const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads))
      const attended = tf.matMul(tf.softmax(tf.add(scores, mask)), v)
      const merged = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch * tokens, width])
      const g = tf.add(h, linear(merged, p[4], p[5]))
      return tf.add(g, linear(gelu(linear(norm(g, p[6], p[7]), p[8], p[9])), p[10], p[11]))
    }
    return tfjs.training(tf, variables, () => {
      const rows = tf.reshape(tf.gather(variables[0], x), [batch, tokens, width])
      let h: Tf = tf.reshape(tf.add(rows, variables[1]), [batch * tokens, width])
      for (let i = 0; i < layers; i++)
        h = block(h, variables.slice(2 + i * lengthOfBlock, 2 + (i + 1) * lengthOfBlock))
      const [scale, shift, head] = variables.slice(2 + layers * lengthOfBlock)
      return tfjs.crossEntropy(tf, tf.matMul(norm(h, scale, shift), head), y)
    })
  },
  torch: `${torchGpt}
run, result = training(model, lambda m: F.cross_entropy(m(x).view(-1, ${vocabulary}), y))
`,
}
