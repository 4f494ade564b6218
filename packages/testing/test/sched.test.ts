import { ones, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { Adam, lrScheduler, SGD } from '@gradus/optim'
import { describe, expect, test } from 'vitest'
import { goldenMissing } from '../src/golden/index.ts'
import { readScheduleCases } from '../src/golden/optim.ts'

setBackend(referenceBackend())

type Scheduled = lrScheduler.Scheduled
const {
  ConstantLR,
  CosineAnnealingLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  StepLR,
  ChainedScheduler,
  CyclicLR,
  OneCycleLR,
  ReduceLROnPlateau,
  SequentialLR,
} = lrScheduler

interface Steps {
  step(metric?: number): void
}

const makers: Record<string, (optimizer: Scheduled) => Steps> = {
  'StepLR(3,.5)': (o) => new StepLR(o, 3, { gamma: 0.5 }),
  'MultiStepLR([2,5,5,9],.3)': (o) => new MultiStepLR(o, [2, 5, 5, 9], { gamma: 0.3 }),
  'ConstantLR(.25,6)': (o) => new ConstantLR(o, { factor: 0.25, totalIters: 6 }),
  'LinearLR(.1,.9,7)': (o) => new LinearLR(o, { startFactor: 0.1, endFactor: 0.9, totalIters: 7 }),
  'ExponentialLR(.9)': (o) => new ExponentialLR(o, 0.9),
  'CosineAnnealingLR(10,.01)': (o) => new CosineAnnealingLR(o, 10, { etaMin: 0.01 }),
  'PolynomialLR(12,2)': (o) => new PolynomialLR(o, { totalIters: 12, power: 2 }),
  'LambdaLR(.95^e)': (o) => new LambdaLR(o, (epoch) => 0.95 ** epoch),
  'MultiplicativeLR(.97)': (o) => new MultiplicativeLR(o, () => 0.97),
  'Chained(Constant,Exp)': (o) =>
    new ChainedScheduler([new ConstantLR(o, { factor: 0.1, totalIters: 5 }), new ExponentialLR(o, 0.9)]),
  'Sequential(Constant5,Exp)@4': (o) =>
    new SequentialLR(o, [new ConstantLR(o, { factor: 0.1, totalIters: 5 }), new ExponentialLR(o, 0.9)], [4]),
  'CyclicLR triangular': (o) => new CyclicLR(o, 0.01, 0.1, { stepSizeUp: 4, stepSizeDown: 7 }),
  'CyclicLR triangular2': (o) => new CyclicLR(o, 0.01, 0.1, { stepSizeUp: 4, mode: 'triangular2' }),
  'CyclicLR Adam': (o) => new CyclicLR(o, 0.01, 0.1, { stepSizeUp: 4, stepSizeDown: 7 }),
  'OneCycleLR cos 41': (o) => new OneCycleLR(o, 0.2, { totalSteps: 41 }),
  'ReduceLROnPlateau(.5,patience=2,cooldown=1,min_lr=.01)': (o) =>
    new ReduceLROnPlateau(o, { factor: 0.5, patience: 2, cooldown: 1, minLr: 0.01 }),
}

describe('schedulers give the learning rates and momenta of PyTorch over 40 steps', () => {
  if (goldenMissing !== null) {
    test.skip(`all schedules: ${goldenMissing}`, () => {})
    return
  }
  const cases = readScheduleCases()
  for (const [name, golden] of Object.entries(cases)) {
    const make = makers[name]
    test(name, () => {
      const groups = [
        { params: [ones(1)], lr: 0.5 },
        { params: [ones(1)], lr: 0.05 },
      ]
      const optimizer = name.includes('Adam') ? new Adam(groups) : new SGD(groups, { momentum: 0.9 })
      const scheduler = make(optimizer)
      const momenta = (): number[] =>
        optimizer instanceof Adam
          ? optimizer.paramGroups.map((g) => g.betas[0])
          : optimizer.paramGroups.map((g) => g.momentum)
      golden.lrs.forEach((expected, t) => {
        optimizer.paramGroups.forEach((g, i) => expect(g.lr, `step ${t}`).toBeCloseTo(expected[i], 14))
        momenta().forEach((m, i) => expect(m, `step ${t}`).toBeCloseTo(golden.mom[t][i], 14))
        optimizer.step()
        scheduler.step(scheduler instanceof ReduceLROnPlateau ? (golden.metrics?.[t] ?? 0) : undefined)
      })
    })
  }
})
