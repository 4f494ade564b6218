import { inspect } from 'node:util'
import { GradScaler, halfPrecision } from '@gradus/amp'
import {
  setTape,
  cat,
  crossEntropy,
  manualSeed,
  ones,
  randn,
  scaledDotProductAttention,
  setBackend,
  tensor,
  zeros,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { requireGrad, tape } from '@gradus/autograd'
import {
  BatchNorm1d,
  Dropout,
  Embedding,
  LayerNorm,
  Linear,
  Module,
  Parameter,
  ReLU,
  Sequential,
} from '@gradus/nn'
import {
  accumulate,
  AdamW,
  countTargets,
  GradAccumulator,
  gradReport,
  lrScheduler,
  SGD,
  stepsPerEpoch,
  verifyAccumulation,
  type GradAccumulatorOptions,
} from '@gradus/optim'
import { describe, expect, test } from 'vitest'

setBackend(referenceBackend())
setTape(tape)

const ignored = -100

/** Next-token prediction on 32 rows of 8 tokens; rows end after different lengths. */
function tokens(): { x: Tensor; y: Tensor } {
  const rows = Array.from({ length: 32 }, (_, r) =>
    Array.from({ length: 8 }, (_, t) => (3 * r + 5 * t * t) % 11),
  )
  const targets = rows.map((row, r) =>
    row.map((c, t) => (t < 1 + ((5 * r) % 8) ? (7 * c + r) % 11 : ignored)),
  )
  return { x: tensor(rows, { dtype: 'int64' }), y: tensor(targets, { dtype: 'int64' }) }
}

class Attention extends Module {
  readonly qkv = new Linear(8, 24, { bias: false })
  readonly norm = new LayerNorm(8)

  forward(x: Tensor): Tensor {
    const [q, k, v] = this.qkv(this.norm(x)).chunk(3, -1)
    return x.add(scaledDotProductAttention(q, k, v, { isCausal: true }))
  }
}

function languageModel(): Sequential {
  manualSeed(3)
  return new Sequential(
    new Embedding(11, 8),
    new Attention(),
    new LayerNorm(8),
    new Linear(8, 16),
    new ReLU(),
    new Linear(16, 11),
  )
}

const lossOf = (model: Sequential, x: Tensor, y: Tensor): Tensor =>
  crossEntropy(model(x).flatten(0, 1), y.flatten())

/** Three steps on the same rows, split as told: the parameters afterwards, and what each step returned. */
function train(split: readonly number[], options: GradAccumulatorOptions = {}) {
  const model = languageModel()
  const { x, y } = tokens()
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2 })
  const accumulator = new GradAccumulator(optimizer, options)
  const steps = Array.from({ length: 3 }, () => {
    let at = 0
    for (const rows of split) {
      const [xs, ys] = [x.narrow(0, at, rows), y.narrow(0, at, rows)]
      accumulator.backward(lossOf(model, xs, ys), { weight: countTargets(ys) })
      at += rows
    }
    return accumulator.step()
  })
  return { params: model.parameters().map((p) => p.detach()), steps }
}

/** Norm of the difference over the norm. */
function distance(a: readonly Tensor[], b: readonly Tensor[]): number {
  const [p, q] = [a, b].map((list) => cat(list.map((x) => x.to('float64').flatten())))
  return p.sub(q).square().sum().sqrt().div(q.square().sum().sqrt()).item()
}

