import { ones, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { lrScheduler, SGD } from '../src/index.ts'

setBackend(referenceBackend())

type Maker = (optimizer: lrScheduler.Scheduled) => lrScheduler.LRScheduler
const l = lrScheduler

// learning rates from 0.5 on over step(3), step(), step(1), step(7), step(): PyTorch's
test.each<[string, Maker, number[]]>([
  ['StepLR', (o) => new l.StepLR(o, 2), [0.5, 0.05, 0.005, 0.5, 0.0005, 0.00005]],
  ['MultiStepLR', (o) => new l.MultiStepLR(o, [2, 5]), [0.5, 0.05, 0.05, 0.5, 0.005, 0.005]],
  ['ConstantLR', (o) => new l.ConstantLR(o), [1 / 6, 1 / 6, 1 / 6, 1 / 6, 0.5, 0.5]],
  ['LinearLR', (o) => new l.LinearLR(o), [1 / 6, 11 / 30, 13 / 30, 7 / 30, 0.5, 0.5]],
  [
    'ExponentialLR',
    (o) => new l.ExponentialLR(o, 0.9),
    [0.5, 0.3645, 0.32805, 0.45, 0.23914845, 0.215233605],
  ],
  ['PolynomialLR', (o) => new l.PolynomialLR(o, { totalIters: 5, power: 2 }), [0.5, 0.08, 0.02, 0.32, 0, 0]],
  [
    'CosineAnnealingLR',
    (o) => new l.CosineAnnealingLR(o, 5),
    [0.5, 0.17274575, 0.04774575, 0.45225425, 0.17274575, 0.32725425],
  ],
  ['LambdaLR', (o) => new l.LambdaLR(o, (e) => 1 / (e + 1)), [0.5, 0.125, 0.1, 0.25, 0.0625, 1 / 18]],
  [
    'MultiplicativeLR',
    (o) => new l.MultiplicativeLR(o, () => 0.5),
    [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625],
  ],
])('%s goes to the epoch that step is given', (_, make, wanted) => {
  const optimizer = new SGD([ones(1)], { lr: 0.5 })
  const scheduler = make(optimizer)
  const found = [optimizer.paramGroups[0].lr]
  for (const epoch of [3, undefined, 1, 7, null]) {
    optimizer.step()
    scheduler.step(epoch)
    found.push(optimizer.paramGroups[0].lr)
  }
  found.forEach((lr, i) => expect(lr).toBeCloseTo(wanted[i], 8))
  expect(scheduler.lastEpoch).toBe(8)
})

test('an epoch that is no whole number, or that a scheduler made of others is given, is refused', () => {
  const optimizer = new SGD([ones(1)], { lr: 0.5 })
  const scheduler = new l.StepLR(optimizer, 2)
  optimizer.step()
  expect(() => scheduler.step(-1)).toThrow('epoch')
  expect(() => scheduler.step(1.5)).toThrow('epoch')
  const chained: lrScheduler.LRScheduler = new l.ChainedScheduler([scheduler])
  expect(() => chained.step(2)).toThrow('ChainedScheduler.step takes no epoch, got 2')
  const sequence: lrScheduler.LRScheduler = new l.SequentialLR(
    optimizer,
    [new l.StepLR(optimizer, 2), new l.StepLR(optimizer, 3)],
    [2],
  )
  expect(() => sequence.step(2)).toThrow('SequentialLR.step takes no epoch, got 2')
  expect(scheduler.lastEpoch).toBe(0)
})
