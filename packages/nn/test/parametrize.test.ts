import { manualSeed, setBackend, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import {
  AveragedModel,
  BatchNorm1d,
  copyModule,
  Dropout,
  emaAverage,
  init,
  Linear,
  Module,
  parametersToVector,
  parametrize,
  Sequential,
  updateBn,
  vectorToParameters,
} from '../src/index.ts'

setBackend(referenceBackend())
const {
  isParametrized,
  orthogonal,
  registerParametrization,
  removeParametrizations,
  spectralNorm,
  weightNorm,
} = parametrize

const ramp = (n: number, ...shape: number[]): Tensor =>
  tensor(Array.from({ length: n }, (_, i) => Math.cos(i))).reshape(shape)
const list = (x: Tensor): number[] => Array.from(x.readSync(), Number)
const largestOf = (x: Tensor): number => x.detach().abs().max().item()
const identity = (n: number): Tensor =>
  tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => Number(i === j))))

test('weightNorm trains a length and a direction per output', () => {
  const plain = new Linear(3, 2)
  const before = plain.weight.detach().clone()
  const layer = weightNorm(plain)
  expect(Object.keys(layer.stateDict())).toEqual([
    'bias',
    'parametrizations.weight.original0',
    'parametrizations.weight.original1',
  ])
  expect(largestOf(layer.weight.sub(before))).toBeLessThan(1e-6)
  layer.getParameter('parametrizations.weight.original0').detach().mul_(2)
  expect(largestOf(layer.weight.sub(before.mul(2)))).toBeLessThan(1e-6)
  layer(ramp(3, 1, 3))
    .sum()
    .backward()
  // along the direction itself nothing changes
  const v = layer.getParameter('parametrizations.weight.original1')
  expect(largestOf(v.grad!.mul(v).sum(1))).toBeLessThan(1e-6)
})

test('spectralNorm brings the largest singular value to 1, and follows it in training only', () => {
  manualSeed(3)
  const layer = spectralNorm(new Linear(2, 2, { bias: false }))
  const w = layer.weight.detach()
  const [a, b, c, d] = list(w)
  const [sum, det] = [a * a + b * b + c * c + d * d, a * d - b * c]
  expect((sum + Math.sqrt(sum * sum - 4 * det * det)) / 2).toBeCloseTo(1, 4)
  const u = layer.stateDict()['parametrizations.weight.0._u'].clone()
  layer.getParameter('parametrizations.weight.original').detach().add_(1)
  layer.eval()
  expect(layer.weight.shape).toEqual([2, 2])
  expect(layer.stateDict()['parametrizations.weight.0._u'].equal(u)).toBe(true)
  layer.train()
  expect(layer.weight.shape).toEqual([2, 2])
  expect(layer.stateDict()['parametrizations.weight.0._u'].equal(u)).toBe(false)
})

for (const orthogonalMap of ['matrix_exp', 'cayley', 'householder'] as const) {
  for (const [rows, columns] of [
    [3, 3],
    [5, 3],
    [3, 5],
  ]) {
    test(`orthogonal by ${orthogonalMap} keeps a ${rows} by ${columns} weight orthogonal while it is trained`, () => {
      const layer = orthogonal(new Linear(columns, rows), { orthogonalMap })
      const gram = (): Tensor => {
        const w = rows < columns ? layer.weight : layer.weight.t()
        return w.matmul(w.t())
      }
      const n = Math.min(rows, columns)
      expect(largestOf(gram().sub(identity(n)))).toBeLessThan(1e-5)
      layer(ramp(columns, 1, columns))
        .mul(ramp(rows, rows))
        .sum()
        .backward()
      const p = layer.getParameter('parametrizations.weight.original')
      const before = layer.weight.detach().clone()
      p.detach().sub_(p.grad!.mul(0.5))
      expect(largestOf(layer.weight.sub(before))).toBeGreaterThan(1e-3)
      expect(largestOf(gram().sub(identity(n)))).toBeLessThan(1e-5)
    })
  }
}

