import type { Case, Gradus, Sizes, Suite } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'

type Tensor = ReturnType<typeof gradus.tensorOf>

const MB = 2 ** 20

/** What is collected or moved out falls on one step of a few. */
const together = 4

/** A step that keeps five tensors of 4 MB for backward and one small parameter. */
function stepOf(g: Gradus): () => void {
  const x = gradus.tensorOf(g, [1024, 1024], 1)
  const w = new g.nn.Parameter(g.ones(1024))
  const optimizer = new g.optim.SGD([w], { lr: 1e-9 })
  return () => {
    optimizer.zeroGrad()
    let h: Tensor = x
    for (let i = 0; i < 3; i++) h = g.tanh(h.mul(w))
    h.sum().backward()
    optimizer.step()
  }
}

async function atBudget(g: Gradus, { budget }: Sizes, tidy: boolean) {
  const { wasmBackend } = await import('@gradus/backend-wasm')
  const before = g.currentBackend()
  g.setBackend(wasmBackend({ memoryBudget: budget * MB, threads: 1 }))
  const step = stepOf(g)
  const run = tidy ? () => g.tidy(step) : step
  return {
    run: () => {
      for (let i = 0; i < together; i++) run()
    },
    peakBytes: () => g.memory().resident,
    release: () => g.setBackend(before),
  }
}

const row = (budget: number, tidy: boolean): Case => ({
  name: `${tidy ? 'in tidy' : 'plain loop'}, budget of ${budget} MB`,
  sizes: { budget },
  only: ['gradus'],
  gradus: (g, sizes) => atBudget(g, sizes, tidy),
})

export const budget: Suite = {
  name: 'budget',
  title: 'A plain loop at the memory budget',
  text:
    'Four steps with 28 MB of results each in a synchronous loop without any call to free them, beside the same steps in `tidy`. ' +
    'Once the budget is reached, what was not used for longest is moved out of WebAssembly memory. The second figure is ' +
    'what the backend held.',
  chart: 'ms',
  runtimes: 'newest',
  cases: [row(64, false), row(256, false), row(1024, false), row(1024, true)],
}
