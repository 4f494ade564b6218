// What a page under a policy gets from gradus, and what gradus says: for policies.test.ts.
import * as g from 'gradus'

export interface PolicyResult {
  readonly got: g.BackendStatus
  readonly status: g.BackendStatus
  readonly lines: readonly string[]
  readonly losses: readonly number[]
}

async function train(): Promise<PolicyResult> {
  const lines: string[] = []
  g.setWarningHandler((line) => lines.push(line))
  const got = await g.init({ threads: 2 })
  g.manualSeed(0)
  const model = new g.nn.Linear(4, 2)
  const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.1 })
  const x = g.randn(8, 4)
  const losses: number[] = []
  for (let step = 0; step < 5; step++) {
    optimizer.zeroGrad()
    const loss = model.forward(x).square().mean()
    loss.backward()
    optimizer.step()
    losses.push(loss.item())
  }
  return { got, status: g.status(), lines, losses }
}

Object.assign(globalThis, { result: train })
