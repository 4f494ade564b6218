import { arange, empty, type Tensor } from '@gradus/core'
import { Embedding, functional, LayerNorm, Module, ModuleList, Parameter } from '@gradus/nn'
import { attend, maskOf, splitHeads } from './attention.ts'

/** What `config.json` says of a GPT-2. */
export interface Gpt2Config {
  readonly n_embd: number
  readonly n_head: number
  readonly n_layer: number
  readonly n_positions: number
  readonly vocab_size: number
}

/** GPT-2's linear layer: its weight is `[in, out]`. */
class Conv1D extends Module {
  readonly weight: Parameter
  readonly bias: Parameter

  constructor(inputs: number, outputs: number) {
    super()
    this.weight = new Parameter(empty([inputs, outputs]))
    this.bias = new Parameter(empty([outputs]))
  }

  forward(x: Tensor): Tensor {
    return x.matmul(this.weight).add(this.bias)
  }
}

class Attention extends Module {
  readonly c_attn: Conv1D
  readonly c_proj: Conv1D
  private readonly heads: number

  constructor(width: number, heads: number) {
    super()
    this.heads = heads
    this.c_attn = new Conv1D(width, 3 * width)
    this.c_proj = new Conv1D(width, width)
  }

  forward(x: Tensor, mask: Tensor): Tensor {
    const [q, k, v] = this.c_attn(x)
      .chunk(3, -1)
      .map((part) => splitHeads(part, this.heads))
    return this.c_proj(attend(q, k, v, mask))
  }
}

class Mlp extends Module {
  readonly c_fc: Conv1D
  readonly c_proj: Conv1D

  constructor(width: number) {
    super()
    this.c_fc = new Conv1D(width, 4 * width)
    this.c_proj = new Conv1D(4 * width, width)
  }

  forward(x: Tensor): Tensor {
    return this.c_proj(functional.gelu(this.c_fc(x), { approximate: 'tanh' }))
  }
}

class Block extends Module {
  readonly ln_1: LayerNorm
  readonly attn: Attention
  readonly ln_2: LayerNorm
  readonly mlp: Mlp

  constructor({ n_embd: width, n_head }: Gpt2Config) {
    super()
    this.ln_1 = new LayerNorm(width)
    this.attn = new Attention(width, n_head)
    this.ln_2 = new LayerNorm(width)
    this.mlp = new Mlp(width)
  }

  forward(x: Tensor, mask: Tensor): Tensor {
    const y = x.add(this.attn(this.ln_1(x), mask))
    return y.add(this.mlp(this.ln_2(y)))
  }
}

class Transformer extends Module {
  readonly wte: Embedding
  readonly wpe: Embedding
  readonly h: ModuleList
  readonly ln_f: LayerNorm

  constructor(config: Gpt2Config) {
    super()
    const { n_embd: width, n_layer, n_positions, vocab_size } = config
    this.wte = new Embedding(vocab_size, width)
    this.wpe = new Embedding(n_positions, width)
    this.h = new ModuleList(Array.from({ length: n_layer }, () => new Block(config)))
    this.ln_f = new LayerNorm(width)
  }

  forward(ids: Tensor, attention: Tensor): Tensor {
    const mask = maskOf(attention, true)
    let x = this.wte(ids).add(this.wpe(arange(ids.shape[1])))
    for (const block of this.h) x = (block as Block)(x, mask) // the list is made of them
    return this.ln_f(x)
  }
}

/** `GPT2LMHeadModel` without dropout: its state has the names of Hugging Face's files. */
export class Gpt2 extends Module {
  readonly transformer: Transformer

  constructor(config: Gpt2Config) {
    super()
    this.transformer = new Transformer(config)
  }

  forward(ids: Tensor, attention: Tensor): Tensor {
    // the head is tied to the embedding
    return functional.linear(this.transformer(ids, attention), this.transformer.wte.weight)
  }
}