test('householder without a base begins at the weight, made orthonormal', () => {
  const layer = new Linear(3, 5)
  init.orthogonal_(layer.weight)
  const before = layer.weight.detach().clone()
  orthogonal(layer, { useTrivialization: false })
  expect(largestOf(layer.weight.sub(before))).toBeLessThan(1e-6)
})

class Doubled extends Module {
  forward(x: Tensor): Tensor {
    return x.mul(2)
  }
  rightInverse(y: Tensor): Tensor {
    return y.div(2)
  }
}

test('a parametrized field is assigned through the inverses of its steps, and becomes a parameter again', () => {
  const layer = new Linear(1, 1, { bias: false })
  init.constant_(layer.weight, 8)
  const { weight } = layer
  registerParametrization(layer, 'weight', new Doubled())
  registerParametrization(layer, 'weight', new Doubled())
  expect([isParametrized(layer), isParametrized(layer, 'bias')]).toEqual([true, false])
  expect([layer.weight.item(), weight.item()]).toEqual([8, 2])
  Reflect.set(layer, 'weight', tensor([[4]]))
  expect([layer.weight.item(), weight.item()]).toEqual([4, 1])
  removeParametrizations(layer, 'weight')
  expect([isParametrized(layer), layer.weight === weight, layer.weight.item()]).toEqual([false, true, 4])
  expect(() => removeParametrizations(layer, 'weight')).toThrow('does not have a parametrization on weight')
  expect(() => registerParametrization(layer, 'nothing', new Doubled())).toThrow("with name 'nothing'")
})

test('a copy of a module shares nothing with it but what the module shares with itself', () => {
  const layer = new Linear(2, 2)
  const model = new Sequential(layer, new Dropout(0.5), layer).eval()
  const copy = copyModule(model)
  expect(String(copy)).toBe(String(model))
  expect(copy.parameters().length).toBe(2)
  expect(copy.at(1).training).toBe(false)
  init.constant_(layer.weight, 0)
  expect(largestOf(copy.parameters()[0])).toBeGreaterThan(0)
  const norm = copyModule(new BatchNorm1d(2))
  expect(Object.keys(norm.stateDict())).toEqual(Object.keys(new BatchNorm1d(2).stateDict()))
})

test('an averaged model begins with a copy, then averages by its function', () => {
  const model = new Linear(1, 1, { bias: false })
  const ema = new AveragedModel(model, { avgFn: emaAverage(0.75) })
  for (const value of [4, 8]) {
    init.constant_(model.weight, value)
    ema.updateParameters(model)
  }
  expect(ema.module.weight.item()).toBe(5)
  expect(ema(tensor([[2]])).item()).toBe(10)
  expect(Object.keys(ema.stateDict())).toEqual(['n_averaged', 'module.weight'])
  expect(ema.nAveraged.item()).toBe(2)
})

test('updateBn gives the means of the statistics of all batches, and puts modes back', () => {
  const norm = new BatchNorm1d(1)
  const model = new Sequential(norm).eval()
  updateBn([tensor([[0], [2]]), [tensor([[4], [8]])]], model)
  expect([norm.runningMean?.item(), norm.runningVar?.item()]).toEqual([3.5, 5])
  expect([norm.momentum, norm.training, norm.numBatchesTracked?.item()]).toEqual([0.1, false, 2])
})

test('parameters become a vector and are set from one', () => {
  const layer = new Linear(2, 1)
  vectorToParameters(tensor([1, 2, 3]), layer.parameters())
  expect(layer.weight.tolist()).toEqual([[1, 2]])
  expect(parametersToVector(layer.parameters()).tolist()).toEqual([1, 2, 3])
  expect(() => vectorToParameters(tensor([1, 2]), layer.parameters())).toThrow('a vector of 3 elements')
})
