import type { Absent, Case, Prepared, Setup, Suite } from '../case.ts'
import { gpt } from '../models/gpt.ts'
import { mlp } from '../models/mlp.ts'

/** Node's, where this process is Node's; the bundle for pages has none. */
declare const process: { memoryUsage(): { rss: number } }

const MB = 1e6

/** By how much the process grows from step 100 to step 1,000 of a plain loop. */
async function growth({ run }: Prepared): Promise<number> {
  if (run === undefined) throw new Error('this case has no steps')
  for (let i = 0; i < 100; i++) await run()
  const before = process.memoryUsage().rss
  // no pause between the steps: what only a collection frees stays
  for (let i = 0; i < 900; i++) {
    const result = run()
    if (result instanceof Promise) await result
  }
  return (process.memoryUsage().rss - before) / MB
}

type Implementations = Pick<Case, 'gradus' | 'jax' | 'tfjs' | 'torch'>

function measured<Lib>(setup: Setup<Lib> | Absent | undefined): Setup<Lib> | undefined {
  if (typeof setup !== 'function') return undefined
  return async (lib, sizes) => {
    const prepared = await setup(lib, sizes)
    return { measure: () => growth(prepared) }
  }
}

/** The same implementations, with what their steps leave behind measured instead of their time. */
const grown = ({ gradus, jax, tfjs, torch }: Implementations): Implementations => ({
  gradus: measured(gradus),
  jax: measured(jax),
  tfjs: measured(tfjs),
  torch: `${torch}
step = run
del run, result
def measure():
    for _ in range(100):
        step()
    before = rss()
    for _ in range(900):
        step()
    return (rss() - before) / 1e6
`,
})

export const memory: Suite = {
  name: 'memory',
  title: 'Memory of a plain loop',
  text:
    'Megabytes by which the process grew from step 100 to step 1,000, each in a process of its own. No contender calls ' +
    'anything between the steps but what its loop needs anyway.',
  chart: 'value',
  runtimes: 'node',
  fresh: true,
  cases: [
    {
      name: 'MLP 64-128-10, batch 64',
      sizes: { inputs: 64, width: 128, depth: 1, classes: 10, batch: 64 },
      unit: 'MB',
      quick: true,
      ...grown(mlp),
    },
    {
      name: 'GPT width 32, 2 layers, 32 tokens, batch 8',
      sizes: { width: 32, layers: 2, heads: 4, tokens: 32, batch: 8 },
      unit: 'MB',
      ...grown(gpt),
    },
  ],
}
