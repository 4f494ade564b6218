import * as g from 'gradus'
import { describe, expect, test } from 'vitest'

const { functionalCall, stackModuleState, replaceAllBatchNormModules_ } = g.func

class Tied extends g.nn.Module {
  foo = new g.nn.Parameter(g.ones())
  tied = this.foo
  forward(x: g.Tensor): g.Tensor {
    return x.add(this.foo).add(this.tied)
  }
}

class Counter extends g.nn.Module {
  count = this.registerBuffer('count', g.zeros())
  layers = [new g.nn.Parameter(g.ones(2)), new g.nn.Parameter(g.ones(2))]
  forward(x: g.Tensor): g.Tensor {
    this.count = this.count.add(1)
    return x.mul(this.layers[0]).add(this.layers[1])
  }
}

describe('functionalCall', () => {
  test('calls with the given tensors, and leaves the module as it was', () => {
    const layer = new g.nn.Linear(2, 2)
    const { weight } = layer
    const y = functionalCall(layer, { weight: g.zeros(2, 2), bias: g.tensor([1, 2]) }, g.ones(1, 2))
    expect(y.tolist()).toEqual([[1, 2]])
    expect(layer.weight).toBe(weight)
    expect(layer.parameters()).toHaveLength(2)
  })

  test('what is left out stays; several dictionaries go together', () => {
    const layer = new g.nn.Linear(2, 2)
    const bias = layer.bias
    const y = functionalCall(layer, { weight: g.zeros(2, 2) }, [g.ones(1, 2)])
    expect(y.tolist()).toEqual([bias?.tolist()])
    const both = functionalCall(layer, [{ weight: g.zeros(2, 2) }, { bias: g.ones(2) }], g.ones(1, 2))
    expect(both.tolist()).toEqual([[1, 1]])
  })

  test('the module has its own tensors again after an error', () => {
    const layer = new g.nn.Linear(2, 2)
    const { weight } = layer
    expect(() => functionalCall(layer, { weight: g.zeros(3, 5) }, g.ones(1, 2))).toThrow(g.ShapeError)
    expect(layer.weight).toBe(weight)
  })

  test('gradients of all parameters by func.grad', () => {
    const net = new g.nn.Sequential(new g.nn.Linear(3, 4), new g.nn.Tanh(), new g.nn.Linear(4, 1))
    const x = g.randn(5, 3)
    const params = Object.fromEntries(net.namedParameters().map(([k, p]) => [k, p.detach()]))
    const grads = g.func.grad((p: typeof params) => functionalCall(net, p, x).square().mean())(params)
    net(x).square().mean().backward()
    for (const [key, p] of net.namedParameters()) expect(grads[key].equal(p.grad!)).toBe(true)
  })

  test('arrays of parameters, and buffers that the call replaces', () => {
    const module = new Counter()
    const given = { count: g.tensor(4), 'layers.0': g.tensor([2, 3]) }
    expect(functionalCall(module, given, g.ones(2)).tolist()).toEqual([3, 4])
    expect(given.count.item()).toBe(5)
    expect(module.count.item()).toBe(0)
    expect(module.layers[0].tolist()).toEqual([1, 1])
  })

  // PyTorch's documentation has these
  test('tied weights', () => {
    const mod = new Tied()
    const [zero, a] = [g.zeros(), { foo: g.zeros() }]
    expect(mod(zero).item()).toBe(2)
    expect(functionalCall(mod, a, zero).item()).toBe(0)
    expect(functionalCall(mod, a, zero, { tieWeights: false }).item()).toBe(1)
    const two = { foo: g.zeros(), tied: g.zeros() }
    expect(() => functionalCall(mod, two, zero)).toThrow(
      "functionalCall got multiple values for keys ['foo', 'tied'], which are tied. Consider using tieWeights: false",
    )
    expect(functionalCall(mod, two, zero, { tieWeights: false }).item()).toBe(0)
    expect(functionalCall(mod, { foo: zero, tied: zero }, zero).item()).toBe(0)
  })

  test('keys that do not match', () => {
    const layer = new g.nn.Linear(2, 2)
    const x = g.ones(1, 2)
    const some = { weight: g.zeros(2, 2), foo: x }
    expect(functionalCall(layer, some, x).shape).toEqual([1, 2])
    expect('foo' in layer).toBe(false)
    expect(() => functionalCall(layer, some, x, { strict: true })).toThrow(
      "Error(s) in reparametrizing for Linear:\n\tUnexpected key(s): 'foo'.\n\tMissing key(s): 'bias'.",
    )
    expect(() => functionalCall(layer, { 'a.weight': x }, x)).toThrow('Linear has no attribute `a`')
    expect(() => functionalCall(layer, [{ weight: x }, { weight: x }], x)).toThrow(
      "['weight'] appeared in multiple dictionaries; behavior of functional call is ambiguous",
    )
    // @ts-expect-error a number is no tensor
    expect(() => functionalCall(layer, { weight: 3 }, x)).toThrow("'weight': 3 is not a Tensor")
    // @ts-expect-error a number is no dictionary
    expect(() => functionalCall(layer, [3], x)).toThrow(
      'Expected all elements of parameterAndBufferDicts to be objects of tensors',
    )
  })

  test('a parametrized weight: computed from a given original, or given itself', () => {
    const layer = g.nn.utils.parametrizations.weightNorm(new g.nn.Linear(2, 1, { bias: false }))
    const x = g.ones(1, 2)
    expect(functionalCall(layer, { weight: g.tensor([[3, 4]]) }, x).item()).toBe(7)
    const originals = {
      'parametrizations.weight.original0': g.tensor([[5]]),
      'parametrizations.weight.original1': g.tensor([[3, 4]]),
    }
    expect(functionalCall(layer, originals, x, { strict: true }).item()).toBeCloseTo(7, 5)
  })
})