describe('however a batch is split, the update is the same', () => {
  const whole = train([32], { clipNorm: 0.5 })

  test.each([
    ['in four parts of eight', [8, 8, 8, 8]],
    ['in single rows', new Array<number>(32).fill(1)],
    ['unevenly', [1, 13, 2, 9, 7]],
  ])('%s', (_, split) => {
    const parts = train(split, { clipNorm: 0.5 })
    expect(distance(parts.params, whole.params)).toBeLessThan(1e-5)
    parts.steps.forEach((step, i) => {
      expect(step.loss).toBeCloseTo(whole.steps[i].loss, 5)
      expect(Math.abs(step.gradNorm / whole.steps[i].gradNorm - 1)).toBeLessThan(1e-5)
      expect(step.weight).toBe(whole.steps[i].weight)
    })
    expect(parts.steps[0].microBatches).toBe(split.length)
  })

  test('under a loss scale too, which is taken off once', () => {
    const scaled = train([1, 13, 2, 9, 7], { clipNorm: 0.5, scaler: new GradScaler({ growthInterval: 2 }) })
    expect(distance(scaled.params, whole.params)).toBeLessThan(1e-5)
    expect(scaled.steps[0].gradNorm).toBeCloseTo(whole.steps[0].gradNorm, 5)
  })

  test('with sums instead of means', () => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    accumulator.backward(w.mul(tensor([1, 2, 3])).sum(), { weight: 3, reduction: 'sum' })
    accumulator.backward(w.mul(10).sum(), { weight: 1, reduction: 'sum' })
    expect(accumulator.step().gradNorm).toBe(4)
    expect(w.item()).toBe(-4)
  })

  test('equal weights accumulate bit for bit as plain backward() does', () => {
    const [a, b] = [languageModel(), languageModel()]
    const { x, y } = tokens()
    const accumulator = new GradAccumulator(new SGD(a.parameters(), { lr: 1 }))
    for (const i of [0, 4, 8]) {
      accumulator.backward(lossOf(a, x.narrow(0, i, 4), y.narrow(0, i, 4)))
      lossOf(b, x.narrow(0, i, 4), y.narrow(0, i, 4)).backward()
    }
    a.parameters().forEach((p, i) => expect(p.grad!.tolist()).toEqual(b.parameters()[i].grad!.tolist()))
    expect(accumulator.gradScale).toBe(3)
  })
})

