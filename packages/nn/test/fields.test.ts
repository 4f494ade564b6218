import { noGrad } from '@gradus/autograd'
import { ArgumentError, ones, setBackend, type Tensor, zeros } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { BatchNorm1d, copyModule, Linear, Module, Parameter, Sequential, Tanh } from '../src/index.ts'
import { AveragedModel, parametrize } from '../src/index.ts'

setBackend(referenceBackend())

test('a tensor in place of a parameter is refused, in a layer and in a module of the user', () => {
  class Scale extends Module {
    factor = new Parameter(ones(2))
    forward(x: Tensor): Tensor {
      return x.mul(this.factor)
    }
  }
  const layer = new Linear(2, 2)
  const scale = new Scale()
  scale.parameters()
  // @ts-expect-error a tensor is no parameter
  expect(() => (layer.weight = layer.weight.mul(2))).toThrow(ArgumentError)
  // @ts-expect-error a tensor is no parameter
  expect(() => (scale.factor = ones(2))).toThrow(
    "cannot assign a tensor float32[2] as parameter 'factor' (nn.Parameter or null expected)",
  )
  expect(Object.keys(scale.stateDict())).toEqual(['factor'])
})

test('a parameter that is null refuses a tensor, and takes a parameter', () => {
  const layer = new Linear(2, 2, { bias: false })
  expect(() => Reflect.set(layer, 'bias', zeros(2))).toThrow("as parameter 'bias'")
  layer.bias = new Parameter(zeros(2))
  expect(Object.keys(layer.stateDict())).toEqual(['weight', 'bias'])
  layer.bias = null
  expect(layer.parameters()).toHaveLength(1)
})

test('a buffer refuses what is no tensor, and a child what is no module', () => {
  const norm = new BatchNorm1d(2)
  expect(() => Reflect.set(norm, 'runningMean', 3)).toThrow("cannot assign 3 as buffer 'runningMean'")
  norm.runningMean = ones(2)
  expect(norm.stateDict()['running_mean'].tolist()).toEqual([1, 1])
  const model = new Sequential(new Tanh())
  expect(() => Reflect.set(model, '0', (x: unknown) => x)).toThrow("as child module '0' (nn.Module or null")
  model[0] = new Linear(2, 2)
  expect(model(ones(1, 2)).shape).toEqual([1, 2])
})

test('a module has the methods that its type has as a function', () => {
  const layer = new Linear(2, 3)
  const x = ones(1, 2)
  expect(layer.call(null, x).equal(layer(x))).toBe(true)
  expect(layer.bind(null, x)().equal(layer(x))).toBe(true)
})

test('JSON and structuredClone of a module are errors', () => {
  expect(() => JSON.stringify({ model: new Linear(2, 2) })).toThrow('a Linear cannot be written as JSON')
  expect(() => structuredClone(new Linear(2, 2))).toThrow('could not be cloned')
})

const parametrized = {
  weightNorm: () => parametrize.weightNorm(new Linear(3, 3)),
  spectralNorm: () => parametrize.spectralNorm(new Linear(3, 3)),
  orthogonal: () => parametrize.orthogonal(new Linear(3, 3)),
}

test.each(Object.keys(parametrized) as (keyof typeof parametrized)[])('a layer with %s is copied', (name) => {
  const layer = parametrized[name]().eval()
  const copy = copyModule(layer)
  const x = ones(2, 3)
  expect(copy(x).equal(layer(x))).toBe(true)
  expect(Object.keys(copy.stateDict())).toEqual(Object.keys(layer.stateDict()))
  // the copy has parameters of its own
  noGrad(() => copy.parameters().forEach((p) => p.mul_(1.5)))
  expect(copy(x).equal(layer(x))).toBe(false)
  copy(x).sum().backward()
  expect(layer.parameters().every((p) => p.grad === null)).toBe(true)
  expect(new AveragedModel(layer)(x).equal(layer(x))).toBe(true)
})

test('a layer that pads is copied with its mode', () => {
  class Net extends Module {
    maps = new Map([['a', ones(2)]])
    forward(): Tensor {
      return this.maps.get('a')!
    }
  }
  const net = new Net()
  expect(copyModule(net)().equal(net())).toBe(true)
  expect(copyModule(net)() === net()).toBe(false)
})
