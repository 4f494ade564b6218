import * as g from 'gradus'
import { expect, test } from 'vitest'

test('10,000 steps of a plain synchronous loop leave memory flat', () => {
  g.manualSeed(0)
  const model = new g.nn.Sequential(new g.nn.Linear(8, 16), new g.nn.Tanh(), new g.nn.Linear(16, 1))
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: 1e-3 })
  const x = g.randn(32, 8)
  const y = g.randn(32, 1)
  const step = (): void => {
    optimizer.zeroGrad()
    model(x).sub(y).square().mean().backward()
    optimizer.step()
  }
  const used = (): number => {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    return heapUsed + external + arrayBuffers
  }
  for (let i = 0; i < 1000; i++) step()
  // the highest of many readings on each side: a single one depends on when the collector last ran
  let early = 0
  let late = 0
  for (let i = 0; i < 9000; i++) {
    step()
    if (i % 10 === 0 && i < 2000) early = Math.max(early, used())
    if (i % 10 === 0 && i >= 7000) late = Math.max(late, used())
  }
  expect(late).toBeLessThan(early * 1.25 + 8e6)
  expect(g.currentBackend().memory().live).toBeLessThan(200e6)
}, 120_000)