describe('a window counts for what it is', () => {
  test('six samples in windows of four: both gradients are 1', () => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    const norms: number[] = []
    for (let i = 0; i < 6; i++) {
      accumulator.backward(w.mul(ones(1)).mean())
      if (accumulator.microBatches === 4) norms.push(accumulator.step().gradNorm)
    }
    norms.push(accumulator.flush()!.gradNorm)
    expect(norms).toEqual([1, 1])
    expect(w.item()).toBe(-2)
    expect(accumulator.flush()).toBeNull()
  })

  test('a micro-batch without targets that count adds nothing, although its loss is NaN', () => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    accumulator.backward(w.mul(NaN).sum(), { weight: 0 })
    accumulator.backward(w.mul(2).sum(), { weight: 5 })
    expect(accumulator.step()).toEqual({
      stepped: true,
      gradNorm: 2,
      loss: 0,
      weight: 5,
      microBatches: 2,
      skippedBecause: null,
    })
  })

  test('a window without any weight skips the step', () => {
    const w = requireGrad(ones(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    accumulator.backward(w.mul(NaN).sum(), { weight: 0 })
    expect(accumulator.step()).toMatchObject({ stepped: false, skippedBecause: 'no weight' })
    expect(w.item()).toBe(1)
  })

  test('a parameter that no micro-batch used keeps no gradient, and is not decayed', () => {
    const [w, unused] = [requireGrad(ones(1)), requireGrad(ones(1))]
    const accumulator = new GradAccumulator(new AdamW([w, unused], { lr: 0.1, weightDecay: 0.5 }))
    accumulator.backward(w.sum())
    accumulator.step()
    expect(unused.item()).toBe(1)
    expect(w.item()).toBeLessThan(1)
  })

  test('it is clipped once, by norm and then by value', () => {
    const w = requireGrad(zeros(2))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }), { clipNorm: 1, clipValue: 0.7 })
    for (const x of [tensor([3, 0]), tensor([3, 8])]) accumulator.backward(w.mul(x).sum())
    expect(accumulator.step().gradNorm).toBe(5)
    const [a, b] = w.tolist() as number[] // a vector of two
    expect(a).toBeCloseTo(-0.6, 5)
    expect(b).toBeCloseTo(-0.7, 5)
  })

  test('the schedule moves once per step of the optimizer', () => {
    const w = requireGrad(zeros(1))
    const optimizer = new SGD([w], { lr: 1 })
    const scheduler = new lrScheduler.StepLR(optimizer, 1, { gamma: 0.5 })
    const accumulator = new GradAccumulator(optimizer, { scheduler })
    for (let i = 0; i < 4; i++) {
      accumulator.backward(w.sum())
      accumulator.backward(w.sum())
      accumulator.step()
    }
    expect(scheduler.lastEpoch).toBe(4)
    expect(optimizer.paramGroups[0].lr).toBe(1 / 16)
  })

  test('an inf in one micro-batch skips the step, backs the scale off once, and leaves everything as it was', () => {
    const w = requireGrad(tensor([1.5, -2.25]))
    const optimizer = new AdamW([w], { lr: 0.1 })
    const scaler = new GradScaler()
    const scheduler = new lrScheduler.StepLR(optimizer, 1, { gamma: 0.5 })
    const accumulator = new GradAccumulator(optimizer, { scaler, scheduler, clipNorm: 1 })
    accumulator.backward(w.square().sum())
    accumulator.step()
    const before = [
      w.tolist(),
      optimizer.state.get(w)!['expAvg']!.toString(),
      optimizer.state.get(w)!['step'],
    ]
    for (const factor of [1, Infinity, 1]) accumulator.backward(w.mul(factor).sum())
    expect(accumulator.step()).toMatchObject({ stepped: false, skippedBecause: 'non-finite gradients' })
    expect([
      w.tolist(),
      optimizer.state.get(w)!['expAvg']!.toString(),
      optimizer.state.get(w)!['step'],
    ]).toEqual(before)
    expect(scaler.getScale()).toBe(32768)
    expect(scheduler.lastEpoch).toBe(1)
    expect(w.grad).toBeNull()
  })

  test('without a scaler a NaN skips the step too', () => {
    const w = requireGrad(ones(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    accumulator.backward(w.mul(NaN).sum())
    expect(accumulator.step()).toMatchObject({ stepped: false, skippedBecause: 'non-finite gradients' })
    expect(w.item()).toBe(1)
  })
})

test('gradients of half-precision parameters add up in float32', () => {
  const w = new Parameter(zeros([1], { dtype: 'bfloat16' }))
  const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
  const small = tensor([1e-3])
  for (let i = 0; i < 512; i++) accumulator.backward(w.to('float32').mul(small).sum())
  expect(w.grad!.dtype).toBe('float32')
  // bfloat16 would stop at 0.25; each gradient is 1e-3 rounded to it
  const each = small.to('bfloat16').item()
  expect(w.grad!.item()).toBeCloseTo(512 * each, 5)
  expect(accumulator.step().gradNorm).toBeCloseTo(each, 8)
})

test('float16 parameters with masters train under a loss scale', () => {
  manualSeed(0)
  const model = halfPrecision(new Linear(4, 1), { dtype: 'float16' })
  const accumulator = new GradAccumulator(new SGD(model.parameters(), { lr: 0.1 }), {
    scaler: new GradScaler({ initScale: 1024 }),
  })
  const [x, y] = [randn(16, 4), randn(16, 1)]
  const losses = Array.from({ length: 20 }, () => {
    for (const i of [0, 8]) {
      const out = model(x.narrow(0, i, 8).to('float16')).to('float32')
      accumulator.backward(
        out
          .sub(y.narrow(0, i, 8))
          .square()
          .mean(),
      )
    }
    return accumulator.step().loss
  })
  expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0])
})

