import { GradScaler, halfPrecision } from '@gradus/amp'
import { requireGrad, tape } from '@gradus/autograd'
import { full, manualSeed, randn, setBackend, setTape, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { BatchNorm1d, LayerNorm, Linear, Module, Parameter, Sequential } from '@gradus/nn'
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  GradAccumulator,
  LBFGS,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
  type LBFGSOptions,
  type Optimizer,
} from '@gradus/optim'
import { describe, expect, test } from 'vitest'

setBackend(referenceBackend())
setTape(tape)

class Weights extends Module {
  readonly w: Parameter
  constructor(value: Tensor) {
    super()
    this.w = new Parameter(value)
  }
  forward(): Tensor {
    return this.w
  }
}

function steps(p: Parameter, optimizer: Optimizer, n: number, grad: number | Tensor): void {
  for (let i = 0; i < n; i++) {
    p.grad = typeof grad === 'number' ? full(p.shape, grad, { dtype: p.dtype }) : grad
    optimizer.step()
  }
}

const meanOf = (x: Tensor): number => x.to('float64').mean().item()

describe('half precision', () => {
  describe('without a master', () => {
    test('a thousand steps of SGD leave a float16 weight where it was', () => {
      const { w } = new Weights(full([1], 1, { dtype: 'float16' }))
      steps(w, new SGD([w], { lr: 1e-4 }), 1000, 1)
      expect(w.item()).toBe(1)
    })

    test('200 steps of Adam leave a bfloat16 weight where it was', () => {
      const { w } = new Weights(full([1], 1, { dtype: 'bfloat16' }))
      steps(w, new Adam([w], { lr: 1e-3 }), 200, 1)
      expect(w.item()).toBe(1)
    })

    test('but no step of Adam gives inf or NaN: its state and eps are float32', () => {
      const { w } = new Weights(full([3], 1, { dtype: 'float16' }))
      steps(w, new Adam([w], { lr: 1e-3 }), 1, tensor([1e-4, 1e-2, 0], { dtype: 'float16' }))
      const [a, b, c] = w.tolist() as number[] // a vector of three
      expect(a).toBeCloseTo(0.999, 3)
      expect(b).toBeCloseTo(0.999, 3)
      expect(c).toBe(1)
    })

    test('a scaler refuses its gradients', () => {
      const { w } = new Weights(full([1], 1, { dtype: 'float16' }))
      const scaler = new GradScaler()
      scaler.scale(w.to('float32').sum()).backward()
      expect(() => scaler.step(new SGD([w]))).toThrow('Attempting to unscale FP16 gradients.')
    })
  })

  describe('with float32 masters', () => {
    test.each(['float16', 'bfloat16'] as const)('small steps of SGD add up in %s', (dtype) => {
      const { w } = halfPrecision(new Weights(full([1], 1)), { dtype })
      expect(w.dtype).toBe(dtype)
      steps(w, new SGD([w], { lr: 1e-4 }), 1000, 1)
      expect(w.item()).toBeCloseTo(0.9, 2)
    })

    test('the master starts at the value before conversion, and is what a float32 run has', () => {
      manualSeed(1)
      const start = randn(64)
      const exact = requireGrad(start.clone())
      const { w } = halfPrecision(new Weights(start))
      const grad = randn(64).to('bfloat16')
      const [a, b] = [new AdamW([exact], { lr: 1e-3 }), new AdamW([w], { lr: 1e-3 })]
      for (let i = 0; i < 20; i++) {
        exact.grad = grad.to('float32')
        a.step()
        w.grad = grad.clone()
        b.step()
      }
      expect(w.tolist()).toEqual(exact.detach().to('bfloat16').tolist())
      expect(b.state.get(w)!['expAvg']).toMatchObject({ dtype: 'float32' })
    })

    test.each<[string, (p: Tensor[]) => Optimizer]>([
      ['SGD', (p) => new SGD(p, { lr: 1e-3, momentum: 0.9 })],
      ['Adam', (p) => new Adam(p, { lr: 1e-3 })],
      ['Adadelta', (p) => new Adadelta(p)],
      ['Adafactor', (p) => new Adafactor(p)],
      ['Adagrad', (p) => new Adagrad(p, { lr: 1e-3 })],
      ['Adamax', (p) => new Adamax(p, { lr: 1e-3 })],
      ['ASGD', (p) => new ASGD(p, { lr: 1e-3 })],
      ['Muon', (p) => new Muon(p, { lr: 1e-3 })],
      ['NAdam', (p) => new NAdam(p, { lr: 1e-3 })],
      ['RAdam', (p) => new RAdam(p, { lr: 1e-3 })],
      ['RMSprop', (p) => new RMSprop(p, { lr: 1e-3, momentum: 0.9 })],
      ['Rprop', (p) => new Rprop(p, { lr: 1e-3 })],
    ])('%s updates a master as it updates a float32 parameter', (_name, make) => {
      manualSeed(1)
      const start = randn(6, 8)
      const exact = requireGrad(start.clone())
      const { w } = halfPrecision(new Weights(start))
      const [a, b] = [make([exact]), make([w])]
      for (let i = 0; i < 5; i++) {
        const grad = randn(6, 8).to('bfloat16')
        exact.grad = grad.to('float32')
        a.step()
        w.grad = grad
        b.step()
      }
      const { master } = b.stateDict().state[0]
      expect(master).toMatchObject({ dtype: 'float32' })
      expect((master as Tensor).tolist()).toEqual(exact.tolist()) // expected just above
      expect(w.tolist()).toEqual(exact.detach().to('bfloat16').tolist())
    })

    describe('LBFGS', () => {
      const square = (x: Tensor): Tensor => x.square()
      const minimise = (w: Parameter, lossOf: (x: Tensor) => Tensor, options: Partial<LBFGSOptions>) => {
        const optimizer = new LBFGS([w], { maxIter: 1, ...options })
        const step = (): void => {
          optimizer.step(() => {
            optimizer.zeroGrad()
            const loss = lossOf(w.to('float32')).sum()
            loss.backward()
            return loss
          })
        }
        const master = (): number[] => {
          const { master: value } = optimizer.stateDict().state[0]
          return (value as Tensor).tolist() as number[] // one master, of a vector
        }
        return { optimizer, step, master }
      }

      test('adds up steps that are smaller than the rounding', () => {
        const { w } = halfPrecision(new Weights(full([1], 1)))
        const { step } = minimise(w, (x) => x.mul(1), { lr: 1e-4 })
        for (let i = 0; i < 1000; i++) step()
        expect(w.item()).toBeCloseTo(0.9, 2)
      })

      test('searches a line from the master, and steps along it by what it found', () => {
        const { w } = halfPrecision(new Weights(tensor([1.001, -2.003])))
        const { optimizer, step, master } = minimise(w, square, { lr: 0.01, lineSearchFn: 'strong_wolfe' })
        step()
        const { d, t } = optimizer.state.get(w)!
        const direction = (d as Tensor).tolist() as number[] // a vector, as LBFGS leaves it
        const expected = [1.001, -2.003].map((x, i) => x + Number(t) * direction[i])
        expect(Number(t)).toBeGreaterThan(0)
        master().forEach((x, i) => expect(x).toBeCloseTo(expected[i], 6))
        expect(w.tolist()).toEqual(tensor(master(), { dtype: 'bfloat16' }).tolist())
      })

      test('refuses parameters that are rounded at random, before it evaluates anything', () => {
        const { w } = halfPrecision(new Weights(full([1], 1)), { master: 'stochastic-rounding' })
        const { optimizer, step } = minimise(w, square, {})
        expect(step).toThrow('LBFGS compares losses along a line')
        expect(step).toThrow("halfPrecision(model, { master: 'float32' })")
        expect([optimizer.state.size, w.grad]).toEqual([0, null])
      })
    })

    test('masters come back from a checkpoint, whichever of model and optimizer is loaded first', () => {
      const make = () => {
        const model = halfPrecision(new Weights(full([4], 1)))
        return { model, optimizer: new SGD([model.w], { lr: 1e-3 }) }
      }
      const a = make()
      steps(a.model.w, a.optimizer, 3, 1)
      expect(a.model.w.tolist()).toEqual([1, 1, 1, 1].map(() => tensor(0.997).to('bfloat16').item()))
      for (const order of ['model first', 'optimizer first']) {
        const b = make()
        const load = [
          () => b.model.loadStateDict(a.model.stateDict()),
          () => b.optimizer.loadStateDict(a.optimizer.stateDict()),
        ]
        if (order === 'optimizer first') load.reverse()
        for (const one of load) one()
        steps(b.model.w, b.optimizer, 1, 1)
        expect(b.optimizer.stateDict().state[0]['master']).toMatchObject({ dtype: 'float32' })
        const master = b.optimizer.stateDict().state[0]['master'] as Tensor // expected just above
        expect((master.tolist() as number[])[0]).toBeCloseTo(0.996, 6)
      }
    })

    test('what is written into the parameter takes the place of its master', () => {
      const { w } = halfPrecision(new Weights(full([1], 1)))
      const optimizer = new SGD([w], { lr: 0.5 })
      steps(w, optimizer, 1, 1)
      w.data.fill_(8) // unnoticed by versions
      w.detach().fill_(8)
      steps(w, optimizer, 1, 1)
      expect(w.item()).toBe(7.5)
    })

    test('normalization layers stay float32', () => {
      manualSeed(0)
      const model = halfPrecision(
        new Sequential(new Linear(4, 4), new LayerNorm(4), new BatchNorm1d(4), new Linear(4, 1)),
      )
      expect(model.namedParameters().map(([name, p]) => [name, p.dtype])).toEqual([
        ['0.weight', 'bfloat16'],
        ['0.bias', 'bfloat16'],
        ['1.weight', 'float32'],
        ['1.bias', 'float32'],
        ['2.weight', 'float32'],
        ['2.bias', 'float32'],
        ['3.weight', 'bfloat16'],
        ['3.bias', 'bfloat16'],
      ])
      const out = model(randn(6, 4).to('bfloat16'))
      expect(out.dtype).toBe('bfloat16')
      const accumulator = new GradAccumulator(new AdamW(model.parameters(), { lr: 1e-2 }))
      accumulator.backward(out.to('float32').square().mean())
      expect(accumulator.step().stepped).toBe(true)
    })
  })

  describe('with stochastic rounding', () => {
    test.each(['float16', 'bfloat16'] as const)('small steps add up in the mean, in %s', (dtype) => {
      const model = new Weights(full([4096], 1))
      halfPrecision(model, { dtype, master: 'stochastic-rounding' })
      steps(model.w, new SGD([model.w], { lr: 1e-4 }), 100, 1)
      // 100 steps of 1e-4; one rounding is 2⁻⁹ or 2⁻¹² wide, its error a random walk over 4096 weights
      expect(Math.abs(meanOf(model.w) - 0.99)).toBeLessThan(5e-4)
    })

    test.each([
      ['a value between two numbers', 1 + 2 ** -9, [1, 1 + 2 ** -7], 0.25],
      ['below a power of two', 1 - 2 ** -10, [1 - 2 ** -8, 1], 0.75],
      ['a negative value', -3 - 2 ** -7, [-3 - 2 ** -6, -3], 0.5],
    ])('%s goes to its neighbours in proportion', (_name, value, neighbours, share) => {
      const model = new Weights(full([8192], 0))
      halfPrecision(model, { master: 'stochastic-rounding' })
      const optimizer = new SGD([model.w], { lr: Math.abs(value) })
      steps(model.w, optimizer, 1, -Math.sign(value))
      const seen = model.w.tolist() as number[] // a vector
      expect([...new Set(seen)].sort((a, b) => a - b)).toEqual(neighbours)
      expect(seen.filter((x) => x === neighbours[1]).length / seen.length).toBeCloseTo(share, 1)
    })

    test('a number of the dtype stays, and so do 0, inf and NaN', () => {
      const values = [1, -0.5, 0, Infinity, NaN, 2 ** -133]
      const model = new Weights(tensor(values))
      halfPrecision(model, { master: 'stochastic-rounding' })
      steps(model.w, new SGD([model.w], { lr: 1 }), 10, 0)
      expect(model.w.tolist()).toEqual(values)
    })

    test('the same run rounds the same way, and a checkpoint goes on with it', () => {
      const make = () => {
        const model = halfPrecision(new Weights(full([32], 1)), { master: 'stochastic-rounding' })
        return { model, optimizer: new SGD([model.w], { lr: 1e-3 }) }
      }
      const [a, b] = [make(), make()]
      steps(a.model.w, a.optimizer, 7, 1)
      steps(b.model.w, b.optimizer, 4, 1)
      const c = make()
      c.model.loadStateDict(b.model.stateDict())
      c.optimizer.loadStateDict(b.optimizer.stateDict())
      steps(c.model.w, c.optimizer, 3, 1)
      expect(c.model.w.tolist()).toEqual(a.model.w.tolist())
    })
  })

  test('another dtype is refused', () => {
    expect(() => halfPrecision(new Linear(1, 1), { dtype: 'float32' as never })).toThrow(
      'half precision is bfloat16 or float16, got float32',
    )
  })
})
