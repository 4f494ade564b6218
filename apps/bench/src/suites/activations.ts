import type { Case, Gradus, Prepared, Sizes, Suite } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'
import { gradusGpt, torchGpt, vocabulary } from '../models/gpt.ts'
import { gradusMlp, torchMlp } from '../models/mlp.ts'

export type Precision = 'float32' | 'bfloat16' | 'float16'
type Kind = 'mlp' | 'gpt'
type Tensor = ReturnType<typeof gradus.tensorOf>

/** The loss of each micro-batch. */
function lossesOf(g: Gradus, sizes: Sizes, kind: Kind): (() => Tensor)[] {
  const { batch, tokens = 1, parts } = sizes
  const model = kind === 'gpt' ? gradusGpt(g, sizes) : gradusMlp(g, sizes)
  const classes = kind === 'gpt' ? vocabulary : sizes.classes
  const x =
    kind === 'gpt'
      ? gradus.labelsOf(g, batch * tokens, vocabulary, 1).reshape(batch, tokens)
      : gradus.tensorOf(g, [batch, sizes.inputs], 1)
  const ys = gradus.labelsOf(g, batch * tokens, classes, 2).chunk(parts)
  const lossFn = new g.nn.CrossEntropyLoss()
  return x.chunk(parts).map((part, i) => () => lossFn(model(part).reshape(-1, classes), ys[i]))
}

/** The most megabytes that forward passes leave for their backward passes. */
function kept(g: Gradus, losses: readonly (() => Tensor)[]): Prepared {
  const measure = () => {
    let most = 0
    for (const lossOf of losses) {
      const before = g.memory().live
      const loss = gradus.tidy(g, lossOf)
      most = Math.max(most, g.memory().live - before)
      gradus.tidy(g, () => loss.backward())
    }
    return most / 1e6
  }
  return { measure }
}

/** The same of PyTorch: the memory of what its nodes saved, but for parameters and data. */
const torchKept = (model: string, precision: Precision) => `${model}
owned = {t.untyped_storage().data_ptr() for t in [*model.parameters(), x, y]}
kept = {}
def pack(t):
    storage = t.untyped_storage()
    if storage.data_ptr() not in owned:
        kept[storage.data_ptr()] = storage.nbytes()
    return t
def measure():
    most = 0
    for a, b in zip(x.chunk(parts), y.chunk(parts)):
        kept.clear()
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
            with torch.autocast("cpu", dtype=torch.${precision === 'float32' ? 'bfloat16, enabled=False' : precision}):
                logits = model(a).flatten(0, -2)
                loss = F.cross_entropy(logits.float(), b)
        most = max(most, sum(kept.values()))
        loss.backward()
    return most / 1e6
`

const models = {
  mlp: {
    label: 'MLP 784-512-512-10',
    sizes: { inputs: 784, width: 512, depth: 2, classes: 10 },
    torch: torchMlp,
  },
  gpt: {
    label: 'GPT width 128, 4 layers, 64 tokens',
    sizes: { width: 128, layers: 4, heads: 4, tokens: 64 },
    torch: torchGpt,
  },
}

function row(kind: Kind, batch: number, precision: Precision, parts: number): Case {
  const { label, sizes, torch } = models[kind]
  return {
    name: activationsOf(`${label}, batch ${batch}`, precision, parts),
    sizes: { ...sizes, batch, parts },
    unit: 'MB',
    // those that have a bar
    quick: kind === 'gpt',
    only: ['gradus', 'torch'],
    gradus: (g, all) => {
      const losses = lossesOf(g, all, kind)
      return kept(
        g,
        precision === 'float32'
          ? losses
          : losses.map((lossOf) => () => g.autocast({ dtype: precision }, lossOf)),
      )
    },
    torch: torchKept(torch, precision),
  }
}

/** The name of a case. */
export const activationsOf = (model: string, precision: Precision, parts: number): string =>
  `${model}, ${precision}${parts === 1 ? '' : `, ${parts} micro-batches`}`

export const activations: Suite = {
  name: 'activations',
  title: 'Memory for backward',
  text:
    'Megabytes that a forward pass keeps for its backward pass, without parameters and data: in mixed precision, and of one ' +
    'window in k micro-batches the most at any time. Casts of weights to half precision are part of it, in both libraries.',
  chart: 'value',
  runtimes: 'newest',
  fresh: true,
  cases: [
    ...(['float32', 'bfloat16', 'float16'] as const).map((precision) => row('mlp', 1024, precision, 1)),
    ...(['float32', 'bfloat16', 'float16'] as const).map((precision) => row('gpt', 12, precision, 1)),
    ...[4, 16].map((parts) => row('mlp', 1024, 'float32', parts)),
    ...[4, 12].map((parts) => row('gpt', 12, 'float32', parts)),
  ],
}
