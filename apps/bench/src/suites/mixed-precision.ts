import { absent, type Case, type Gradus, type Sizes, type Suite } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'
import { gradusGpt, torchGpt, vocabulary } from '../models/gpt.ts'
import { gradusMlp, torchMlp } from '../models/mlp.ts'

type Precision = 'float32' | 'bfloat16' | 'float16'

const peers = {
  jax: absent('float16 is not supported by its WebAssembly backend, bfloat16 not at all'),
  tfjs: absent('has no float16 or bfloat16'),
}

function gradusStep(g: Gradus, sizes: Sizes, precision: Precision, kind: 'mlp' | 'gpt') {
  const rows = kind === 'gpt' ? sizes.batch * sizes.tokens : sizes.batch
  const model = kind === 'gpt' ? gradusGpt(g, sizes) : gradusMlp(g, sizes)
  gradus.setParameters(g, model)
  const classes = kind === 'gpt' ? vocabulary : sizes.classes
  const x =
    kind === 'gpt'
      ? gradus.labelsOf(g, rows, vocabulary, 1).reshape(sizes.batch, sizes.tokens)
      : gradus.tensorOf(g, [sizes.batch, sizes.inputs], 1)
  const y = gradus.labelsOf(g, rows, classes, 2)
  const lossFn = new g.nn.CrossEntropyLoss()
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: 1e-3 })
  const scaler = new g.amp.GradScaler({ enabled: precision === 'float16' })
  const forward = () => lossFn(model(x).reshape(rows, classes), y)
  return gradus.stepping(g, () => {
    optimizer.zeroGrad()
    const loss = precision === 'float32' ? forward() : g.autocast({ dtype: precision }, forward)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    return loss
  })
}

const torchStep = (precision: Precision, kind: 'mlp' | 'gpt') => `${kind === 'gpt' ? torchGpt : torchMlp}
classes = ${kind === 'gpt' ? vocabulary : 'classes'}
set_parameters(model)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
scaler = torch.amp.GradScaler("cpu", enabled=${precision === 'float16' ? 'True' : 'False'})
def run():
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.${precision === 'float32' ? 'bfloat16, enabled=False' : precision}):
        loss = F.cross_entropy(model(x).view(-1, classes).float(), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    return loss
result = lambda: [run().item() for _ in range(3)]
`

const sizesOf = {
  mlp: { inputs: 784, width: 512, depth: 2, classes: 10, batch: 64 },
  gpt: { width: 128, layers: 4, heads: 4, tokens: 64, batch: 12 },
}
const labelOf = { mlp: 'MLP 784-512-512-10, batch 64', gpt: 'GPT width 128, 4 layers, 64 tokens, batch 12' }

const precisions: Precision[] = ['float32', 'bfloat16', 'float16']

const cases = (['mlp', 'gpt'] as const).flatMap((kind) =>
  precisions.map((precision): Case => ({
    name: `${labelOf[kind]}, ${precision}`,
    sizes: sizesOf[kind],
    quick: kind === 'mlp' && precision !== 'bfloat16',
    tolerance: 5e-2,
    gradus: (g, sizes) => gradusStep(g, sizes, precision, kind),
    ...(precision === 'float32' ? {} : peers),
    torch: torchStep(precision, kind),
  })),
)

export const mixedPrecision: Suite = {
  name: 'mixed-precision',
  title: 'Mixed precision',
  text:
    'The same steps under autocast, float16 with loss scaling. Half precision is stored in two bytes and computed in ' +
    'float32: it buys memory, not speed. PyTorch on AVX2 has no half-precision arithmetic either. MB is the peak of all that ' +
    'the process held, with what the loop dropped and nobody has collected; what is kept for backward is in a table below.',
  chart: 'ms',
  steps: true,
  runtimes: 'newest',
  fresh: true,
  cases,
}
