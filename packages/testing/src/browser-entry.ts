// What the browser test runs in the page: tensors of gradus, and the conformance suite on the compiled backend.
import { init, wasmBackend } from '@gradus/backend-wasm'
import { referenceBackend } from '@gradus/core/reference'
import * as g from 'gradus'
import { conformance, type Report } from './conformance/index.ts'

/** What the page answers. */
export interface PageResult extends Report {
  readonly isolated: boolean
  readonly backend: string
  /** First and last loss of the article's program. */
  readonly losses: readonly number[]
}

function article(): number[] {
  g.manualSeed(0)
  const model = new g.nn.Linear(10, 1)
  const lossFn = new g.nn.MSELoss()
  const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.1 })
  const [x, y] = [g.randn(10, 10), g.randn(10, 1)]
  return Array.from({ length: 100 }, () => {
    optimizer.zeroGrad()
    const loss = lossFn(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
  })
}

Reflect.set(globalThis, 'result', async (): Promise<PageResult> => {
  await init({ threads: 2 }).catch(() => undefined) // without shared memory everything runs on one thread
  const losses = article()
  const report = await conformance(wasmBackend(), referenceBackend())
  return {
    ...report,
    isolated: crossOriginIsolated,
    backend: g.currentBackend().name,
    losses: [losses[0], losses.at(-1)!],
  }
})
