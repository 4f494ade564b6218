import { arange, cat, type Tensor } from '@gradus/core'
import { Embedding, functional, Linear, Module, ModuleList, RMSNorm } from '@gradus/nn'
import { attend, maskOf, splitHeads } from './attention.ts'

/** What `config.json` says of a Llama or a Qwen2. */
export interface LlamaConfig {
  readonly model_type: string
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_attention_heads: number
  readonly num_hidden_layers: number
  readonly num_key_value_heads: number
  readonly rms_norm_eps: number
  readonly rope_parameters: { readonly rope_theta: number }
  readonly tie_word_embeddings: boolean
  readonly vocab_size: number
}

/** Cosines and sines of the rotary positions, `[t, size]` each. */
function rotary(t: number, size: number, theta: number): [Tensor, Tensor] {
  const frequencies = arange(0, size, 2)
    .float()
    .mul(-Math.log(theta) / size)
    .exp()
  const half = arange(t).float().outer(frequencies)
  const angles = cat([half, half], 1)
  return [angles.cos(), angles.sin()]
}

function rotate(x: Tensor, [cos, sin]: [Tensor, Tensor]): Tensor {
  const [first, second] = x.chunk(2, -1)
  return x.mul(cos).add(cat([second.neg(), first], -1).mul(sin))
}

class Attention extends Module {
  readonly q_proj: Linear
  readonly k_proj: Linear
  readonly v_proj: Linear
  readonly o_proj: Linear
  private readonly heads: number
  private readonly keyHeads: number

  constructor(config: LlamaConfig) {
    super()
    const { hidden_size: width, num_attention_heads: heads, num_key_value_heads: keyHeads } = config
    const bias = config.model_type === 'qwen2'
    const keyWidth = (width / heads) * keyHeads
    this.q_proj = new Linear(width, width, { bias })
    this.k_proj = new Linear(width, keyWidth, { bias })
    this.v_proj = new Linear(width, keyWidth, { bias })
    this.o_proj = new Linear(width, width, { bias: false })
    this.heads = heads
    this.keyHeads = keyHeads
  }

  forward(x: Tensor, mask: Tensor, positions: [Tensor, Tensor]): Tensor {
    const q = rotate(splitHeads(this.q_proj(x), this.heads), positions)
    const k = rotate(splitHeads(this.k_proj(x), this.keyHeads), positions)
    return this.o_proj(attend(q, k, splitHeads(this.v_proj(x), this.keyHeads), mask))
  }
}

class Mlp extends Module {
  readonly gate_proj: Linear
  readonly up_proj: Linear
  readonly down_proj: Linear

  constructor({ hidden_size, intermediate_size }: LlamaConfig) {
    super()
    this.gate_proj = new Linear(hidden_size, intermediate_size, { bias: false })
    this.up_proj = new Linear(hidden_size, intermediate_size, { bias: false })
    this.down_proj = new Linear(intermediate_size, hidden_size, { bias: false })
  }

  forward(x: Tensor): Tensor {
    return this.down_proj(functional.silu(this.gate_proj(x)).mul(this.up_proj(x)))
  }
}

class Layer extends Module {
  readonly input_layernorm: RMSNorm
  readonly self_attn: Attention
  readonly post_attention_layernorm: RMSNorm
  readonly mlp: Mlp

  constructor(config: LlamaConfig) {
    super()
    const { hidden_size, rms_norm_eps: eps } = config
    this.input_layernorm = new RMSNorm(hidden_size, { eps })
    this.self_attn = new Attention(config)
    this.post_attention_layernorm = new RMSNorm(hidden_size, { eps })
    this.mlp = new Mlp(config)
  }

  forward(x: Tensor, mask: Tensor, positions: [Tensor, Tensor]): Tensor {
    const y = x.add(this.self_attn(this.input_layernorm(x), mask, positions))
    return y.add(this.mlp(this.post_attention_layernorm(y)))
  }
}

class Decoder extends Module {
  readonly embed_tokens: Embedding
  readonly layers: ModuleList
  readonly norm: RMSNorm
  private readonly config: LlamaConfig

  constructor(config: LlamaConfig) {
    super()
    const { hidden_size, num_hidden_layers, rms_norm_eps: eps, vocab_size } = config
    this.embed_tokens = new Embedding(vocab_size, hidden_size)
    this.layers = new ModuleList(Array.from({ length: num_hidden_layers }, () => new Layer(config)))
    this.norm = new RMSNorm(hidden_size, { eps })
    this.config = config
  }

  forward(ids: Tensor, attention: Tensor): Tensor {
    const { hidden_size, num_attention_heads, rope_parameters } = this.config
    const positions = rotary(ids.shape[1], hidden_size / num_attention_heads, rope_parameters.rope_theta)
    const mask = maskOf(attention, true)
    let x = this.embed_tokens(ids)
    for (const layer of this.layers) x = (layer as Layer)(x, mask, positions) // the list is made of them
    return this.norm(x)
  }
}

/** `LlamaForCausalLM` and `Qwen2ForCausalLM`: the state has the names of Hugging Face's files. */
export class Llama extends Module {
  readonly model: Decoder
  readonly lm_head: Linear | null

  constructor(config: LlamaConfig) {
    super()
    const { hidden_size, tie_word_embeddings, vocab_size } = config
    this.model = new Decoder(config)
    this.lm_head = tie_word_embeddings ? null : new Linear(hidden_size, vocab_size, { bias: false })
  }

  forward(ids: Tensor, attention: Tensor): Tensor {
    const { weight } = this.lm_head ?? this.model.embed_tokens
    return functional.linear(this.model(ids, attention), weight)
  }
}
