import type { Case, Suite } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'
import { gradusCnn, torchCnn } from '../models/cnn.ts'
import { gradusGpt, torchGpt, vocabulary } from '../models/gpt.ts'
import { gradusMlp, torchMlp } from '../models/mlp.ts'

const shared = { tolerance: 5e-3, only: ['gradus', 'torch'] } satisfies Partial<Case>

const mlp: Pick<Case, 'gradus' | 'torch'> = {
  gradus: (g, sizes) => {
    const x = gradus.tensorOf(g, [sizes.batch, sizes.inputs], 1)
    const y = gradus.labelsOf(g, sizes.batch, sizes.classes, 2)
    const lossFn = new g.nn.CrossEntropyLoss()
    return gradus.trainingByRecipe(g, gradusMlp(g, sizes), (model) => lossFn(model(x), y))
  },
  torch: `${torchMlp}
run, result = training_by_recipe(model, lambda m: F.cross_entropy(m(x), y))
`,
}

export const trainingRecipe: Suite = {
  name: 'training-recipe',
  title: 'Training steps with clipping and a schedule',
  text:
    'The steps above as programs have them: gradients clipped to a norm, and a learning rate that changes ' +
    'with every step. PyTorch with `clip_grad_norm_(foreach=True)`, `fused=True` and the same LambdaLR.',
  chart: 'ms',
  runtimes: 'newest',
  steps: true,
  cases: [
    {
      ...shared,
      name: "the article's step",
      sizes: {},
      quick: true,
      gradus: (g) => {
        const model = new g.nn.Linear(10, 1)
        const lossFn = new g.nn.MSELoss()
        const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.1 })
        const [x, y] = [gradus.tensorOf(g, [10, 10], 1), gradus.tensorOf(g, [10, 1], 2)]
        return gradus.trainingByRecipe(g, model, (m) => lossFn(m(x), y), optimizer)
      },
      torch: `
model = nn.Linear(10, 1)
x, y = fill(10, 10, seed=1), fill(10, 1, seed=2)
run, result = training_by_recipe(model, lambda m: F.mse_loss(m(x), y), torch.optim.SGD(model.parameters(), lr=0.1))
`,
    },
    {
      ...shared,
      name: 'MLP 64-128-10, batch 64',
      sizes: { inputs: 64, width: 128, depth: 1, classes: 10, batch: 64 },
      quick: true,
      ...mlp,
    },
    {
      ...shared,
      name: 'MLP 784-512-512-10, batch 64',
      sizes: { inputs: 784, width: 512, depth: 2, classes: 10, batch: 64 },
      quick: true,
      ...mlp,
    },
    {
      ...shared,
      name: 'CNN 28 × 28, 16-32 channels, batch 64',
      sizes: { batch: 64 },
      gradus: (g, sizes) => {
        const { model, loss } = gradusCnn(g, sizes)
        return gradus.trainingByRecipe(g, model, loss)
      },
      torch: `${torchCnn}
run, result = training_by_recipe(model, lambda m: F.cross_entropy(m(x), y))
`,
    },
    {
      ...shared,
      name: 'GPT width 128, 4 layers, 64 tokens, batch 12',
      sizes: { width: 128, layers: 4, heads: 4, tokens: 64, batch: 12 },
      quick: true,
      gradus: (g, sizes) => {
        const { batch, tokens } = sizes
        const x = gradus.labelsOf(g, batch * tokens, vocabulary, 1).reshape(batch, tokens)
        const y = gradus.labelsOf(g, batch * tokens, vocabulary, 2)
        const lossFn = new g.nn.CrossEntropyLoss()
        return gradus.trainingByRecipe(g, gradusGpt(g, sizes), (model) =>
          lossFn(model(x).reshape(batch * tokens, vocabulary), y),
        )
      },
      torch: `${torchGpt}
run, result = training_by_recipe(model, lambda m: F.cross_entropy(m(x).view(-1, ${vocabulary}), y))
`,
    },
  ],
}
