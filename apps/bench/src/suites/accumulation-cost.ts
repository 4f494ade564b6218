import type { Case, Gradus, Sizes, Suite } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'
import { gradusMlp } from '../models/mlp.ts'

const [warmMs, totalMs] = [1500, 6000]

/** Time of a window with an accumulator over that of the same window by hand, both taking turns in one process. */
function cost(g: Gradus, sizes: Sizes): number {
  const { batch, inputs, classes, parts } = sizes
  const lossFn = new g.nn.CrossEntropyLoss()
  const xs = gradus.tensorOf(g, [batch, inputs], 1).chunk(parts)
  const ys = gradus.labelsOf(g, batch, classes, 2).chunk(parts)
  const start = () => {
    const model = gradusMlp(g, sizes)
    gradus.setParameters(g, model)
    const optimizer = new g.optim.AdamW(model.parameters(), { lr: 1e-3 })
    return { optimizer, losses: xs.map((x, i) => () => lossFn(model(x), ys[i])) }
  }
  const byHand = start()
  const accumulated = start()
  const accumulator = new g.optim.GradAccumulator(accumulated.optimizer)
  // gradients are cleared at the end, as the accumulator does it: which of the two finds its memory free is no part of this
  const plain = () => {
    for (const lossOf of byHand.losses) lossOf().div(parts).backward()
    byHand.optimizer.step()
    byHand.optimizer.zeroGrad()
  }
  const window = () => {
    for (const lossOf of accumulated.losses) accumulator.backward(lossOf())
    accumulator.step()
  }
  const times = { plain: [] as number[], window: [] as number[] }
  const take = (list: number[], run: () => void) => {
    const began = performance.now()
    run()
    list.push(performance.now() - began)
  }
  const began = performance.now()
  let warm = true
  for (let i = 0; performance.now() - began < totalMs; i++) {
    if (warm && performance.now() - began > warmMs) {
      warm = false
      times.plain = []
      times.window = []
    }
    if (i % 2 === 0) take(times.plain, plain)
    take(times.window, window)
    if (i % 2 === 1) take(times.plain, plain)
  }
  return fast(times.window) / fast(times.plain)
}

/** The mean of the faster quarter: what the machine does besides makes calls longer, never shorter. */
function fast(times: readonly number[]): number {
  const best = [...times].sort((a, b) => a - b).slice(0, Math.ceil(times.length / 4))
  return best.reduce((sum, ms) => sum + ms, 0) / best.length
}

const row = (parts: number): Case => ({
  name: `64 rows in ${parts} micro-batch${parts === 1 ? '' : 'es'}`,
  sizes: { inputs: 784, width: 512, depth: 2, classes: 10, batch: 64, parts },
  unit: '×',
  quick: parts === 4,
  only: ['gradus'],
  gradus: (g, sizes) => ({ measure: () => cost(g, sizes) }),
})

export const accumulationCost: Suite = {
  name: 'accumulation-cost',
  title: 'What an accumulator costs',
  text:
    'Time of one update of the MLP 784-512-512-10 with GradAccumulator over that of the loop by hand: k times ' +
    '`loss.div(k).backward()`, `step`, `zeroGrad`. Both take turns in one process; of each the faster quarter counts. The accumulator ' +
    'checks what was changed between micro-batches, reads each loss, and finds the norm of the gradient besides.',
  chart: 'value',
  runtimes: 'newest',
  cases: [row(1), row(4), row(16)],
}
