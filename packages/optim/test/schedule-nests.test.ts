import { ones, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { lrScheduler, SGD } from '../src/index.ts'

setBackend(referenceBackend())

type Scheduled = lrScheduler.Scheduled
type Maker = (optimizer: Scheduled, lastEpoch?: number) => lrScheduler.LRScheduler

const {
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LinearLR,
  OneCycleLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
} = lrScheduler

/** Learning rates before each of so many steps. */
function rates(make: Maker, steps: number): number[] {
  const optimizer = new SGD([ones(1)], { lr: 1, momentum: 0.9 })
  const scheduler = make(optimizer)
  return Array.from({ length: steps }, () => {
    const { lr } = optimizer.paramGroups[0]
    optimizer.step()
    scheduler.step()
    return lr
  })
}

const close = (actual: readonly number[], expected: readonly number[]): void =>
  actual.forEach((x, i) => expect(x, `step ${i}`).toBeCloseTo(expected[i], 12))

const constant: Maker = (o) => new ConstantLR(o, { factor: 0.5, totalIters: 2 })
const decay: Maker = (o) => new ExponentialLR(o, 0.5)
const inner: Maker = (o) => new SequentialLR(o, [constant(o), decay(o)], [2])

test('a sequence inside of a sequence is what it is alone, from its milestone on', () => {
  const alone = rates(inner, 6)
  expect(alone).toEqual([0.5, 0.5, 1, 0.5, 0.25, 0.125])
  close(
    rates((o) => new SequentialLR(o, [inner(o), decay(o)], [5]), 8),
    [...alone.slice(0, 5), 1, 0.5, 0.25],
  )
  close(
    rates((o) => new SequentialLR(o, [decay(o), inner(o)], [2]), 8),
    [1, 0.5, ...alone],
  )
})

test('a chain inside of a sequence is what it is alone, from its milestone on', () => {
  const chain: Maker = (o) => new ChainedScheduler([constant(o), decay(o)])
  const alone = rates(chain, 5)
  expect(alone).toEqual([0.5, 0.25, 0.25, 0.125, 0.0625])
  close(
    rates((o) => new SequentialLR(o, [decay(o), chain(o)], [3]), 8),
    [1, 0.5, 0.25, ...alone],
  )
  close(
    rates((o) => new SequentialLR(o, [chain(o), decay(o)], [3]), 5),
    [...alone.slice(0, 3), 1, 0.5],
  )
})

test.each<[string, Maker]>([
  [
    'CosineAnnealingWarmRestarts with equal cycles',
    (o, lastEpoch = -1) => new CosineAnnealingWarmRestarts(o, 3, { lastEpoch }),
  ],
  [
    'CosineAnnealingWarmRestarts with growing cycles',
    (o, lastEpoch = -1) => new CosineAnnealingWarmRestarts(o, 1, { tMult: 3, etaMin: 0.1, lastEpoch }),
  ],
  [
    'CyclicLR',
    (o, lastEpoch = -1) => new CyclicLR(o, 0.1, 1, { stepSizeUp: 3, mode: 'triangular2', lastEpoch }),
  ],
  ['OneCycleLR', (o, lastEpoch = -1) => new OneCycleLR(o, 1, { totalSteps: 30, lastEpoch })],
  ['SequentialLR', (o, lastEpoch = -1) => new SequentialLR(o, [inner(o), decay(o)], [5], { lastEpoch })],
])('%s built with lastEpoch goes on where it was', (_, make) => {
  const expected = rates(make, 20)
  for (const done of [0, 3, 7, 13]) {
    const optimizer = new SGD([ones(1)], { lr: 1, momentum: 0.9 })
    const first = make(optimizer)
    for (let i = 0; i < done; i++) {
      optimizer.step()
      first.step()
    }
    // a new program, with the state of the optimizer
    const resumed = new SGD([ones(1)], { lr: 1, momentum: 0.9 })
    resumed.loadStateDict(optimizer.stateDict())
    const second = make(resumed, done - 1)
    for (let t = done; t < 19; t++) {
      expect(resumed.paramGroups[0].lr, `step ${t} after ${done}`).toBeCloseTo(expected[t], 12)
      resumed.step()
      second.step()
    }
  }
})

test('a plateau goes on from a state that went through JSON before its first step', () => {
  const make = () => {
    const optimizer = new SGD([ones(1)], { lr: 1 })
    return {
      optimizer,
      scheduler: new ReduceLROnPlateau(optimizer, { mode: 'max', patience: 0, factor: 0.5 }),
    }
  }
  const { scheduler } = make()
  const { optimizer, scheduler: other } = make()
  other.loadStateDict(JSON.parse(JSON.stringify(scheduler.stateDict())))
  expect(other.best).toBe(-Infinity)
  for (const metric of [1, 2, 2, 2]) other.step(metric)
  expect(optimizer.paramGroups[0].lr).toBe(0.25)
  expect(() => other.step(undefined)).toThrow('ReduceLROnPlateau.step takes a metric')
})

test('every scheduler goes on from a state that went through JSON', () => {
  const makers: Maker[] = [inner, decay, (o) => new OneCycleLR(o, 1, { totalSteps: 30 })]
  for (const make of [...makers, (o: Scheduled) => new CyclicLR(o, 0.1, 1, { stepSizeUp: 3 })]) {
    const [a, b] = [0, 1].map(() => {
      const optimizer = new SGD([ones(1)], { lr: 1, momentum: 0.9 })
      return { optimizer, scheduler: make(optimizer) }
    })
    for (let i = 0; i < 4; i++) a.scheduler.step()
    b.optimizer.loadStateDict(a.optimizer.stateDict())
    b.scheduler.loadStateDict(JSON.parse(JSON.stringify(a.scheduler.stateDict())))
    for (let i = 0; i < 8; i++) {
      a.scheduler.step()
      b.scheduler.step()
      expect(b.scheduler.getLastLr()).toEqual(a.scheduler.getLastLr())
    }
  }
})

test('a state of another scheduler, or with values of another kind, is refused', () => {
  const optimizer = new SGD([ones(1)], { lr: 1 })
  const scheduler = new StepLR(optimizer, 3)
  const state = scheduler.stateDict()
  expect(() => scheduler.loadStateDict(new ExponentialLR(optimizer, 0.5).stateDict())).toThrow('no step_size')
  expect(() => scheduler.loadStateDict({ ...state, base_lrs: [1, 2] })).toThrow(
    'base_lrs of the loaded state',
  )
  expect(() => scheduler.loadStateDict({ ...state, gamma: null })).toThrow(
    'gamma of the loaded state is null',
  )
  expect(scheduler.stateDict()).toEqual(state)
})

test('schedulers refuse options that they do not know, and arguments of another kind', () => {
  const optimizer = new SGD([ones(1)], { lr: 1 })
  const wrong = [
    [() => new StepLR(optimizer, 2.5), 'StepLR: stepSize must be an integer of at least 1, got 2.5'],
    [() => new StepLR(optimizer, 2, { step_gamma: 1 } as never), "StepLR has no option 'step_gamma'"],
    [() => new StepLR(optimizer, 2, 0.5 as never), 'StepLR takes options as one object: { gamma: 0.5 }'],
    [() => new LinearLR(optimizer, { start_factor: 0.5 } as never), 'did you mean startFactor?'],
    [
      () => new LinearLR(optimizer, { totalIters: 1.5 }),
      'LinearLR: totalIters must be an integer of at least 1',
    ],
    [
      () => new CyclicLR(optimizer, 0.1, 1, { mode: 'square' as never, cycleMomentum: false }),
      "'triangular'",
    ],
    [() => new ExponentialLR(optimizer, undefined as never), 'ExponentialLR: gamma must be a finite number'],
    [() => new SequentialLR(optimizer, [decay(optimizer)], 3 as never), 'milestones must be whole numbers'],
    [() => new SequentialLR(optimizer, [optimizer as never], []), 'SequentialLR takes schedulers, got a SGD'],
    [() => new StepLR([ones(1)] as never, 1), 'is not an Optimizer'],
    [() => new ReduceLROnPlateau(optimizer, { patience: 0.5 }), 'patience must be an integer of at least 0'],
  ] as const
  for (const [make, message] of wrong) expect(make).toThrow(message)
  expect(new StepLR(optimizer, 2, { gamma: undefined }).gamma).toBe(0.1)
})
