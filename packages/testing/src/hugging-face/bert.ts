import { arange, type Tensor } from '@gradus/core'
import { Embedding, functional, LayerNorm, Linear, Module, ModuleList } from '@gradus/nn'
import { attend, maskOf, splitHeads } from './attention.ts'

/** What `config.json` says of a BERT that classifies. */
export interface BertConfig {
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly layer_norm_eps: number
  readonly max_position_embeddings: number
  readonly num_attention_heads: number
  readonly num_hidden_layers: number
  readonly type_vocab_size: number
  readonly vocab_size: number
  readonly id2label: Readonly<Record<string, string>>
}

class Embeddings extends Module {
  readonly word_embeddings: Embedding
  readonly position_embeddings: Embedding
  readonly token_type_embeddings: Embedding
  readonly LayerNorm: LayerNorm

  constructor(config: BertConfig) {
    super()
    const { hidden_size: width } = config
    this.word_embeddings = new Embedding(config.vocab_size, width)
    this.position_embeddings = new Embedding(config.max_position_embeddings, width)
    this.token_type_embeddings = new Embedding(config.type_vocab_size, width)
    this.LayerNorm = new LayerNorm(width, { eps: config.layer_norm_eps })
  }

  forward(ids: Tensor): Tensor {
    const words = this.word_embeddings(ids)
    const types = this.token_type_embeddings(ids.mul(0))
    return this.LayerNorm(words.add(types).add(this.position_embeddings(arange(ids.shape[1]))))
  }
}

class SelfAttention extends Module {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  private readonly heads: number

  constructor({ hidden_size, num_attention_heads }: BertConfig) {
    super()
    this.query = new Linear(hidden_size, hidden_size)
    this.key = new Linear(hidden_size, hidden_size)
    this.value = new Linear(hidden_size, hidden_size)
    this.heads = num_attention_heads
  }

  forward(x: Tensor, mask: Tensor): Tensor {
    const [q, k, v] = [this.query(x), this.key(x), this.value(x)].map((one) => splitHeads(one, this.heads))
    return attend(q, k, v, mask)
  }
}

/** A linear layer whose result is added to the input of its block, then normalized. */
class Output extends Module {
  readonly dense: Linear
  readonly LayerNorm: LayerNorm

  constructor(inputs: number, { hidden_size, layer_norm_eps: eps }: BertConfig) {
    super()
    this.dense = new Linear(inputs, hidden_size)
    this.LayerNorm = new LayerNorm(hidden_size, { eps })
  }

  forward(x: Tensor, residual: Tensor): Tensor {
    return this.LayerNorm(this.dense(x).add(residual))
  }
}

class Attention extends Module {
  readonly self: SelfAttention
  readonly output: Output

  constructor(config: BertConfig) {
    super()
    this.self = new SelfAttention(config)
    this.output = new Output(config.hidden_size, config)
  }

  forward(x: Tensor, mask: Tensor): Tensor {
    return this.output(this.self(x, mask), x)
  }
}

class Dense extends Module {
  readonly dense: Linear

  constructor(inputs: number, outputs: number) {
    super()
    this.dense = new Linear(inputs, outputs)
  }

  forward(x: Tensor): Tensor {
    return this.dense(x)
  }
}

class Layer extends Module {
  readonly attention: Attention
  readonly intermediate: Dense
  readonly output: Output

  constructor(config: BertConfig) {
    super()
    this.attention = new Attention(config)
    this.intermediate = new Dense(config.hidden_size, config.intermediate_size)
    this.output = new Output(config.intermediate_size, config)
  }

  forward(x: Tensor, mask: Tensor): Tensor {
    const y = this.attention(x, mask)
    return this.output(functional.gelu(this.intermediate(y)), y)
  }
}

class Encoder extends Module {
  readonly layer: ModuleList

  constructor(config: BertConfig) {
    super()
    this.layer = new ModuleList(Array.from({ length: config.num_hidden_layers }, () => new Layer(config)))
  }

  forward(x: Tensor, mask: Tensor): Tensor {
    let y = x
    for (const layer of this.layer) y = (layer as Layer)(y, mask) // the list is made of them
    return y
  }
}

class Base extends Module {
  readonly embeddings: Embeddings
  readonly encoder: Encoder
  readonly pooler: Dense

  constructor(config: BertConfig) {
    super()
    this.embeddings = new Embeddings(config)
    this.encoder = new Encoder(config)
    this.pooler = new Dense(config.hidden_size, config.hidden_size)
  }

  forward(ids: Tensor, attention: Tensor): Tensor {
    const y = this.encoder(this.embeddings(ids), maskOf(attention, false))
    return this.pooler(y.select(1, 0)).tanh()
  }
}

/** `BertForSequenceClassification` without dropout: the state has the names of Hugging Face's files. */
export class Bert extends Module {
  readonly bert: Base
  readonly classifier: Linear

  constructor(config: BertConfig) {
    super()
    this.bert = new Base(config)
    this.classifier = new Linear(config.hidden_size, Object.keys(config.id2label).length)
  }

  forward(ids: Tensor, attention: Tensor): Tensor {
    return this.classifier(this.bert(ids, attention))
  }
}
