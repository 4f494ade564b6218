import { autocast } from '@gradus/amp'
import {
  checkpoint,
  checkpointSequential,
  type CheckpointOptions,
  grad,
  noGrad,
  tape,
} from '@gradus/autograd'
import {
  currentBackend,
  getRngState,
  manualSeed,
  rand,
  randn,
  setBackend,
  setTape,
  tensor,
  tidy,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { BatchNorm1d, Dropout, GELU, Linear, Module, ReLU, Sequential } from '@gradus/nn'
import { describe, expect, test } from 'vitest'

setBackend(referenceBackend())
setTape(tape)

type Run = (fn: (x: Tensor) => Tensor, x: Tensor) => Tensor
const directly: Run = (fn, x) => fn(x)
const checkpointed: Run = (fn, x) => checkpoint(fn, x)

function block(): Sequential {
  manualSeed(1)
  return new Sequential(new Linear(8, 16), new GELU(), new Dropout(0.3), new Linear(16, 8), new ReLU())
}

function gradients(run: Run, wrap: (fn: () => Tensor) => Tensor = (fn) => fn()): unknown {
  const model = block()
  const x = randn([4, 8], { requiresGrad: true })
  const out = wrap(() => run(model, x.mul(2)))
  out.float().pow(2).sum().backward()
  const after = rand(3).tolist()
  return [out.tolist(), x.grad?.tolist(), model.parameters().map((p) => p.grad?.tolist()), after]
}

describe('checkpoint', () => {
  test('gives the results, gradients and later draws of the plain run to the bit, with dropout', () => {
    expect(gradients(checkpointed)).toEqual(gradients(directly))
  })

  test.each(['bfloat16', 'float16'] as const)(
    'the same under autocast to %s, left before backward',
    (dtype) => {
      const cast = (fn: () => Tensor): Tensor => autocast({ dtype }, fn)
      expect(gradients(checkpointed, cast)).toEqual(gradients(directly, cast))
      expect(gradients(checkpointed, cast)).not.toEqual(gradients(directly))
    },
  )

  test('runs again without autocast where only backward has it', () => {
    const run = (by: Run): unknown => {
      const model = block()
      const out = by(model, randn(4, 8)).sum()
      autocast({}, () => out.backward())
      return model.parameters().map((p) => p.grad?.tolist())
    }
    expect(run(checkpointed)).toEqual(run(directly))
  })

  test('nests', () => {
    const nested: Run = (fn, x) => checkpoint((v: Tensor) => checkpoint(fn, v.sin()).mul(v), x)
    const same: Run = (fn, x) => ((v: Tensor) => fn(v.sin()).mul(v))(x)
    expect(gradients(nested)).toEqual(gradients(same))
  })

  test('leaves the state of the generator alone in backward', () => {
    const out = checkpointed(block(), randn([4, 8]))
    const before = getRngState()
    out.sum().backward()
    expect(getRngState()).toEqual(before)
  })

  test('draws anew with preserveRngState: false', () => {
    const x = tensor([1, 1, 1, 1, 1, 1, 1, 1], { requiresGrad: true })
    manualSeed(0)
    const out = checkpoint((v: Tensor) => v.mul(rand(8)), x, { preserveRngState: false })
    out.sum().backward()
    expect(x.grad?.tolist()).not.toEqual(out.tolist())
  })

  test('works where only what the function closes over requires a gradient', () => {
    const w = tensor([2, 3], { requiresGrad: true })
    checkpoint((v: Tensor) => v.mul(w).exp(), tensor([0.5, 1]))
      .sum()
      .backward()
    expect(w.grad?.tolist()).toEqual(
      [0.5, 1].map((v, i) => Math.fround(v * Math.fround(Math.exp(v * [2, 3][i])))),
    )
  })

  test('stops once every value is there, and runs to the end with earlyStop: false', () => {
    const steps: string[] = []
    const fn = (v: Tensor): Tensor => {
      steps.push('a')
      const a = v.exp()
      steps.push('b')
      const b = a.sin()
      steps.push('c')
      return b.add(1)
    }
    const x = tensor([1], { requiresGrad: true })
    checkpoint(fn, x).backward()
    expect(steps.join('')).toBe('abcab')
    steps.length = 0
    checkpoint(fn, x, { earlyStop: false }).backward()
    expect(steps.join('')).toBe('abcabc')
  })

  test('differentiates twice', () => {
    const x = tensor([0.3, 0.7], { requiresGrad: true, dtype: 'float64' })
    const fn = (v: Tensor): Tensor => v.mul(v).exp().mul(v.sin())
    const second = (run: Run): unknown => {
      const [first] = grad(run(fn, x.mul(1)).sum(), [x], { createGraph: true })
      return grad(first.pow(2).sum(), [x])[0]?.tolist()
    }
    expect(second(checkpointed)).toEqual(second(directly))
  })

  test('refuses a second backward, as the plain run does, and allows it with retainGraph', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    const y = checkpoint((v: Tensor) => v.exp().sin(), x).sum()
    y.backward(null, { retainGraph: true })
    y.backward()
    expect(() => y.backward()).toThrow('Trying to backward through the graph a second time')
  })

  test('runs effects twice: running statistics move twice', () => {
    const norm = new BatchNorm1d(2)
    checkpoint((v: Tensor) => norm(v).exp(), randn([4, 2], { requiresGrad: true }))
      .sum()
      .backward()
    expect(norm.numBatchesTracked?.item()).toBe(2)
  })

  test('finds a second run that saves another number of values, or other ones', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    let runs = 0
    const fewer = (v: Tensor): Tensor => (runs++ === 0 ? v.exp().sin().cos() : v.exp())
    expect(() => checkpoint(fewer, x).sum().backward()).toThrow(
      'Number of tensors saved during forward: 3\nNumber of tensors saved during recomputation: 1.',
    )
    runs = 0
    const other = (v: Tensor): Tensor => (runs++ === 0 ? v : v.narrow(0, 0, 1)).sin().cos()
    expect(() => checkpoint(other, x).sum().backward()).toThrow('different metadata')
  })

  test('wraps both runs by contextFn', () => {
    const log: string[] = []
    const wrap =
      (name: string) =>
      <T>(fn: () => T): T => {
        log.push(name)
        return fn()
      }
    const x = tensor([1], { requiresGrad: true })
    const options: CheckpointOptions = { contextFn: () => [wrap('first'), wrap('second')] }
    checkpoint((v: Tensor) => v.exp().sin(), x, options).backward()
    expect(log).toEqual(['first', 'second'])
  })

  test('finds an argument that was written since', () => {
    const x = tensor([1, 2], { requiresGrad: true }).mul(1)
    const y = checkpoint((v: Tensor) => v.exp().sin(), x).sum()
    noGrad(() => x.add_(1))
    expect(() => y.backward()).toThrow('modified by an inplace operation')
  })

  test('refuses options that it does not know', () => {
    const x = tensor([1])
    // @ts-expect-error no option
    expect(() => checkpoint((v: Tensor) => v, x, { preserveRngstate: true })).toThrow(
      'did you mean preserveRngState',
    )
    expect(() => checkpoint((v: Tensor) => v, x, { useReentrant: true })).toThrow(
      'useReentrant must be false',
    )
  })
})

