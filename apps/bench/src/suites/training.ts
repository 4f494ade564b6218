import type { Suite } from '../case.ts'
import { article } from '../models/article.ts'
import { cnn } from '../models/cnn.ts'
import { gpt } from '../models/gpt.ts'
import { lstm } from '../models/lstm.ts'
import { mlp } from '../models/mlp.ts'

const tolerance = 5e-3

export const training: Suite = {
  name: 'training',
  title: 'Training steps',
  text:
    'zeroGrad, forward, loss, backward, AdamW (SGD in the first). PyTorch with `fused=True`; jax-js with the whole step in ' +
    'one `jit`; TensorFlow.js with Adam, having no AdamW. All start from the same weights and must agree on the loss of ' +
    'the first three steps.',
  chart: 'ms',
  steps: true,
  cases: [
    { name: "the article's step", sizes: {}, quick: true, tolerance, ...article },
    {
      name: 'MLP 64-128-10, batch 64',
      sizes: { inputs: 64, width: 128, depth: 1, classes: 10, batch: 64 },
      quick: true,
      tolerance,
      ...mlp,
    },
    {
      name: 'MLP 784-512-512-10, batch 64',
      sizes: { inputs: 784, width: 512, depth: 2, classes: 10, batch: 64 },
      quick: true,
      tolerance,
      ...mlp,
    },
    { name: 'CNN 28 × 28, 16-32 channels, batch 64', sizes: { batch: 64 }, tolerance, ...cnn },
    {
      name: 'GPT width 32, 2 layers, 32 tokens, batch 8',
      sizes: { width: 32, layers: 2, heads: 4, tokens: 32, batch: 8 },
      tolerance,
      ...gpt,
    },
    {
      name: 'GPT width 128, 4 layers, 64 tokens, batch 12',
      sizes: { width: 128, layers: 4, heads: 4, tokens: 64, batch: 12 },
      quick: true,
      tolerance,
      ...gpt,
    },
    {
      name: 'GPT width 256, 6 layers, 128 tokens, batch 4',
      sizes: { width: 256, layers: 6, heads: 8, tokens: 128, batch: 4 },
      tolerance,
      ...gpt,
    },
    {
      name: 'LSTM 32-64, 32 tokens, batch 16',
      sizes: { batch: 16, tokens: 32, inputs: 32, width: 64 },
      tolerance,
      ...lstm,
    },
  ],
}
