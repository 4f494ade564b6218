// A GPT over characters: accumulated gradients, AdamW with two groups, warm-up and cosine, clipping. The same program in
// PyTorch prints the same losses and gradient norms. `--data FILE` reads a text; without it, one is made up here.
// `--micro-batches K` splits the 32 windows of a step otherwise than in 4: the numbers stay the same. `--precision` trains
// in mixed precision: bfloat16, or float16 with a loss scale.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { plot } from 'asciichart'
import * as g from 'gradus'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    steps: { type: 'string', default: '60' },
    'micro-batches': { type: 'string', default: '4' },
    precision: { type: 'string', default: 'float32' },
  },
})
const [block, width, heads, layers] = [64, 64, 4, 2]
const [draws, batch] = [4, 8]

const text = values.data === undefined ? nurseryRhymes() : readText(values.data)
const chars = [...new Set(text)].sort()
const numberOf = new Map(chars.map((c, i) => [c, i]))
const data = g.tensor(
  Array.from(text.slice(0, 200_000), (c) => numberOf.get(c)!),
  { dtype: 'int64' },
)

class Block extends g.nn.Module {
  readonly ln1 = new g.nn.LayerNorm(width)
  readonly qkv = new g.nn.Linear(width, 3 * width, { bias: false })
  readonly proj = new g.nn.Linear(width, width, { bias: false })
  readonly ln2 = new g.nn.LayerNorm(width)
  readonly fc = new g.nn.Linear(width, 4 * width)
  readonly out = new g.nn.Linear(4 * width, width)

  forward(x: g.Tensor): g.Tensor {
    const [n, t, c] = x.shape
    const [q, k, v] = this.qkv(this.ln1(x))
      .view(n, t, 3, heads, c / heads)
      .permute(2, 0, 3, 1, 4)
      .unbind(0)
    const attended = g.nn.functional.scaledDotProductAttention(q, k, v, { isCausal: true })
    const y = x.add(this.proj(attended.transpose(1, 2).reshape(n, t, c)))
    return y.add(this.out(g.nn.functional.gelu(this.fc(this.ln2(y)))))
  }
}

class GPT extends g.nn.Module {
  readonly tok = new g.nn.Embedding(chars.length, width)
  readonly pos = new g.nn.Embedding(block, width)
  readonly blocks = new g.nn.ModuleList(Array.from({ length: layers }, () => new Block()))
  readonly ln = new g.nn.LayerNorm(width)
  readonly head = new g.nn.Linear(width, chars.length, { bias: false })

  forward(ids: g.Tensor): g.Tensor {
    let x = this.tok(ids).add(this.pos(g.arange(ids.shape[1])))
    for (const one of this.blocks) x = one(x)
    return this.head(this.ln(x))
  }
}

g.manualSeed(2)
const model = new GPT()
const params = model.parameters()
const optimizer = new g.optim.AdamW(
  [
    { params: params.filter((p) => p.ndim >= 2), weightDecay: 0.1 },
    { params: params.filter((p) => p.ndim < 2), weightDecay: 0 },
  ],
  { lr: 1e-3, betas: [0.9, 0.95] },
)
const steps = Number(values.steps)
const scheduler = new g.optim.lrScheduler.LambdaLR(optimizer, (s) =>
  s < 10 ? (s + 1) / 10 : 0.1 + 0.45 * (1 + Math.cos((Math.PI * (s - 10)) / (steps - 10))),
)
const half = (['bfloat16', 'float16'] as const).find((dtype) => dtype === values.precision)
const scaler = new g.amp.GradScaler({ enabled: half === 'float16' })
const accumulator = new g.optim.GradAccumulator(optimizer, { scaler, clipNorm: 1, scheduler })

const losses: number[] = []
for (let step = 0; step < steps; step++) {
  // drawn by eights, whatever the micro-batches are
  const starts = Array.from({ length: draws }, () => [...g.randint(data.numel() - block, [batch])]).flat()
  for (const rows of partsOf(starts, Number(values['micro-batches']))) {
    const x = g.stack(rows.map((i) => data.slice(i, i + block)))
    const y = g.stack(rows.map((i) => data.slice(i + 1, i + 1 + block)))
    const forward = (): g.Tensor => g.nn.functional.crossEntropy(model(x).flatten(0, 1), y.flatten())
    const loss = half ? g.autocast({ dtype: half }, forward) : forward()
    accumulator.backward(loss, { weight: y.numel() })
  }
  const { loss, gradNorm } = accumulator.step()
  losses.push(loss)
  console.log(`${step} ${loss} ${gradNorm}`)
}
if (process.stdout.isTTY) console.log(`\nloss\n${plot(losses, { height: 12 })}`)

/** Parts of almost equal length. */
function partsOf(list: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, k) =>
    list.slice(Math.floor((k * list.length) / count), Math.floor(((k + 1) * list.length) / count)),
  )
}

function readText(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8')
  console.error(`shakespeare-gpt: there is no ${path}; --data takes a text file`)
  process.exit(1)
}

// sentences of a small grammar, in lines of four
function nurseryRhymes(): string {
  const random = new g.Generator(11)
  const one = (words: string): string => {
    const list = words.split(' ')
    return list[random.random() % list.length]
  }
  const who = (): string => `the ${one('little old merry grey')} ${one('cat mouse king cow sheep spider')}`
  const line = (): string =>
    `${who()} ${one('ran jumped looked sat')} ${one('over under beside behind')} ${who()}`
  return Array.from({ length: 1000 }, () => `${Array.from({ length: 4 }, line).join(',\n')}.\n\n`).join('')
}
