import { manualSeed, setBackend, setWarningHandler, tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import * as nn from '@gradus/nn'
import { Adam, LBFGS, SGD } from '@gradus/optim'
import { expect, test } from 'vitest'

setBackend(referenceBackend())

test.each([
  ['SGD', () => new SGD(new nn.LazyLinear(3).parameters(), { lr: 0.1 })],
  ['Adam', () => new Adam(new nn.LazyLinear(3).parameters())],
  ['LBFGS', () => new LBFGS(new nn.LazyLinear(3).parameters())],
])('%s refuses parameters without a shape', (_, make) => expect(make).toThrow('uninitialized parameter'))

test('a model of lazy modules trains after a dry run', () => {
  const warnings: string[] = []
  const before = setWarningHandler((message) => void warnings.push(message))
  manualSeed(0)
  const model = new nn.Sequential(new nn.LazyLinear(8), new nn.Tanh(), new nn.LazyLinear(1))
  const x = tensor([
    [1, 2],
    [3, 4],
  ])
  model(x)
  const optimizer = new SGD(model.parameters(), { lr: 0.1 })
  const losses = Array.from({ length: 20 }, () => {
    optimizer.zeroGrad()
    const loss = model(x)
      .sub(tensor([[1], [2]]))
      .square()
      .mean()
    loss.backward()
    optimizer.step()
    return loss.item()
  })
  setWarningHandler(before)
  expect(losses[19]).toBeLessThan(losses[0] / 10)
  expect(warnings).toEqual([])
})