describe('a window survives a checkpoint', () => {
  test('to the bit, saved in the middle of one, loaded in any order', () => {
    const { x, y } = tokens()
    const make = () => {
      const model = languageModel()
      const optimizer = new AdamW(model.parameters(), { lr: 1e-2 })
      const scheduler = new lrScheduler.StepLR(optimizer, 1, { gamma: 0.5 })
      const scaler = new GradScaler({ growthInterval: 1 })
      const accumulator = new GradAccumulator(optimizer, { scheduler, scaler, clipNorm: 1 })
      const feed = (i: number) => {
        const [xs, ys] = [x.narrow(0, i, 3), y.narrow(0, i, 3)]
        accumulator.backward(lossOf(model, xs, ys), { weight: countTargets(ys) })
      }
      return { model, optimizer, scheduler, scaler, accumulator, feed }
    }
    const a = make()
    for (const i of [0, 3]) a.feed(i)
    a.accumulator.step()
    for (const i of [0, 3]) a.feed(i)
    const saved = {
      accumulator: a.accumulator.stateDict(),
      optimizer: a.optimizer.stateDict(),
      model: Object.fromEntries(Object.entries(a.model.stateDict()).map(([k, v]) => [k, v.clone()])),
      scheduler: a.scheduler.stateDict(),
      scaler: a.scaler.stateDict(),
    }
    const b = make()
    b.accumulator.loadStateDict(saved.accumulator)
    b.model.loadStateDict(saved.model)
    b.optimizer.loadStateDict(saved.optimizer)
    b.scheduler.loadStateDict(saved.scheduler)
    b.scaler.loadStateDict(saved.scaler)
    expect(b.accumulator.microBatches).toBe(2)
    const [last, again] = [a, b].map((run) => {
      for (const i of [6, 9]) run.feed(i)
      return run.accumulator.step()
    })
    expect(again).toEqual(last)
    a.model.parameters().forEach((p, i) => expect(b.model.parameters()[i].tolist()).toEqual(p.tolist()))
  })

  test('a window of other parameters is refused, and changes nothing', () => {
    const [w, v] = [requireGrad(zeros(2)), requireGrad(zeros(3))]
    const from = new GradAccumulator(new SGD([w], { lr: 1 }))
    from.backward(w.sum())
    const into = new GradAccumulator(new SGD([v], { lr: 1 }))
    expect(() => into.loadStateDict(from.stateDict())).toThrow(
      'the loaded window has a gradient of shape [2] for parameter 0, which is [3]',
    )
    expect([into.microBatches, v.grad]).toEqual([0, null])
  })
})

describe('windows by budget', () => {
  const run = (sizes: readonly number[], budget: object) => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    const options = { accumulator, ...budget } as Parameters<typeof accumulate>[1] // a budget as the tests write it
    const batches = sizes.map((n) => [ones(n)] as const)
    return [...accumulate(batches, options, ([x]) => ({ loss: w.mul(x).mean(), weight: x.numel() }))]
  }
  const summary = (steps: ReturnType<typeof run>) => steps.map((s) => [s.microBatches, s.weight, s.gradNorm])

  test('end after so many micro-batches, the last one earlier', () => {
    expect(summary(run([2, 2, 2, 2, 1], { microBatches: 2 }))).toEqual([
      [2, 4, 1],
      [2, 4, 1],
      [1, 1, 1],
    ])
  })

  test('end when they have so many samples or tokens', () => {
    expect(summary(run([3, 1, 5, 2, 2], { tokens: 4 }))).toEqual([
      [2, 4, 1],
      [1, 5, 1],
      [2, 4, 1],
    ])
    expect(run([1, 1, 1], { samples: 2 }).map((s) => s.weight)).toEqual([2, 1])
  })

  test('end by samples when they have so many, whatever the weights are', () => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    const batches = [2, 2, 2].map((n) => [ones(n, 5)] as const)
    const steps = accumulate(batches, { accumulator, samples: 4 }, ([x]) => ({
      loss: w.mul(x).mean(),
      weight: x.numel(),
    }))
    expect([...steps].map((step) => [step.microBatches, step.weight])).toEqual([
      [2, 20],
      [1, 10],
    ])
  })

  test('count a loss without weight by the samples of its micro-batch', () => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    const batches = [[tensor([[1], [2], [3]])], [tensor([[10]])]]
    const [step] = [...accumulate(batches, { accumulator, microBatches: 2 }, ([x]) => w.mul(x).mean())]
    expect(step).toMatchObject({ weight: 4, gradNorm: 4 })
  })

  test('of no loader are none', () => {
    expect(run([], { microBatches: 2 })).toEqual([])
  })

  test('refuse a budget that is not positive', () => {
    expect(() => run([1], { tokens: 0 })).toThrow('a window has a positive budget, got 0')
    expect(() => run([1], {})).toThrow('a window has a positive budget, got undefined')
  })

  test('an epoch has as many steps as windows, the partial one among them', () => {
    expect(stepsPerEpoch(10, 4)).toBe(3)
    expect(stepsPerEpoch(8, 4)).toBe(2)
  })

  test('targets that count are those not ignored, by their class weight', () => {
    const y = tensor([0, ignored, 2, 2], { dtype: 'int64' })
    expect(countTargets(y)).toBe(3)
    expect(countTargets(y, { weight: tensor([0.5, 1, 2]) })).toBe(4.5)
    expect(countTargets(y, { ignoreIndex: 2 })).toBe(2)
  })
})

