import { autocast, GradScaler } from '@gradus/amp'
import { noGrad, requireGrad, tape } from '@gradus/autograd'
import {
  manualSeed,
  ones,
  setBackend,
  setTape,
  setWarningHandler,
  tensor,
  zeros,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { BatchNorm1d, Linear, Parameter, Sequential } from '@gradus/nn'
import * as g from 'gradus'
import {
  accumulate,
  clipGradNorm_,
  GradAccumulator,
  lrScheduler,
  SGD,
  stepsPerEpoch,
  WindowError,
  type GradAccumulatorOptions,
} from '@gradus/optim'
import { describe, expect, test } from 'vitest'

setBackend(referenceBackend())
setTape(tape)

/** One weight, and a window open on it with one micro-batch of gradient 2. */
function open(options: GradAccumulatorOptions = {}) {
  const w = requireGrad(zeros(1))
  const optimizer = new SGD([w], { lr: 1 })
  const accumulator = new GradAccumulator(optimizer, options)
  const micro = (): void => accumulator.backward(w.mul(2).sum())
  micro()
  return { w, optimizer, accumulator, micro }
}

/** Both ways on from a window: a further micro-batch, and the step. */
function expectRefused(run: ReturnType<typeof open>, message: string, hint: string): void {
  for (const go of [run.micro, () => run.accumulator.step()]) {
    expect(go).toThrow(WindowError)
    expect(go).toThrow(message)
    expect(go).toThrow(hint)
  }
  expect(run.w.item()).toBe(0)
}

// ranked by how often they are made; each is an error, or cannot be made
describe('mistakes with accumulated gradients', () => {
  test('1. not dividing: step() divides', () => {
    const { w, accumulator, micro } = open()
    micro()
    micro()
    expect(accumulator.step().gradNorm).toBe(2)
    expect(w.item()).toBe(-2)
  })

  test('1. dividing twice is an error', () => {
    const { w, accumulator } = open()
    const divided = (): void => accumulator.backward(w.mul(2).mean().div(4))
    expect(divided).toThrow('the loss was divided by 4, and the window is divided by its weight again')
    expect(divided).toThrow('pass the mean over the micro-batch as it is')
    // what divides by what was computed is a mean
    accumulator.backward(w.mul(2).sum().div(tensor(1)))
    expect(accumulator.step().gradNorm).toBe(2)
  })

  test('2. the mean of token means: weights make it the mean over tokens', () => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    accumulator.backward(w.mul(tensor([1, 1, 1])).mean(), { weight: 3 })
    accumulator.backward(w.mul(tensor([5])).mean(), { weight: 1 })
    expect(accumulator.step().gradNorm).toBe(2)
  })

  test('2. a weight forgotten once, or under a budget of tokens, is an error', () => {
    const { w, accumulator } = open()
    expect(() => accumulator.backward(w.mul(2).sum(), { weight: 3 })).toThrow(
      'some micro-batches of this window have a weight, and some have none',
    )
    accumulator.discard()
    const run = (): unknown => [...accumulate([[ones(1)]], { accumulator, tokens: 4 }, () => w.mul(2).sum())]
    expect(run).toThrow('return { loss, weight: countTargets(y) }')
  })

  test('3. the last window under-weighted: it is divided by its own weight', () => {
    const { accumulator } = open()
    expect(accumulator.flush()).toMatchObject({ gradNorm: 2, microBatches: 1 })
  })

  test('3. the last window dropped is an error at the end of its block', () => {
    const { accumulator } = open()
    expect(() => accumulator[Symbol.dispose]()).toThrow('the last 1 micro-batches are in no step')
    expect(() => accumulator[Symbol.dispose]()).toThrow('end with flush()')
    accumulator.flush()
    expect(() => accumulator[Symbol.dispose]()).not.toThrow()
  })

  test('3. the last window carried into the next epoch is an error', () => {
    const { accumulator, w } = open()
    const epoch = (): unknown => [...accumulate([[ones(1)]], { accumulator, microBatches: 2 }, () => w.sum())]
    expect(epoch).toThrow('1 micro-batches of an earlier loop are in no step')
    expect(epoch).toThrow('call flush() at the end of that loop')
  })

  test('4. zeroGrad among the micro-batches is an error', () => {
    const run = open()
    run.optimizer.zeroGrad()
    expectRefused(run, 'gradients were cleared inside of a window', 'leave out zeroGrad()')
  })

  test('4. zeroGrad never: step() clears, and gradients from elsewhere are an error', () => {
    const { w, accumulator, micro } = open()
    accumulator.step()
    expect(w.grad).toBeNull()
    w.mul(100).sum().backward()
    expect(micro).toThrow('there are gradients that do not belong to this window')
  })

  test('5. clipping each micro-batch is an error', () => {
    const run = open()
    clipGradNorm_([run.w], 1)
    expectRefused(run, 'gradients were changed inside of a window', 'step() unscales and clips once')
  })

  test('5. unscaling each micro-batch is an error', () => {
    const scaler = new GradScaler()
    const run = open({ scaler })
    scaler.unscale_(run.optimizer)
    expectRefused(run, 'gradients were changed inside of a window', 'step() unscales and clips once')
  })

  test('6. a schedule stepped per micro-batch is an error', () => {
    const run = open()
    const scheduler = new lrScheduler.StepLR(run.optimizer, 1, { gamma: 0.5 })
    const before = setWarningHandler(() => {}) // PyTorch's own warning says something else
    scheduler.step()
    setWarningHandler(before)
    expectRefused(run, 'the learning rate changed inside of a window', 'pass it as { scheduler }')
  })

  test('6. a schedule stepped beside the accumulator is an error', () => {
    const w = requireGrad(zeros(1))
    const optimizer = new SGD([w], { lr: 1 })
    const scheduler = new lrScheduler.StepLR(optimizer, 10)
    const accumulator = new GradAccumulator(optimizer, { scheduler })
    accumulator.backward(w.sum())
    accumulator.step()
    scheduler.step()
    expect(() => accumulator.backward(w.sum())).toThrow('the schedule was stepped twice')
  })

  test('6. a schedule planned for micro-batches: stepsPerEpoch counts the steps there will be', () => {
    const w = requireGrad(zeros(1))
    const optimizer = new SGD([w], { lr: 1 })
    const scheduler = new lrScheduler.LinearLR(optimizer, {
      startFactor: 1,
      endFactor: 0.25,
      totalIters: stepsPerEpoch(10, 4),
    })
    const accumulator = new GradAccumulator(optimizer, { scheduler })
    const batches = Array.from({ length: 10 }, () => [ones(1)])
    const steps = [...accumulate(batches, { accumulator, microBatches: 4 }, () => w.sum())]
    expect([steps.length, optimizer.paramGroups[0].lr]).toEqual([3, 0.25])
  })

  test('7. the loss scale updated per micro-batch is an error', () => {
    const scaler = new GradScaler({ initScale: 8 })
    const run = open({ scaler })
    scaler.update(16)
    expectRefused(run, 'the loss scale changed inside of a window, from 8 to 16', 'leave out scaler.update()')
  })

  test('8. logging a loss that is k times too large or too small: step() returns the mean', () => {
    const w = requireGrad(ones(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 0 }), { scaler: new GradScaler() })
    accumulator.backward(w.mul(1).sum(), { weight: 1 })
    accumulator.backward(w.mul(5).sum(), { weight: 3 })
    expect(accumulator.step().loss).toBe(4)
  })

  test('9. graphs kept alive by adding losses up: a loss is a number after backward()', () => {
    const w = requireGrad(ones(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    let total: Tensor = zeros([])
    for (let i = 0; i < 3; i++) {
      const loss = w.mul(2).sum()
      accumulator.backward(loss)
      total = total.add(loss)
    }
    expect([total.item(), total.requiresGrad]).toEqual([6, false])
  })

  test('9. and counts once', () => {
    const { w, accumulator } = open()
    const loss = w.sum()
    accumulator.backward(loss)
    expect(() => accumulator.backward(loss)).toThrow('a loss counts once')
  })

  test('10. half-precision accumulators: gradients add up in float32', () => {
    const w = new Parameter(zeros([1], { dtype: 'float16' }))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    for (const x of [2048, 1, 1, 1]) accumulator.backward(w.to('float32').mul(x).sum())
    expect([w.grad!.dtype, w.grad!.item()]).toEqual(['float32', 2051])
  })

  test('11. batch normalisation over micro-batches is an error for an accumulator that knows the model', () => {
    manualSeed(0)
    const model = new Sequential(new Linear(1, 2), new BatchNorm1d(2))
    const accumulator = new GradAccumulator(new SGD(model.parameters(), { lr: 1 }), { model })
    const micro = (): void =>
      accumulator.backward(
        model(tensor([[1], [2]]))
          .square()
          .mean(),
      )
    micro() // a window of one is the batch itself
    expect(micro).toThrow('batch normalisation cannot be split into micro-batches: 1 (BatchNorm1d)')
    expect(micro).toThrow('use GroupNorm or LayerNorm, or eval() these layers')
    model.eval()
    micro()
    expect(accumulator.step().microBatches).toBe(2)
  })

  // no gradient leaves the process before step(), where a reduction over processes would be: there is no region to forget
  test('12. backward outside of no_sync: gradients are handed on once per window', () => {
    const { optimizer, accumulator, micro, w } = open()
    const seen: unknown[] = []
    optimizer.registerStepPreHook(() => seen.push(w.grad?.tolist()))
    micro()
    micro()
    expect(seen).toEqual([])
    accumulator.step()
    expect(seen).toEqual([[2]])
    expect(Object.keys(g)).not.toContain('distributed')
  })

  test('13. a checkpoint in the middle of a window without it is an error', () => {
    const { optimizer, accumulator, micro } = open()
    expect(() => optimizer.stateDict()).toThrow('1 micro-batches would be missing from this checkpoint')
    const saved = { accumulator: accumulator.stateDict(), optimizer: optimizer.stateDict() }
    micro()
    expect(() => optimizer.stateDict()).toThrow('save the window first')
    expect(() => optimizer.loadStateDict(saved.optimizer)).toThrow(
      'the state of the optimizer was loaded inside of a window',
    )
    accumulator.loadStateDict(saved.accumulator)
    optimizer.loadStateDict(saved.optimizer)
    expect([accumulator.microBatches, accumulator.step().gradNorm]).toEqual([1, 2])
  })

  test('14. autocast around the whole window: no weight is stale, and the update is the same', () => {
    const windows = (around: (fn: () => void) => void, inner: (fn: () => Tensor) => Tensor): unknown => {
      const w = requireGrad(ones(1, 1))
      const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
      around(() => {
        for (let i = 0; i < 4; i++) {
          accumulator.backward(inner(() => w.matmul(tensor([[1.5]])).sum()))
          if (accumulator.microBatches === 2) accumulator.step()
        }
      })
      return w.tolist()
    }
    const inside = windows(
      (fn) => autocast({}, fn),
      (fn) => fn(),
    )
    const outside = windows(
      (fn) => fn(),
      (fn) => autocast({}, fn),
    )
    expect(inside).toEqual(outside)
    expect(inside).toEqual([[-2]])
  })
})

describe('what else would change an update', () => {
  test('a step on an empty window is an error', () => {
    const { accumulator } = open()
    accumulator.discard()
    expect(() => accumulator.step()).toThrow('step() on an empty window')
  })

  test('a step of the optimizer itself is an error, and changes nothing', () => {
    const { w, optimizer, accumulator } = open()
    expect(() => optimizer.step()).toThrow('optimizer.step() inside of a window')
    expect([w.item(), accumulator.step().gradNorm]).toEqual([0, 2])
  })

  test('a backward() of its own is an error', () => {
    const run = open()
    run.w.mul(7).sum().backward()
    expectRefused(run, 'gradients were changed inside of a window', 'leave out')
  })

  test('a parameter written among micro-batches is an error', () => {
    const { w, micro } = open()
    noGrad(() => w.add_(1))
    expect(micro).toThrow('a parameter was written inside of a window')
  })

  test('an optimizer that steps in a hook of backward is an error', () => {
    const w = requireGrad(zeros(1))
    const accumulator = new GradAccumulator(new SGD([w], { lr: 1 }))
    const own = new SGD([w], { lr: 1 })
    accumulator.backward(w.sum())
    w.registerPostAccumulateGradHook(() => {
      own.step()
      own.zeroGrad()
    })
    expect(() => accumulator.backward(w.sum())).toThrow(
      'an optimizer that steps in a hook of backward cannot accumulate',
    )
    expect(() => accumulator.step()).toThrow('call discard()')
  })

  test('parameters added among micro-batches are an error', () => {
    const run = open()
    run.optimizer.addParamGroup({ params: [requireGrad(zeros(1))] })
    expect(run.micro).toThrow('parameters were added to the optimizer inside of a window')
  })

  test('a parameter put in place of another among micro-batches is an error', () => {
    const run = open()
    run.optimizer.paramGroups[0].params[0] = requireGrad(zeros(1))
    expect(run.micro).toThrow('parameters were added to the optimizer inside of a window')
  })

  test('an error in the middle of backward asks for discard()', () => {
    const [u, w] = [requireGrad(zeros(1)), requireGrad(zeros(1))]
    const accumulator = new GradAccumulator(new SGD([u, w], { lr: 1 }))
    const v = w.mul(1)
    const hook = v.registerHook(() => {
      throw new Error('mine')
    })
    const loss = (): Tensor => v.mul(2).sum().add(u.mul(2).sum())
    // u has its gradient by then, w has not
    expect(() => accumulator.backward(loss())).toThrow('mine')
    hook.remove()
    for (const go of [
      () => accumulator.backward(loss()),
      () => accumulator.step(),
      () => accumulator.flush(),
    ]) {
      expect(go).toThrow('an error left this window with gradients of part of a micro-batch')
    }
    accumulator.discard()
    accumulator.backward(loss())
    expect([accumulator.step().stepped, u.item(), w.item()]).toEqual([true, -2, -2])
  })

  test.each([
    ['not a tensor', () => 1 as never, 'a loss is a tensor of one element, got number'],
    ['a vector', () => requireGrad(ones(2)).mul(1), 'got one of shape [2]'],
    ['a number without gradient', () => tensor(1), 'does not require grad'],
    ['half precision', () => requireGrad(ones(1)).to('bfloat16').sum(), 'a loss is computed in float32'],
  ])('a loss that is %s is an error', (_, loss, message) => {
    const { accumulator } = open()
    expect(() => accumulator.backward(loss())).toThrow(message)
  })

  test.each([-1, NaN, Infinity])('a weight of %s is an error', (weight) => {
    const { w, accumulator } = open()
    expect(() => accumulator.backward(w.sum(), { weight })).toThrow(
      `a weight is a number from 0 on, got ${weight}`,
    )
  })

  test('a clipNorm that is not positive is an error', () => {
    expect(() => open({ clipNorm: 0 })).toThrow('clipNorm must be positive, got 0')
  })
})