describe('stackModuleState', () => {
  test('stacks parameters and buffers as leaves', () => {
    const models = Array.from({ length: 3 }, () => new g.nn.BatchNorm1d(4))
    const [params, buffers] = stackModuleState(models)
    expect(Object.keys(params)).toEqual(['weight', 'bias'])
    expect(Object.keys(buffers)).toEqual(['running_mean', 'running_var', 'num_batches_tracked'])
    expect([params['weight'].shape, params['weight'].isLeaf, params['weight'].requiresGrad]).toEqual([
      [3, 4],
      true,
      true,
    ])
    expect([buffers['running_mean'].shape, buffers['running_mean'].requiresGrad]).toEqual([[3, 4], false])
  })

  test('refuses models that differ', () => {
    const [a, b] = [new g.nn.Linear(2, 2), new g.nn.Linear(2, 2)]
    expect(() => stackModuleState([])).toThrow('stackModuleState: Expected at least one model, got 0.')
    expect(() => stackModuleState([a, new g.nn.Linear(3, 2)])).toThrow(g.ShapeError)
    expect(() => stackModuleState([a, new g.nn.ReLU()])).toThrow(
      'Expected all models to be of the same class.',
    )
    b.weight.requiresGrad_(false)
    expect(() => stackModuleState([a, b])).toThrow(
      'Expected weight from each model to have the same .requiresGrad',
    )
    b.eval()
    expect(() => stackModuleState([a, b])).toThrow('Expected all models to have the same training/eval mode.')
  })
})

test('replaceAllBatchNormModules_ takes running statistics away', () => {
  const net = new g.nn.Sequential(new g.nn.Linear(2, 3), new g.nn.Sequential(new g.nn.BatchNorm1d(3)))
  expect(replaceAllBatchNormModules_(net)).toBe(net)
  expect(net.buffers()).toEqual([])
  expect(String(net)).toContain('track_running_stats=False')
  const y = net.eval()(g.randn(8, 2))
  expect(y.mean(0).abs().max().item()).toBeLessThan(1e-5)
})