describe('verifyAccumulation', () => {
  const batches = (): Tensor[][] => {
    manualSeed(5)
    return [4, 6, 5].map((n) => [randn(n, 3), randn(n, 1)])
  }
  const mse = (model: Module & ((x: Tensor) => Tensor), [x, y]: Tensor[]) => model(x).sub(y).square().mean()

  test('says yes for a model of rows', () => {
    const model = new Sequential(new Linear(3, 4), new LayerNorm(4), new Linear(4, 1))
    const report = verifyAccumulation(model, batches(), mse)
    expect(report.exact).toBe(true)
    expect(report.reasons).toEqual([])
    expect(String(report)).toMatch(/^accumulation is exact: relative difference \d/)
  })

  test('names batch normalisation by its path, and leaves its statistics alone', () => {
    const model = new Sequential(new Linear(3, 4), new BatchNorm1d(4), new Linear(4, 1))
    const { exact, reasons } = verifyAccumulation(model, batches(), mse)
    expect(exact).toBe(false)
    expect(reasons).toHaveLength(1)
    expect(reasons[0]).toContain('batch normalisation takes its statistics from each micro-batch')
    expect(reasons[0]).toContain('1 (BatchNorm1d)')
    const state = model.stateDict()
    expect(state['1.num_batches_tracked'].item()).toBe(0)
    expect(state['1.running_mean'].tolist()).toEqual([0, 0, 0, 0])
    expect(model.parameters().every((p) => p.grad === null && model.training)).toBe(true)
  })

  test('names dropout', () => {
    const model = new Sequential(new Linear(3, 16), new Dropout(0.5), new Linear(16, 1))
    const { reasons } = verifyAccumulation(model, batches(), mse)
    expect(reasons).toEqual([expect.stringContaining('dropout draws other numbers for micro-batches')])
  })

  test('names a loss in which samples meet', () => {
    const model = new Linear(3, 2, { bias: false })
    const report = verifyAccumulation(model, batches(), (m, [x]) => {
      const z = m(x)
      return z.matmul(z.t()).logsumexp(1).mean()
    })
    expect(report.reasons).toEqual([expect.stringContaining('samples meet in it')])
    expect(String(report)).toContain('\n  - the loss of the batch')
  })

  test('takes a weight for losses that are means over tokens', () => {
    const { x, y } = tokens()
    const parts = [0, 5].map((i) => [x.narrow(0, i, i ? 7 : 5), y.narrow(0, i, i ? 7 : 5)])
    const model = languageModel()
    const exact = verifyAccumulation(model, parts, (m, [xs, ys]) => ({
      loss: lossOf(m, xs, ys),
      weight: countTargets(ys),
    }))
    expect(exact.exact).toBe(true)
    expect(verifyAccumulation(model, parts, (m, [xs, ys]) => lossOf(m, xs, ys)).exact).toBe(false)
  })

  test('takes two micro-batches at least', () => {
    expect(() => verifyAccumulation(new Linear(3, 1), batches().slice(0, 1), mse)).toThrow(
      'a split takes at least two micro-batches, got 1',
    )
  })
})