class Deep extends Module {
  parts = Array.from({ length: 8 }, () => block())
  readonly run: Run
  constructor(run: Run) {
    super()
    this.run = run
  }
  forward(x: Tensor): Tensor {
    return this.parts.reduce((v, part) => this.run(part, v), x)
  }
}

describe('memory', () => {
  test('of values kept for backward is that of the inputs of the parts', () => {
    const kept = (run: Run): number => {
      const model = new Deep(run)
      const x = randn(64, 8)
      const before = currentBackend().memory().live
      const loss = tidy(() => model(x).sum())
      const bytes = currentBackend().memory().live - before
      tidy(() => loss.backward())
      return bytes
    }
    const inputs = 8 * 64 * 8 * 4
    const bytes = kept(checkpointed)
    expect(bytes).toBeLessThan(1.1 * inputs)
    expect(kept(directly)).toBeGreaterThan(5 * bytes)
  })

  test('at its peak is less, and none is left after backward', () => {
    const peak = (run: Run): number => {
      const model = new Deep(run)
      const x = randn(256, 8)
      tidy(() => model(x).sum().backward())
      const before = currentBackend().memory()
      tidy(() => model(x).sum().backward())
      expect(currentBackend().memory().live).toBe(before.live)
      return currentBackend().memory().peak - before.live
    }
    const small = peak(checkpointed)
    // a peak is the highest ever: so the lower one is measured first
    expect(peak(directly)).toBeGreaterThan(2 * small)
  })
})

describe('checkpointSequential', () => {
  test.each([1, 2, 3, 5])('in %i segments gives the plain run to the bit', (segments) => {
    expect(gradients((model, x) => checkpointSequential(model as Sequential, segments, x))).toEqual(
      gradients(directly),
    )
  })

  test('refuses more segments than functions', () => {
    expect(() => checkpointSequential([(x: Tensor) => x], 2, tensor([1]))).toThrow(
      'segments must be at most the number of functions, 1, got 2',
    )
  })
})
