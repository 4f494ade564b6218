import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as g from 'gradus'
import { describe, expect, test } from 'vitest'
import { Bert, type BertConfig } from '../src/hugging-face/bert.ts'
import { Gpt2, type Gpt2Config } from '../src/hugging-face/gpt2.ts'
import { Llama, type LlamaConfig } from '../src/hugging-face/llama.ts'

// small models of Hugging Face with their numbers: GRADUS_HF, or ../shared/hf beside the repository
const folder = resolve(process.env['GRADUS_HF'] ?? join(import.meta.dirname, '../../../../shared/hf'))
const missing = !existsSync(join(folder, 'gpt2/expected.json'))

interface Expected {
  readonly forward: {
    readonly input_ids: number[][]
    readonly attention_mask: number[][]
    readonly logits_first_row: number[]
    readonly logits_last_row_at_its_last_token: number[]
  }
  readonly greedy?: { readonly prompt: number[]; readonly ids: number[] }
  readonly batches: [ids: number[][], mask: number[][], labels: number[]][]
  readonly full_fine_tune: {
    readonly losses: number[]
    readonly grad_norms: number[]
    readonly lr: number
    readonly clip: number
    readonly micro_batches: number[]
  }
}

type Model = g.nn.Module & ((ids: g.Tensor, attention: g.Tensor) => g.Tensor)

const read = <T>(name: string, file: string): T =>
  JSON.parse(readFileSync(join(folder, name, file), 'utf8')) as T

/** The model of a folder, with the weights of its file. */
async function load(name: string): Promise<Model> {
  const model =
    name === 'gpt2'
      ? new Gpt2(read<Gpt2Config>(name, 'config.json'))
      : name === 'bert'
        ? new Bert(read<BertConfig>(name, 'config.json'))
        : new Llama(read<LlamaConfig>(name, 'config.json'))
  model.loadStateDict(await g.load<Record<string, g.Tensor>>(join(folder, name, 'model.safetensors')))
  return model
}

const integers = (values: number[] | number[][]): g.Tensor => g.tensor(values, { dtype: 'int64' })

/** The largest difference from `expected`, relative to its largest magnitude. */
function difference(x: g.Tensor, expected: readonly number[]): number {
  const values = x.reshape(-1).tolist() as number[] // one axis
  expect(values).toHaveLength(expected.length)
  const scale = Math.max(...expected.map(Math.abs))
  return Math.max(...values.map((value, i) => Math.abs(value - expected[i]))) / scale
}

/** The sum of a micro-batch's losses, and how many targets it has. */
function lossOf(model: Model, [ids, mask, labels]: Expected['batches'][number], classifies: boolean) {
  const logits = model(integers(ids), integers(mask))
  const targets = classifies
    ? labels
    : ids.flatMap((row, i) => row.slice(1).map((id, j) => (mask[i][j + 1] ? id : -100)))
  const rows = classifies ? logits : logits.slice(0, -1, { axis: 1 }).flatten(0, 1)
  const loss = g.nn.functional.crossEntropy(rows, integers(targets), { reduction: 'sum' })
  return { loss, targets: targets.filter((target) => target >= 0).length }
}

function fineTune(model: Model, { batches, full_fine_tune }: Expected, classifies: boolean) {
  const { lr, clip, micro_batches } = full_fine_tune
  const optimizer = new g.optim.AdamW(model.parameters(), { lr })
  const losses: number[] = []
  const norms: number[] = []
  for (const batch of batches) {
    let row = 0
    const parts = micro_batches.map((size) => {
      const part = batch.map((rows) => rows.slice(row, row + size)) as typeof batch // each part has the same form
      row += size
      return lossOf(model, part, classifies)
    })
    const count = parts.reduce((sum, { targets }) => sum + targets, 0)
    optimizer.zeroGrad()
    let total = 0
    for (const { loss } of parts) {
      const share = loss.div(count)
      share.backward()
      total += share.item()
    }
    norms.push(g.nn.utils.clipGradNorm_(model.parameters(), clip).item())
    optimizer.step()
    losses.push(total)
  }
  return { losses, norms }
}

describe.skipIf(missing)('models of Hugging Face (skipped where GRADUS_HF names none)', () => {
  describe.each(['gpt2', 'llama', 'qwen2', 'bert'])('%s', (name) => {
    const classifies = name === 'bert'
    const expected = missing ? null : read<Expected>(name, 'expected.json')

    test('loads from its safetensors file by name and answers as PyTorch does', async () => {
      if (expected === null) return
      const { forward } = expected
      const model = await load(name)
      using _ = g.noGrad()
      const logits = model(integers(forward.input_ids), integers(forward.attention_mask))
      expect(difference(logits.select(0, 0), forward.logits_first_row)).toBeLessThan(2e-6)
      const last = forward.attention_mask[1].lastIndexOf(1)
      const row = classifies ? logits.select(0, 1) : logits.select(0, 1).select(0, last)
      expect(difference(row, forward.logits_last_row_at_its_last_token)).toBeLessThan(2e-6)
    })

    test('has the losses and gradient norms of ten accumulated steps of AdamW in PyTorch', async () => {
      if (expected === null) return
      const { losses, norms } = fineTune(await load(name), expected, classifies)
      for (const [i, loss] of expected.full_fine_tune.losses.entries())
        expect(losses[i] / loss).toBeCloseTo(1, 4)
      for (const [i, norm] of expected.full_fine_tune.grad_norms.entries())
        expect(norms[i] / norm).toBeCloseTo(1, 4)
    })

    if (!classifies)
      test('continues a prompt with the tokens that PyTorch chooses', async () => {
        const greedy = expected?.greedy
        if (greedy === undefined) return
        const model = await load(name)
        using _ = g.noGrad()
        const ids = [...greedy.prompt]
        while (ids.length < greedy.ids.length) {
          const logits = model(integers([ids]), g.ones(1, ids.length, { dtype: 'int64' }))
          ids.push(logits.select(0, 0).select(0, -1).argmax().item())
        }
        expect(ids).toEqual(greedy.ids)
      })
  })
})