describe('gradReport', () => {
  const model = (): Linear => {
    const layer = new Linear(2, 2)
    layer.weight.grad = tensor([
      [3, 0],
      [-4, 0],
    ])
    return layer
  }

  test('has norm, extremes and shares of each parameter, and of all', () => {
    const report = gradReport(model(), { scale: 2 })
    expect(report.rows).toEqual([
      {
        name: 'weight',
        shape: [2, 2],
        dtype: 'float32',
        norm: 2.5,
        min: -2,
        max: 1.5,
        zeros: 0.5,
        nonFinite: 0,
      },
      { name: 'bias', shape: [2], dtype: null, norm: 0, min: NaN, max: NaN, zeros: 0, nonFinite: 0 },
    ])
    expect([report.norm, report.zeros, report.nonFinite]).toEqual([2.5, 0.5, 0])
  })

  test('tells entries that are not finite from extremes', () => {
    const layer = model()
    layer.weight.grad = tensor([
      [NaN, 1],
      [-Infinity, 2],
    ])
    const [row] = gradReport(layer).rows
    expect(row).toMatchObject({ min: 1, max: 2, nonFinite: 0.5 })
    expect(row.norm).toBeNaN()
  })

  test('prints as a table', () => {
    const table = [
      'parameter  shape      norm       min      max  zeros  non-finite',
      'weight     [2, 2]  5.00e+0  -4.00e+0  3.00e+0  50.0%        0.0%',
      'bias       [2]        none',
      'all                5.00e+0                     50.0%        0.0%',
    ].join('\n')
    expect(String(gradReport(model()))).toBe(table)
    // what console.log writes
    expect(inspect(gradReport(model()))).toBe(table)
  })

  test('looks at one micro-batch alone in the middle of a window', () => {
    const layer = new Linear(2, 1, { bias: false })
    const accumulator = new GradAccumulator(new SGD(layer.parameters(), { lr: 1 }))
    accumulator.backward(layer(tensor([[30, 40]])).sum())
    const report = gradReport(layer, { during: () => accumulator.backward(layer(tensor([[3, 4]])).sum()) })
    expect(report.norm).toBe(5)
    expect(gradReport(layer, { scale: accumulator.gradScale }).norm).toBe(27.5)
    expect(accumulator.step().gradNorm).toBe(27.5)
  })
})

test('a gradient whose squares overflow float32 is finite: the window steps, and is clipped', () => {
  const w = requireGrad(zeros(2))
  const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }), { clipNorm: 1 })
  accumulator.backward(w.mul(1e20).sum())
  const { stepped, gradNorm } = accumulator.step()
  expect(stepped).toBe(true)
  expect(gradNorm / 1e20).toBeCloseTo(Math.SQRT2, 6)
  for (const x of w.detach().readSync()) expect(Number(x)).toBeCloseTo(-Math.SQRT1_2, 6)
})

test('accumulators refuse options that they do not know, and say what they take', () => {
  const optimizer = new SGD([requireGrad(zeros(2))], { lr: 1 })
  expect(() => new GradAccumulator(optimizer, { clip_norm: 1 } as never)).toThrow('did you mean clipNorm?')
  expect(() => new GradAccumulator(optimizer, { scaler: 5 } as never)).toThrow(
    'scaler must be null, or a loss scaler',
  )
  expect(() => new GradAccumulator([zeros(2)] as never)).toThrow('is not an Optimizer')
  expect(() => new GradAccumulator(optimizer).backward(zeros([]), 4 as never)).toThrow(
    'takes options as one object',
  )
})
